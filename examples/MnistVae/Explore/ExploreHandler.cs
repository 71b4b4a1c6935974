using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MnistVae.Data;
using ProbVae;

namespace MnistVae.Explore;

/// <summary>An image, 28 x 28 grey levels.</summary>
internal sealed record ImageAnswer(byte[] Image);

/// <summary>The images of a grid, row after row.</summary>
internal sealed record GridAnswer(byte[] Images);

/// <summary>A code and its image.</summary>
internal sealed record DrawAnswer(float[] Code, byte[] Image);

/// <summary>What was wrong.</summary>
internal sealed record Refusal(string Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ModelFacts))]
[JsonSerializable(typeof(ImageAnswer))]
[JsonSerializable(typeof(GridAnswer))]
[JsonSerializable(typeof(DrawAnswer))]
[JsonSerializable(typeof(Encoded))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class ExploreJson : JsonSerializerContext;

/// <summary>Answers the page's requests, and refuses all others with a sentence. It knows nothing of sockets.</summary>
public sealed class ExploreHandler(LatentExplorer explorer)
{
    // Far outside of any prior that the models have, and well inside of float32.
    private const double Farthest = 1000;
    private const string Json = "application/json";

    private static readonly string[] Questions = ["/decode", "/grid", "/draw", "/encode"];

    private readonly ExploreReply page = ExplorePage.Load();

    public ExploreReply Answer(ExploreRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);

        // A name that leads here without being this machine's own is another site's doing (DNS rebinding).
        if (request.Host is not { } host || !IsThisMachine(host))
        {
            return Refuse(403, "This server answers to 127.0.0.1 and localhost alone.");
        }

        if (request.Origin is { } origin && origin != "http://" + host)
        {
            return Refuse(403, "This server answers its own page alone, and no other site's.");
        }

        bool isQuestion = Questions.Contains(request.Path);
        return (request.Method, request.Path) switch
        {
            ("GET", "/") => page,
            ("GET", "/model") => Tell(explorer.Facts, ExploreJson.Default.ModelFacts),
            ("POST", _) when isQuestion => AnswerQuestion(request),
            (_, "/" or "/model") => Refuse(405, $"{request.Path} is for GET."),
            _ when isQuestion => Refuse(405, $"{request.Path} is for POST."),
            _ => Refuse(404, "There is nothing at this address; the page is at /."),
        };
    }

    /// <summary>A refusal with its sentence.</summary>
    public static ExploreReply Refuse(int status, string sentence) => Tell(new Refusal(sentence), ExploreJson.Default.Refusal, status);

    private ExploreReply AnswerQuestion(ExploreRequest request)
    {
        if (request.ContentType?.Split(';')[0].Trim() != Json)
        {
            return Refuse(400, $"The body's type must be {Json}.");
        }

        if (request.Body is null)
        {
            return Refuse(400, $"The body is longer than {ExploreRequest.MostBytes} bytes.");
        }

        try
        {
            using var body = ExploreBody.Parse(request.Body);
            return request.Path switch
            {
                "/decode" => Decode(body),
                "/grid" => Grid(body),
                "/draw" => Draw(body),
                _ => Encode(body),
            };
        }
        catch (UserError mistake)
        {
            return Refuse(400, mistake.Message);
        }
        catch (NonFiniteException)
        {
            return Refuse(400, "The model's answer is not finite for these numbers.");
        }
    }

    private ExploreReply Decode(ExploreBody body)
    {
        var (code, digit) = (Code(body), Digit(body));
        body.NoMore();
        return Tell(new ImageAnswer(explorer.Decode(code, digit)), ExploreJson.Default.ImageAnswer);
    }

    private ExploreReply Grid(ExploreBody body)
    {
        int last = explorer.Latent - 1;
        var (code, digit, across, up) = (Code(body), Digit(body), body.Whole("across", 0, last), body.Whole("up", 0, last));
        body.NoMore();
        return across == up
            ? Refuse(400, "'across' and 'up' must be two different numbers of the code.")
            : Tell(new GridAnswer(explorer.Grid(code, across, up, digit)), ExploreJson.Default.GridAnswer);
    }

    private ExploreReply Draw(ExploreBody body)
    {
        var (number, digit) = (body.Whole("number", 0, int.MaxValue), Digit(body));
        body.NoMore();
        float[] code = explorer.Draw(number);
        return Tell(new DrawAnswer(code, explorer.Decode(code, digit)), ExploreJson.Default.DrawAnswer);
    }

    private ExploreReply Encode(ExploreBody body)
    {
        var (pixels, digit) = (body.Numbers("pixels", DigitSet.PixelCount, 0, byte.MaxValue), Digit(body));
        body.NoMore();
        return Tell(explorer.Encode([.. pixels.Select(level => (byte)MathF.Round(level))], digit), ExploreJson.Default.Encoded);
    }

    private float[] Code(ExploreBody body) => body.Numbers("code", explorer.Latent, -Farthest, Farthest);

    // A model without labels is asked for none.
    private int Digit(ExploreBody body) => explorer.Facts.Conditional ? body.Whole("digit", 0, ImageBatch.Classes - 1) : 0;

    private static bool IsThisMachine(string host) => host.Split(':') is { Length: <= 2 } parts && parts[0] is ("127.0.0.1" or "localhost");

    private static ExploreReply Tell<T>(T answer, JsonTypeInfo<T> type, int status = 200) =>
        new(status, Json, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer, type)));
}
