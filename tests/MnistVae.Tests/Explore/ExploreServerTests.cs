using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MnistVae.Tests.Models;

namespace MnistVae.Tests.Explore;

public sealed class ExploreServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task ItAnswersOnLoopbackUntilItIsStopped()
    {
        using var stop = new CancellationTokenSource();
        await using var served = await ServedRun.StartAsync(SmallDigits.Options);
        var serving = served.Site.ServeAsync(stop.Token);
        Assert.Equal("127.0.0.1", served.Site.Address.Host);
        Assert.Equal(200, (await served.AskAsync(new Question("GET", "/"))).Status);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
        await Assert.ThrowsAsync<HttpRequestException>(() => served.AskAsync(new Question("GET", "/")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task WhoSendsNoBodyHoldsUpNeitherTheOthersNorTheEnd(int count)
    {
        using var stop = new CancellationTokenSource();
        await using var served = await ServedRun.StartAsync(SmallDigits.Options);
        var serving = served.Site.ServeAsync(stop.Token);
        var slow = Enumerable.Range(0, count).Select(_ => new TcpClient()).ToList();
        foreach (var client in slow)
        {
            await client.ConnectAsync(IPAddress.Loopback, served.Site.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /draw HTTP/1.1\r\nHost: 127.0.0.1:{served.Site.Address.Port}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"));
        }

        // Two seconds is what a body may take.
        int status = 0;
        for (var waited = Stopwatch.StartNew(); status != 200 && waited.Elapsed < Patience;)
        {
            status = (await served.AskAsync(new Question("GET", "/"))).Status;
            await Task.Delay(50);
        }

        Assert.Equal(200, status);
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
        await using var served = await ServedRun.StartAsync(SmallDigits.Options);
        using var client = new HttpClient { Timeout = Patience };
        Assert.Contains("<title>", await client.GetStringAsync(new Uri($"http://{name}:{served.Site.Address.Port}/")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortInUseIsOneSentence()
    {
        await using var served = await ServedRun.StartAsync(SmallDigits.Options);
        int port = served.Site.Address.Port;
        var error = await Assert.ThrowsAsync<UserError>(() => ExploreSite.StartAsync(port, served.Explorer));
        Assert.StartsWith($"Port {port} of 127.0.0.1 cannot be had (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("); name another with --port, or 0 for any that is free.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABugInAnAnswerIsNotDisguised()
    {
        await using var served = await ServedRun.StartAsync(SmallDigits.Options);
        var serving = served.Site.ServeAsync(CancellationToken.None);
        // A model whose parameters are gone.
        served.Run.Session.Dispose();
        Assert.Equal(500, (await served.AskAsync("/draw", """{"number":1}""")).Status);
        var bug = await Assert.ThrowsAnyAsync<Exception>(() => serving.WaitAsync(Patience));
        Assert.IsNotType<OperationCanceledException>(bug);
        Assert.IsNotType<TimeoutException>(bug);
    }

    [ChromiumFact]
    public async Task ThePageRunsInABrowser()
    {
        await using var served = await ServedRun.StartAsync(SmallDigits.Options);
        var (page, log) = await BrowseAsync(served, served.Site.Address.AbsoluteUri);

        // The title comes from /model, the time from a digit that was decoded; console messages would be in the log.
        Assert.Contains("Latent space of run", page, StringComparison.Ordinal);
        Assert.Matches("in [0-9]+ ms", page);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task ADigitIsDrawnWithTheKeyboardAndThePointIsMovedWithIt()
    {
        await using var served = await ServedRun.StartAsync(SmallDigits.Options with { Structure = Structure.Hierarchical, Upper = 2 });
        await using var probed = await ProbedAsync(served, """
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
        var (page, log) = await BrowseAsync(served, probed.Urls.First());
        string[] told = page[page.IndexOf("<title>", StringComparison.Ordinal)..page.IndexOf("</title>", StringComparison.Ordinal)].Split('|');
        Assert.Equal("<title>probe", told[0]);
        Assert.Matches("^z1[₁₂₃] = −?[0-9.]+, z1[₁₂₃] = −?[0-9.]+$", told[1]);

        // One step up, eight down and one to the right, each of 9 of the paper's 252 units, from its middle.
        Assert.Equal(("· pen down, 54 % to the right, 75 % down", "· pen up, 50 % to the right, 75 % down", "true"), (told[2], told[3], told[4]));
        Assert.EndsWith("The code on this page is z1, which the decoder reads; z2 above it has a KL of its own, and is not moved.", told[5], StringComparison.Ordinal);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
    }

    // The page's policy lets no other script run, so a page with one is served without, beside the site.
    private static async Task<WebApplication> ProbedAsync(ServedRun served, string probe)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapFallback(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var reply = await served.AskAsync(new Question(context.Request.Method, context.Request.Path, await reader.ReadToEndAsync()));
            (context.Response.StatusCode, context.Response.ContentType) = (reply.Status, reply.ContentType);
            await context.Response.WriteAsync(Encoding.UTF8.GetString(reply.Body).Replace("</body>", probe + "</body>", StringComparison.Ordinal));
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<(string Page, string Log)> BrowseAsync(ServedRun served, string address)
    {
        var start = new ProcessStartInfo(ChromiumFactAttribute.Program!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={served.Run.At("profile")}", "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", address },
        };
        using var browser = Process.Start(start)!;
        var (page, log) = (browser.StandardOutput.ReadToEndAsync(), browser.StandardError.ReadToEndAsync());
        await browser.WaitForExitAsync().WaitAsync(Patience);
        return (await page, await log);
    }
}
