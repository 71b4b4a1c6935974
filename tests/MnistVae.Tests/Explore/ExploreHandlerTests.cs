using System.Text;
using System.Text.Json;
using MnistVae.Commands;
using MnistVae.Explore;
using MnistVae.Tests.Models;
using TorchSharp;

namespace MnistVae.Tests.Explore;

public sealed class ExploreHandlerTests : IDisposable
{
    private readonly SmallRun run = new(SmallDigits.Options);
    private readonly ExploreHandler handler;

    public ExploreHandlerTests() => handler = new ExploreHandler(new LatentExplorer(run.Session, run.Run));

    public void Dispose() => run.Dispose();

    [Fact]
    public void ThePageLoadsNothingFromElsewhere()
    {
        var reply = handler.Answer(Get("/"));
        string page = Encoding.UTF8.GetString(reply.Body);
        Assert.Equal((200, "text/html; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.DoesNotContain("//", page.Replace("// ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'; script-src 'sha256-", reply.Policy, StringComparison.Ordinal);

        // The policy lets no style attribute and no handler in an attribute through.
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=", page);
    }

    [Fact]
    public void TheFactsAreThoseOfTheRun()
    {
        using var facts = Json(handler.Answer(Get("/model")), 200);
        Assert.Equal("run", facts.RootElement.GetProperty("run").GetString());
        Assert.False(facts.RootElement.GetProperty("conditional").GetBoolean());
        Assert.Equal(("z", 0), (facts.RootElement.GetProperty("code").GetString(), facts.RootElement.GetProperty("above").GetArrayLength()));

        // Three standard deviations of Normal(0, 1) from 960 draws: their standard error is 0.03, ours three times that and the mean's.
        foreach (string bound in new[] { "low", "high" })
        {
            Assert.All(facts.RootElement.GetProperty(bound).EnumerateArray(), value => Assert.Equal(3, Math.Abs(value.GetDouble()), 0.5));
            Assert.Equal(3, facts.RootElement.GetProperty(bound).GetArrayLength());
        }
    }

    [Fact]
    public void ACodeIsDecodedAsTheModelDoes()
    {
        using var answer = Json(Ask("/decode", """{"code":[0.5,-1,2e0]}"""), 200);
        using var scope = torch.NewDisposeScope();
        float[] expected = run.Session.Vae.Decode(torch.tensor(new[] { 0.5f, -1, 2 }, [1, 3])).data<float>().ToArray();
        byte[] image = answer.RootElement.GetProperty("image").GetBytesFromBase64();
        Assert.Equal(784, image.Length);
        Assert.All(image.Zip(expected), pair => Assert.Equal(255 * pair.Second, pair.First, 0.51));
    }

    [Fact]
    public void AGridRunsToTheRightAndUpwards()
    {
        using var facts = Json(handler.Answer(Get("/model")), 200);
        double Bound(string name, int at) => facts.RootElement.GetProperty(name)[at].GetDouble();
        using var answer = Json(Ask("/grid", """{"code":[0.25,9,9],"across":2,"up":1}"""), 200);
        byte[] images = answer.RootElement.GetProperty("images").GetBytesFromBase64();
        Assert.Equal(13 * 13 * 784, images.Length);

        // The last image of the first row lies at the upper end of both.
        string corner = FormattableString.Invariant($$"""{"code":[0.25,{{Bound("high", 1):R}},{{Bound("high", 2):R}}]}""");
        using var decoded = Json(Ask("/decode", corner), 200);
        Assert.Equal(decoded.RootElement.GetProperty("image").GetBytesFromBase64(), images[(12 * 784)..(13 * 784)]);
    }

    [Fact]
    public void ADrawIsTheSameForTheSameNumber()
    {
        string first = Encoding.UTF8.GetString(Ask("/draw", """{"number":4}""").Body);
        Assert.Equal(first, Encoding.UTF8.GetString(Ask("/draw", """{"number":4}""").Body));
        Assert.NotEqual(first, Encoding.UTF8.GetString(Ask("/draw", """{"number":5}""").Body));
    }

    [Fact]
    public void AnImageGetsItsCodeAndItsElbo()
    {
        int[] pixels = [.. Enumerable.Range(0, 784).Select(pixel => pixel % 2 * 200)];
        using var answer = Json(Ask("/encode", $$"""{"pixels":[{{string.Join(',', pixels)}}]}"""), 200);
        var root = answer.RootElement;
        Assert.Equal(pixels.Select(level => (byte)(level == 200 ? 255 : 0)), root.GetProperty("seen").GetBytesFromBase64());
        Assert.All(root.GetProperty("deviation").EnumerateArray(), value => Assert.True(value.GetDouble() > 0));

        // The terms are those of one image: an untrained model gives each pixel about log 2.
        double likelihood = Term("x", isKl: false), kl = Term("z", isKl: true);
        Assert.Equal(-784 * Math.Log(2), likelihood, 40.0);
        Assert.Equal(likelihood - kl, root.GetProperty("elbo").GetDouble(), 1e-6);

        // KL(Normal(m, s) ‖ Normal(0, 1)) = Σ ½ (m² + s² − 1) − log s, to float32's accuracy.
        double[] mean = Numbers("mean"), deviation = Numbers("deviation");
        Assert.Equal(mean.Zip(deviation, (m, s) => (0.5 * ((m * m) + (s * s) - 1)) - Math.Log(s)).Sum(), kl, 1e-4);

        double Term(string site, bool isKl) => root.GetProperty("terms").EnumerateArray()
            .Single(term => term.GetProperty("site").GetString() == site && term.GetProperty("isKl").GetBoolean() == isKl).GetProperty("value").GetDouble();
        double[] Numbers(string name) => [.. root.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
    }

    [Theory]
    [InlineData("/decode", "", "The body is no well-formed JSON object of numbers and lists of numbers, each name given once.")]
    [InlineData("/decode", "[1,2,3]", "The body is no JSON object; send one with the fields by name.")]
    [InlineData("/decode", "{}", "'code' is missing in the body.")]
    [InlineData("/decode", """{"code":1}""", "'code' is no list, but it must be a list of 3 numbers.")]
    [InlineData("/decode", """{"code":[1,2]}""", "'code' is a list of 2, but it must be a list of 3 numbers.")]
    [InlineData("/decode", """{"code":[1,2,3,4]}""", "'code' is a list of 4, but it must be a list of 3 numbers.")]
    [InlineData("/decode", """{"code":[1,2,1e999]}""", "'code' has something else than a number from -1000 to 1000 in place 2.")]
    [InlineData("/decode", """{"code":[1,"2",3]}""", "'code' has something else than a number from -1000 to 1000 in place 1.")]
    [InlineData("/decode", """{"code":[-1001,2,3]}""", "'code' has something else than a number from -1000 to 1000 in place 0.")]
    [InlineData("/decode", """{"code":[NaN,2,3]}""", "The body is no well-formed JSON object of numbers and lists of numbers, each name given once.")]
    [InlineData("/decode", """{"code":[[1],2,3]}""", "The body is no well-formed JSON object of numbers and lists of numbers, each name given once.")]
    [InlineData("/decode", """{"code":[1,2,3],"code":[1,2,3]}""", "The body is no well-formed JSON object of numbers and lists of numbers, each name given once.")]
    [InlineData("/decode", """{"code":[1,2,3],"\ud800":1}""", "The body is no well-formed JSON object of numbers and lists of numbers, each name given once.")]
    [InlineData("/decode", """{"code":[1,2,3],"\ud800":1,"\udc00":1}""", "The body is no well-formed JSON object of numbers and lists of numbers, each name given once.")]
    [InlineData("/decode", """{"code":[1,2,3],"digit":1}""", "'digit' is no field of this request; the fields are code.")]
    [InlineData("/grid", """{"code":[1,2,3],"across":0,"up":3}""", "'up' must be a whole number from 0 to 2.")]
    [InlineData("/grid", """{"code":[1,2,3],"across":1,"up":1}""", "'across' and 'up' must be two different numbers of the code.")]
    [InlineData("/draw", """{"number":-1}""", "'number' must be a whole number from 0 to 2147483647.")]
    [InlineData("/draw", """{"number":1.5}""", "'number' must be a whole number from 0 to 2147483647.")]
    [InlineData("/encode", """{"pixels":[0,1]}""", "'pixels' is a list of 2, but it must be a list of 784 numbers.")]
    public void WhatIsNotWellFormedIsRefusedWithASentence(string path, string body, string sentence) => AssertRefused(400, sentence, Ask(path, body));

    [Fact]
    public void ABodyTooLongOrOfAnotherTypeIsRefused()
    {
        AssertRefused(400, "The body is longer than 131072 bytes.", handler.Answer(Post("/decode", "") with { Body = null }));
        AssertRefused(400, "The body's type must be application/json.", handler.Answer(Post("/decode", "{}") with { ContentType = "text/plain" }));
    }

    [Fact]
    public void OtherSitesAreRefused()
    {
        Assert.Equal(200, handler.Answer(Get("/") with { Host = "localhost:8128" }).Status);
        Assert.Equal(200, handler.Answer(Get("/") with { Origin = "http://127.0.0.1:8128" }).Status);
        foreach (string? host in new[] { null, "", "example.org", "example.org:8128", "127.0.0.1.example.org", "127.0.0.1:8128:1" })
        {
            AssertRefused(403, "This server answers to 127.0.0.1 and localhost alone.", handler.Answer(Get("/") with { Host = host }));
        }

        foreach (string origin in new[] { "null", "http://example.org", "http://127.0.0.1:9", "https://127.0.0.1:8128" })
        {
            AssertRefused(403, "This server answers its own page alone, and no other site's.", handler.Answer(Post("/draw", """{"number":1}""") with { Origin = origin }));
        }
    }

    [Fact]
    public void OtherAddressesAndMethodsAreRefused()
    {
        AssertRefused(404, "There is nothing at this address; the page is at /.", handler.Answer(Get("/run.json")));
        AssertRefused(405, "/decode is for POST.", handler.Answer(Get("/decode")));
        AssertRefused(405, "/model is for GET.", handler.Answer(Post("/model", "{}")));
    }

    [Theory]
    [InlineData(Structure.Conditional, PosteriorKind.MeanField, 3)]
    [InlineData(Structure.Hierarchical, PosteriorKind.MeanField, 3)]
    [InlineData(Structure.Plain, PosteriorKind.Flow, 3)]
    [InlineData(Structure.Plain, PosteriorKind.MeanField, 1)]
    public void EveryKindOfModelIsExplored(Structure structure, PosteriorKind posterior, int latent)
    {
        using var other = new SmallRun(SmallDigits.Options with { Structure = structure, Posterior = posterior, Latent = latent });
        var explorer = new LatentExplorer(other.Session, other.Run);
        var otherHandler = new ExploreHandler(explorer);
        string digit = structure == Structure.Conditional ? ""","digit":7""" : "";
        string pixels = string.Join(',', Enumerable.Repeat(0, 784));
        bool hasTwo = structure == Structure.Hierarchical;
        Assert.Equal((hasTwo ? "z1" : "z", hasTwo ? "z2" : ""), (explorer.Facts.Code, string.Join(',', explorer.Facts.Above)));
        Assert.Equal(200, otherHandler.Answer(Post("/draw", $$"""{"number":1{{digit}}}""")).Status);
        Assert.Equal(200, otherHandler.Answer(Post("/encode", $$"""{"pixels":[{{pixels}}]{{digit}}}""")).Status);
        if (structure == Structure.Conditional)
        {
            Assert.NotEqual(explorer.Decode([0, 0, 0], 7), explorer.Decode([0, 0, 0], 1));
            AssertRefused(400, "'digit' is missing in the body.", otherHandler.Answer(Post("/draw", """{"number":1}""")));
            AssertRefused(400, "'digit' must be a whole number from 0 to 9.", otherHandler.Answer(Post("/draw", """{"number":1,"digit":10}""")));
        }
    }

    private static ExploreRequest Get(string path) => new("GET", path, "127.0.0.1:8128", null, null, []);

    private static ExploreRequest Post(string path, string body) => new("POST", path, "127.0.0.1:8128", null, "application/json", Encoding.UTF8.GetBytes(body));

    private ExploreReply Ask(string path, string body) => handler.Answer(Post(path, body));

    private static JsonDocument Json(ExploreReply reply, int status)
    {
        Assert.Equal((status, "application/json"), (reply.Status, reply.ContentType));
        return JsonDocument.Parse(reply.Body);
    }

    private static void AssertRefused(int status, string sentence, ExploreReply reply)
    {
        using var document = Json(reply, status);
        Assert.Equal(sentence, document.RootElement.GetProperty("error").GetString());
    }
}
