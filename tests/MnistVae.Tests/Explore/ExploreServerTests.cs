using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MnistVae.Explore;
using MnistVae.Tests.Models;

namespace MnistVae.Tests.Explore;

public sealed class ExploreServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static ExploreReply Echo(ExploreRequest request) => new(
        200, "text/plain", Encoding.UTF8.GetBytes($"{request.Method} {request.Path} {request.Host} {request.Origin} {request.ContentType} {request.Body?.Length}"));

    [Fact]
    public async Task ItAnswersOnLoopbackUntilItIsStopped()
    {
        using var stop = new CancellationTokenSource();
        using var server = ExploreServer.Start(0, Echo);
        var serving = server.ServeAsync(stop.Token);
        Assert.Equal("127.0.0.1", server.Address.Host);
        using var client = new HttpClient { Timeout = Patience };
        Assert.Equal($"GET /x 127.0.0.1:{server.Address.Port}   0", await client.GetStringAsync(new Uri(server.Address, "/x?y")));
        Assert.Equal($"POST /z 127.0.0.1:{server.Address.Port}  text/plain; charset=utf-8 {ExploreRequest.MostBytes}", await PostAsync(client, server, ExploreRequest.MostBytes));

        // A body that is too long is not kept, whether its length is told before or not.
        Assert.Equal($"POST /z 127.0.0.1:{server.Address.Port}  text/plain; charset=utf-8 ", await PostAsync(client, server, ExploreRequest.MostBytes + 1));
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(server.Address));
    }

    [Fact]
    public async Task AnotherHostNameIsNotServed()
    {
        using var stop = new CancellationTokenSource();
        using var server = ExploreServer.Start(0, Echo);
        var serving = server.ServeAsync(stop.Token);
        using var client = new HttpClient { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);
        request.Headers.Host = $"example.org:{server.Address.Port}";
        using var response = await client.SendAsync(request);
        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
    }

    [Fact]
    public void APortInUseIsOneSentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var error = Assert.Throws<UserError>(() => ExploreServer.Start(port, Echo));
        Assert.StartsWith($"Port {port} of 127.0.0.1 cannot be had (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("); name another with --port, or 0 for any that is free.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABugInAnAnswerIsNotDisguised()
    {
        using var server = ExploreServer.Start(0, _ => throw new NotSupportedException("a bug"));
        var serving = server.ServeAsync(CancellationToken.None);
        using var client = new HttpClient { Timeout = Patience };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(server.Address));
        await Assert.ThrowsAsync<NotSupportedException>(() => serving.WaitAsync(Patience));
    }

    [ChromiumFact]
    public async Task ThePageRunsInABrowser()
    {
        using var run = new SmallRun(SmallDigits.Options);
        using var stop = new CancellationTokenSource();
        using var server = ExploreServer.Start(0, new ExploreHandler(new LatentExplorer(run.Session, run.Run)).Answer);
        var serving = server.ServeAsync(stop.Token);
        var start = new ProcessStartInfo(ChromiumFactAttribute.Program!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={run.At("profile")}", "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", server.Address.AbsoluteUri },
        };
        using var browser = Process.Start(start)!;
        var (page, log) = (browser.StandardOutput.ReadToEndAsync(), browser.StandardError.ReadToEndAsync());
        await browser.WaitForExitAsync().WaitAsync(Patience);

        // The title comes from /model, the time from a digit that was decoded; console messages would be in the log.
        Assert.Contains("Latent space of run", await page, StringComparison.Ordinal);
        Assert.Matches("in [0-9]+ ms", await page);
        Assert.DoesNotContain("CONSOLE", await log, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
    }

    private static async Task<string> PostAsync(HttpClient client, ExploreServer server, int length)
    {
        using var content = new StringContent(new string('1', length));
        using var response = await client.PostAsync(new Uri(server.Address, "/z"), content);
        return await response.Content.ReadAsStringAsync();
    }
}
