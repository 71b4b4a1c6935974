using System.Text;
using System.Text.Json;
using MnistVae.Tests.Models;
using TorchSharp;

namespace MnistVae.Tests.Explore;

public sealed class ExploreSiteTests : IAsyncLifetime
{
    private ServedRun served = null!;

    public async ValueTask InitializeAsync() => served = await ServedRun.StartAsync(SmallDigits.Options);

    public ValueTask DisposeAsync() => served.DisposeAsync();

    [Fact]
    public async Task ThePageLoadsNothingFromElsewhere()
    {
        var reply = await served.AskAsync(new Question("GET", "/"));
        string page = Encoding.UTF8.GetString(reply.Body);
        Assert.Equal((200, "text/html; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.DoesNotContain("//", page.Replace("// ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'; script-src 'sha256-", reply.Policy, StringComparison.Ordinal);

        // The policy lets no style attribute and no handler in an attribute through.
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=", page);
    }

    [Fact]
    public async Task TheFactsAreThoseOfTheRun()
    {
        using var facts = Json(await served.AskAsync(new Question("GET", "/model")), 200);
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
    public async Task ACodeIsDecodedAsTheModelDoes()
    {
        using var answer = Json(await served.AskAsync("/decode", """{"code":[0.5,-1,2e0]}"""), 200);
        using var scope = torch.NewDisposeScope();
        float[] expected = served.Run.Session.Vae.Decode(torch.tensor(new[] { 0.5f, -1, 2 }, [1, 3])).data<float>().ToArray();
        byte[] image = answer.RootElement.GetProperty("image").GetBytesFromBase64();
        Assert.Equal(784, image.Length);
        Assert.All(image.Zip(expected), pair => Assert.Equal(255 * pair.Second, pair.First, 0.51));
    }

    [Fact]
    public async Task AGridRunsToTheRightAndUpwards()
    {
        using var facts = Json(await served.AskAsync(new Question("GET", "/model")), 200);
        double Bound(string name, int at) => facts.RootElement.GetProperty(name)[at].GetDouble();
        using var answer = Json(await served.AskAsync("/grid", """{"code":[0.25,9,9],"across":2,"up":1}"""), 200);
        byte[] images = answer.RootElement.GetProperty("images").GetBytesFromBase64();
        Assert.Equal(13 * 13 * 784, images.Length);

        // The last image of the first row lies at the upper end of both.
        string corner = FormattableString.Invariant($$"""{"code":[0.25,{{Bound("high", 1):R}},{{Bound("high", 2):R}}]}""");
        using var decoded = Json(await served.AskAsync("/decode", corner), 200);
        Assert.Equal(decoded.RootElement.GetProperty("image").GetBytesFromBase64(), images[(12 * 784)..(13 * 784)]);
    }

    [Fact]
    public async Task ADrawIsTheSameForTheSameNumber()
    {
        string first = Encoding.UTF8.GetString((await served.AskAsync("/draw", """{"number":4}""")).Body);
        Assert.Equal(first, Encoding.UTF8.GetString((await served.AskAsync("/draw", """{"number":4}""")).Body));
        Assert.NotEqual(first, Encoding.UTF8.GetString((await served.AskAsync("/draw", """{"number":5}""")).Body));
    }

    [Fact]
    public async Task AnImageGetsItsCodeAndItsElbo()
    {
        int[] pixels = [.. Enumerable.Range(0, 784).Select(pixel => pixel % 2 * 200)];
        using var answer = Json(await served.AskAsync("/encode", $$"""{"pixels":[{{string.Join(',', pixels)}}]}"""), 200);
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
    [InlineData("/decode", "", "This is no question of this page: ")]
    [InlineData("/decode", "[1,2,3]", "This is no question of this page: ")]
    [InlineData("/decode", "{}", "This is no question of this page: ")]
    [InlineData("/decode", """{"code":1}""", "(code).")]
    [InlineData("/decode", """{"code":null}""", "(code).")]
    [InlineData("/decode", """{"code":[1,2]}""", "'code' must be 3 numbers from -1000 to 1000, and it is 2 numbers, of which 2 are such.")]
    [InlineData("/decode", """{"code":[1,2,3,4]}""", "'code' must be 3 numbers from -1000 to 1000, and it is 4 numbers, of which 4 are such.")]
    [InlineData("/decode", """{"code":[1,2,1e999]}""", "'code' must be 3 numbers from -1000 to 1000, and it is 3 numbers, of which 2 are such.")]
    [InlineData("/decode", """{"code":[1,"2",3]}""", "(code[1]).")]
    [InlineData("/decode", """{"code":[-1001,2,3]}""", "'code' must be 3 numbers from -1000 to 1000, and it is 3 numbers, of which 2 are such.")]
    [InlineData("/decode", """{"code":[NaN,2,3]}""", "(code[0]).")]
    [InlineData("/decode", """{"code":[[1],2,3]}""", "(code[0]).")]
    [InlineData("/decode", """{"code":[1,2,3],"code":[1,2,3]}""", "(code).")]
    [InlineData("/decode", """{"code":[1,2,3],"\ud800":1}""", "This is no question of this page: ")]
    [InlineData("/decode", """{"code":[1,2,3],"digits":1}""", "(digits).")]
    [InlineData("/decode", """{"code":[1,2,3],"digit":1}""", "'digit' must be a whole number from 0 to 0, and it is 1.")]
    [InlineData("/grid", """{"code":[1,2,3],"across":0,"up":3}""", "'up' must be a whole number from 0 to 2, and it is 3.")]
    [InlineData("/grid", """{"code":[1,2,3],"across":1,"up":1}""", "'across' and 'up' must be two different numbers of the code.")]
    [InlineData("/draw", """{"number":-1}""", "'number' must be a whole number from 0 to 2147483646, and it is -1.")]
    [InlineData("/draw", """{"number":1.5}""", "(number).")]
    [InlineData("/encode", """{"pixels":[0,1]}""", "'pixels' must be 784 numbers from 0 to 255, and it is 2 numbers, of which 2 are such.")]
    public async Task WhatIsNotWellFormedIsRefusedWithASentence(string path, string body, string part) => AssertRefused(400, part, await served.AskAsync(path, body));

    [Fact]
    public async Task ABodyTooLongOrOfAnotherTypeIsRefused()
    {
        AssertRefused(413, "131072 bytes", await served.AskAsync("/decode", new string(' ', (128 * 1024) + 1)));
        AssertRefused(415, "send JSON as application/json.", await served.AskAsync(new Question("POST", "/decode", "{}", ContentType: "text/plain")));
    }

    [Fact]
    public async Task OtherSitesAreRefused()
    {
        string self = $"http://127.0.0.1:{served.Site.Address.Port}";
        Assert.Equal(200, (await served.AskAsync(new Question("GET", "/", Host: "localhost:8128"))).Status);
        Assert.Equal(200, (await served.AskAsync(new Question("GET", "/", Origin: self))).Status);
        foreach (string host in new[] { "example.org", "example.org:8128", "127.0.0.1.example.org" })
        {
            AssertRefused(400, "answers to localhost and 127.0.0.1 alone", await served.AskAsync(new Question("GET", "/", Host: host)));
        }

        foreach (string origin in new[] { "null", "http://example.org", "http://127.0.0.1:9", self.Replace("http:", "https:", StringComparison.Ordinal) })
        {
            AssertRefused(403, "This server answers its own page alone, and no other site's.", await served.AskAsync(new Question("POST", "/draw", """{"number":1}""", Origin: origin)));
        }
    }

    [Fact]
    public async Task OtherAddressesAndMethodsAreRefused()
    {
        AssertRefused(404, "the page is at /.", await served.AskAsync(new Question("GET", "/run.json")));
        AssertRefused(405, "the questions take POST.", await served.AskAsync(new Question("GET", "/decode")));
        AssertRefused(405, "/model take GET", await served.AskAsync(new Question("POST", "/model", "{}")));
    }

    [Theory]
    [InlineData(Structure.Conditional, PosteriorKind.MeanField, 3)]
    [InlineData(Structure.Hierarchical, PosteriorKind.MeanField, 3)]
    [InlineData(Structure.Plain, PosteriorKind.Flow, 3)]
    [InlineData(Structure.Plain, PosteriorKind.MeanField, 1)]
    public async Task EveryKindOfModelIsExplored(Structure structure, PosteriorKind posterior, int latent)
    {
        await using var other = await ServedRun.StartAsync(SmallDigits.Options with { Structure = structure, Posterior = posterior, Latent = latent });
        var explorer = other.Explorer;
        string digit = structure == Structure.Conditional ? ""","digit":7""" : "";
        string pixels = string.Join(',', Enumerable.Repeat(0, 784));
        bool hasTwo = structure == Structure.Hierarchical;
        Assert.Equal((hasTwo ? "z1" : "z", hasTwo ? "z2" : ""), (explorer.Facts.Code, string.Join(',', explorer.Facts.Above)));
        Assert.Equal(200, (await other.AskAsync("/draw", $$"""{"number":1{{digit}}}""")).Status);
        Assert.Equal(200, (await other.AskAsync("/encode", $$"""{"pixels":[{{pixels}}]{{digit}}}""")).Status);
        if (structure == Structure.Conditional)
        {
            Assert.NotEqual(explorer.Decode([0, 0, 0], 7), explorer.Decode([0, 0, 0], 1));
            AssertRefused(400, "'digit' must be a whole number from 0 to 9, and it is 10.", await other.AskAsync("/draw", """{"number":1,"digit":10}"""));
        }
    }

    private static JsonDocument Json(Reply reply, int status)
    {
        Assert.Equal((status, "application/json; charset=utf-8"), (reply.Status, reply.ContentType));
        return JsonDocument.Parse(reply.Body);
    }

    private static void AssertRefused(int status, string part, Reply reply)
    {
        using var document = Json(reply, status);
        string sentence = document.RootElement.GetProperty("error").GetString()!;
        Assert.Contains(part, sentence, StringComparison.Ordinal);
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
    }
}
