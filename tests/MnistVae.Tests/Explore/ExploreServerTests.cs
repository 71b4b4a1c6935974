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

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task WhoSendsNoBodyHoldsUpNeitherTheOthersNorTheEnd(int count)
    {
        using var stop = new CancellationTokenSource();
        using var server = ExploreServer.Start(0, Echo);
        var serving = server.ServeAsync(stop.Token);
        var slow = Enumerable.Range(0, count).Select(_ => new TcpClient()).ToList();
        foreach (var client in slow)
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /z HTTP/1.1\r\nHost: 127.0.0.1:{server.Address.Port}\r\nContent-Length: 9\r\n\r\n"));
        }

        // Two seconds is what a body may take.
        using var browser = new HttpClient { Timeout = Patience };
        string? answer = null;
        for (var waited = Stopwatch.StartNew(); answer is null && waited.Elapsed < Patience;)
        {
            try
            {
                answer = await browser.GetStringAsync(new Uri(server.Address, "/x"));
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }

        Assert.StartsWith("GET /x", answer, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
        slow.ForEach(client => client.Dispose());
    }

    /// <summary>Case D6.</summary>
    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task BothNamesOfThisMachineAreServed(string name)
    {
        using var stop = new CancellationTokenSource();
        using var server = ExploreServer.Start(0, Echo);
        var serving = server.ServeAsync(stop.Token);
        using var client = new HttpClient { Timeout = Patience };
        Assert.Equal($"GET / {name}:{server.Address.Port}   0", await client.GetStringAsync(new Uri($"http://{name}:{server.Address.Port}/")));
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
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
        var (page, log) = await BrowseAsync(run, "");

        // The title comes from /model, the time from a digit that was decoded; console messages would be in the log.
        Assert.Contains("Latent space of run", page, StringComparison.Ordinal);
        Assert.Matches("in [0-9]+ ms", page);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task ADigitIsDrawnWithTheKeyboardAndThePointIsMovedWithIt()
    {
        using var run = new SmallRun(SmallDigits.Options with { Structure = MnistVae.Commands.Structure.Hierarchical, Upper = 2 });
        var (page, log) = await BrowseAsync(run, """
            <script>onload = () => setTimeout(() => {
              const get = id => document.getElementById(id);
              const press = (id, ...keys) => keys.forEach(key => get(id).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })));
              get('pad').focus();
              press('pad', 'Home', 'ArrowRight');
              get('paper').focus();
              press('paper', 'ArrowUp', ' ', ...Array(8).fill('ArrowDown'), 'ArrowRight');
              const down = get('penplace').textContent;
              press('paper', ' ', 'ArrowLeft', 'Tab');
              setTimeout(() => { document.title = `probe|${get('place').textContent}|${down}|${get('penplace').textContent}|${!get('found').hidden}|${get('facts').textContent}`; }, 1500);
            }, 500);</script>
            """);
        string[] told = page[page.IndexOf("<title>", StringComparison.Ordinal)..page.IndexOf("</title>", StringComparison.Ordinal)].Split('|');
        Assert.Equal("<title>probe", told[0]);
        Assert.Matches("^z1[₁₂₃] = −?[0-9.]+, z1[₁₂₃] = −?[0-9.]+$", told[1]);

        // One step up, eight down and one to the right, each of 9 of the paper's 252 units, from its middle.
        Assert.Equal(("· pen down, 54 % to the right, 75 % down", "· pen up, 50 % to the right, 75 % down", "true"), (told[2], told[3], told[4]));
        Assert.EndsWith("The code on this page is z1, which the decoder reads; z2 above it has a KL of its own, and is not moved.", told[5], StringComparison.Ordinal);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
    }

    private static async Task<(string Page, string Log)> BrowseAsync(SmallRun run, string probe)
    {
        using var stop = new CancellationTokenSource();
        var handler = new ExploreHandler(new LatentExplorer(run.Session, run.Run));
        using var server = ExploreServer.Start(0, request => WithProbe(handler.Answer(request), probe));
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
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
        return (await page, await log);
    }

    // The page's policy lets no other script run, so a page with one goes without.
    private static ExploreReply WithProbe(ExploreReply reply, string probe) => probe.Length == 0 || reply.Policy is null
        ? reply
        : reply with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(reply.Body).Replace("</body>", probe + "</body>", StringComparison.Ordinal)), Policy = null };

    private static async Task<string> PostAsync(HttpClient client, ExploreServer server, int length)
    {
        using var content = new StringContent(new string('1', length));
        using var response = await client.PostAsync(new Uri(server.Address, "/z"), content);
        return await response.Content.ReadAsStringAsync();
    }
}
