using System.Net;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MnistVae;

/// <summary>A code to decode. Each question is a JSON object with these fields and no other; a model without labels is asked for no digit.</summary>
public sealed record DecodeQuestion(float[] Code, int Digit = 0);

/// <summary>A plane through a code, along two of its numbers.</summary>
public sealed record GridQuestion(float[] Code, int Across, int Up, int Digit = 0);

/// <summary>A draw from the prior, by its number.</summary>
public sealed record DrawQuestion(int Number, int Digit = 0);

/// <summary>An image, 784 grey levels from 0 to 255.</summary>
public sealed record EncodeQuestion(float[] Pixels, int Digit = 0);

/// <summary>
/// The page of the verb explore, and the answers to its questions, served on this machine's own addresses and no other. Requests are read side
/// by side and answered one at a time.
/// </summary>
public sealed class ExploreSite : IAsyncDisposable
{
    private const int MostAtOnce = 16;

    // 784 pixels, or 4,096 numbers of 24 letters, with room around.
    private const int MostBytes = 128 * 1024;

    // Far outside of any prior that the models have, and well inside of float32.
    private const float Farthest = 1000;

    private readonly WebApplication app;
    private readonly LatentExplorer explorer;
    private readonly Lock model = new();
    private Exception? bug;

    private ExploreSite(WebApplication app, LatentExplorer explorer)
    {
        (this.app, this.explorer) = (app, explorer);
        // One file with its style and script inside, and a policy that lets it load and run nothing else.
        using var reader = new StreamReader(typeof(ExploreSite).Assembly.GetManifestResourceStream("MnistVae.Explore.explore.html")!);
        string page = reader.ReadToEnd();
        string policy = $"default-src 'none'; script-src {HashOf(page, "script")}; style-src {HashOf(page, "style")}; " +
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        app.UseStatusCodePages(pages =>
            pages.HttpContext.Response.WriteAsJsonAsync(new { Error = Sentence(pages.HttpContext.Response.StatusCode) }));
        app.UseHostFiltering();
        app.UseRateLimiter();
        app.Use(GuardAsync);
        app.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = policy;
            return Results.Content(page, "text/html; charset=utf-8");
        });
        app.MapGet("/model", () => explorer.Facts);
        app.MapPost("/decode", (DecodeQuestion of) => Answer(() => new { Image = explorer.Decode(Code(of.Code), Digit(of.Digit)) }));
        app.MapPost("/grid", (GridQuestion of) => Answer(() => of.Across == of.Up
            ? throw new UserError("'across' and 'up' must be two different numbers of the code.")
            : new { Images = explorer.Grid(Code(of.Code), Within("across", of.Across, explorer.Latent), Within("up", of.Up, explorer.Latent), Digit(of.Digit)) }));
        app.MapPost("/draw", (DrawQuestion of) => Answer(() =>
        {
            float[] code = explorer.Draw(Within("number", of.Number, int.MaxValue));
            return new { Code = code, Image = explorer.Decode(code, Digit(of.Digit)) };
        }));
        app.MapPost("/encode", (EncodeQuestion of) => Answer(() =>
            explorer.Encode([.. Finite("pixels", of.Pixels, DigitSet.PixelCount, 0, byte.MaxValue).Select(level => (byte)MathF.Round(level))], Digit(of.Digit))));
    }

    /// <summary>Where the page is.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Takes the port and serves.</summary>
    /// <param name="port">0 for any that is free.</param>
    /// <exception cref="UserError">It is not to be had.</exception>
    public static async Task<ExploreSite> StartAsync(int port, LatentExplorer explorer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // localhost is 127.0.0.1 and, where there is one, ::1; of a port that is to be any, one address alone.
            Action listen = port == 0 ? () => kestrel.Listen(IPAddress.Loopback, 0) : () => kestrel.ListenLocalhost(port);
            listen();
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(2));
        });
        builder.Services.AddRoutingCore();
        // A name that leads here without being this machine's own is another site's doing (DNS rebinding).
        builder.Services.AddHostFiltering(filter =>
            (filter.AllowedHosts, filter.IncludeFailureMessage) = (["localhost", "127.0.0.1"], false));
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(_ => RateLimitPartition.GetConcurrencyLimiter(0, _ => new() { PermitLimit = MostAtOnce }));
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        var site = new ExploreSite(builder.Build(), explorer);
        try
        {
            await site.app.StartAsync().ConfigureAwait(false);
            return site;
        }
        catch (IOException error)
        {
            await site.DisposeAsync().ConfigureAwait(false);
            throw new UserError($"Port {port} of 127.0.0.1 cannot be had ({error.Message.TrimEnd('.')}); name another with --port, or 0 for any that is free.", error);
        }
    }

    /// <summary>Answers until cancelled, then throws <see cref="OperationCanceledException"/>; what was being computed is done by then.</summary>
    public async Task ServeAsync(CancellationToken cancellation)
    {
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        // The model is not to be taken away under a request.
        lock (model)
        {
            ExceptionDispatchInfo.Throw(bug ?? new OperationCanceledException(cancellation));
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    // Refuses other sites' pages and questions that are none, with a sentence. A bug ends the program, as it does elsewhere.
    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        (headers.CacheControl, headers.XContentTypeOptions) = ("no-store", "nosniff");
        (headers["Referrer-Policy"], headers["Cross-Origin-Resource-Policy"]) = ("no-referrer", "same-origin");
        try
        {
            if (context.Request.Headers.Origin is [{ } origin] && origin != $"http://{context.Request.Host}")
            {
                await RefuseAsync(StatusCodes.Status403Forbidden, "This server answers its own page alone, and no other site's.").ConfigureAwait(false);
                return;
            }

            await next(context).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException bad)
        {
            string where = bad.InnerException is JsonException { Path: { Length: > 1 } path } ? $" ({path.TrimStart('$', '.')})" : "";
            await RefuseAsync(bad.StatusCode, $"This is no question of this page: {bad.Message.TrimEnd('.')}{where}.").ConfigureAwait(false);
        }
        catch (Exception error) when (error is UserError or NonFiniteException)
        {
            await RefuseAsync(StatusCodes.Status400BadRequest, error is UserError ? error.Message : "The model's answer is not finite for these numbers.").ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OperationCanceledException or IOException))
        {
            bug = error;
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            app.Lifetime.StopApplication();
        }

        Task RefuseAsync(int status, string sentence)
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsJsonAsync(new { Error = sentence });
        }
    }

    // What the framework refuses before a question is read.
    private static string Sentence(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "This server answers to localhost and 127.0.0.1 alone; use one of these names.",
        StatusCodes.Status404NotFound => "There is nothing at this address; the page is at /.",
        StatusCodes.Status405MethodNotAllowed => "This address takes another method: / and /model take GET, and the questions take POST.",
        StatusCodes.Status413PayloadTooLarge => $"This question is too long; send {MostBytes} bytes at most.",
        StatusCodes.Status415UnsupportedMediaType => "This question is of another type; send JSON as application/json.",
        StatusCodes.Status503ServiceUnavailable => $"This server reads {MostAtOnce} requests at a time; ask again.",
        _ => "This is a mistake in the program, which ends; its terminal says more.",
    };

    private T Answer<T>(Func<T> answer)
    {
        lock (model)
        {
            return answer();
        }
    }

    private float[] Code(float[] code) => Finite("code", code, explorer.Latent, -Farthest, Farthest);

    private static float[] Finite(string name, float[] numbers, int count, float low, float high)
    {
        int good = numbers.Count(number => number >= low && number <= high);
        return numbers.Length == count && good == count ? numbers : throw new UserError(
            FormattableString.Invariant($"'{name}' must be {count} numbers from {low} to {high}, and it is {numbers.Length} numbers, of which {good} are such."));
    }

    private int Digit(int digit) => Within("digit", digit, explorer.Facts.Conditional ? ImageBatch.Classes : 1);

    private static int Within(string name, int value, int count) => value >= 0 && value < count
        ? value
        : throw new UserError($"'{name}' must be a whole number from 0 to {count - 1}, and it is {value}.");

    private static string HashOf(string page, string element)
    {
        string inner = page.Split($"<{element}>")[1].Split($"</{element}>")[0];
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inner)))}'";
    }
}
