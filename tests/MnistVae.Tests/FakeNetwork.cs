using System.Net;

namespace MnistVae.Tests;

/// <summary>A network that answers from memory and counts what was asked of it.</summary>
public sealed class FakeNetwork(Func<Uri, byte[]?> answer) : HttpMessageHandler
{
    public List<Uri> Asked { get; } = [];

    /// <summary>A network that nobody can reach.</summary>
    public static FakeNetwork Offline() => new(_ => throw new HttpRequestException("no route to host"));

    public DataLocations Locations(TemporaryFolder cache, string? environment = null) => new(environment, cache.At("cache"), new HttpClient(this, disposeHandler: false));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Asked.Add(request.RequestUri!);
        byte[]? body = answer(request.RequestUri!);
        return Task.FromResult(body is null
            ? new HttpResponseMessage(HttpStatusCode.NotFound)
            : new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) });
    }
}
