using System.Text;
using MnistVae.Tests.Models;

namespace MnistVae.Tests.Explore;

/// <summary>What a browser asks; the headers of its own unless others are given.</summary>
public sealed record Question(string Method, string Path, string Body = "", string? Host = null, string? Origin = null, string ContentType = "application/json");

/// <summary>What it is answered.</summary>
public sealed record Reply(int Status, string? ContentType, byte[] Body, string? Policy);

/// <summary>An untrained small model's page, served.</summary>
public sealed class ServedRun : IAsyncDisposable
{
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromMinutes(1) };

    private ServedRun(SmallRun run, ExploreSite site, LatentExplorer explorer) => (Run, Site, Explorer) = (run, site, explorer);

    public SmallRun Run { get; }

    public ExploreSite Site { get; }

    public LatentExplorer Explorer { get; }

    public static async Task<ServedRun> StartAsync(TrainOptions options)
    {
        var run = new SmallRun(options);
        var explorer = new LatentExplorer(run.Session, run.Run);
        return new(run, await ExploreSite.StartAsync(0, explorer), explorer);
    }

    public Task<Reply> AskAsync(string path, string body) => AskAsync(new Question("POST", path, body));

    public async Task<Reply> AskAsync(Question question)
    {
        using var request = new HttpRequestMessage(new HttpMethod(question.Method), new Uri(Site.Address, question.Path));
        if (question.Method == "POST")
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(question.Body)) { Headers = { ContentType = new(question.ContentType) } };
        }

        request.Headers.Host = question.Host;
        if (question.Origin is not null)
        {
            request.Headers.Add("Origin", question.Origin);
        }

        using var response = await client.SendAsync(request);
        string? policy = response.Headers.TryGetValues("Content-Security-Policy", out var values) ? values.Single() : null;
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsByteArrayAsync(), policy);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Site.DisposeAsync();
        Run.Dispose();
    }
}
