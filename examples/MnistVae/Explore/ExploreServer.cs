using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MnistVae.Explore;

/// <summary>Serves over HTTP on this machine's own address, 127.0.0.1 (and ::1 where localhost is that), and on no other. Requests are read side by side and answered one at a time.</summary>
public sealed class ExploreServer : IDisposable
{
    private const int MostAtOnce = 16;
    private const int Tries = 10;

    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(2);

    private readonly HttpListener listener;
    private readonly Func<ExploreRequest, ExploreReply> answer;
    private readonly SemaphoreSlim model = new(1);
    private readonly SemaphoreSlim room = new(MostAtOnce);

    private ExploreServer(HttpListener listener, int port, Func<ExploreRequest, ExploreReply> answer)
    {
        this.listener = listener;
        this.answer = answer;
        Address = AddressOf(port);
    }

    /// <summary>Where the page is.</summary>
    public Uri Address { get; }

    /// <summary>Takes the port.</summary>
    /// <param name="port">0 for any that is free.</param>
    /// <exception cref="UserError">It is not to be had.</exception>
    public static ExploreServer Start(int port, Func<ExploreRequest, ExploreReply> answer)
    {
        for (int attempt = 1; ; attempt++)
        {
            int chosen = port == 0 ? FreePort() : port;
            try
            {
                return new ExploreServer(Listener(chosen), chosen, answer);
            }
            catch (Exception error) when (error is HttpListenerException or SocketException)
            {
                // A free port may be taken by another program in between.
                if (port != 0 || attempt == Tries)
                {
                    throw new UserError($"Port {chosen} of 127.0.0.1 cannot be had ({error.Message.TrimEnd('.')}); name another with --port, or 0 for any that is free.", error);
                }
            }
        }
    }

    /// <summary>Answers until cancelled, then throws <see cref="OperationCanceledException"/>; what was being computed is done by then.</summary>
    public async Task ServeAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var registration = stop.Token.Register(listener.Abort);
        var failure = new TaskCompletionSource();
        try
        {
            while (true)
            {
                var next = listener.GetContextAsync();
                if (await Task.WhenAny(next, failure.Task).ConfigureAwait(false) == failure.Task)
                {
                    await failure.Task.ConfigureAwait(false);
                }

                var context = await next.ConfigureAwait(false);

                // One too many is turned away: a queue of them would hold up the end, as each is waited for when it is closed.
                if (await room.WaitAsync(TimeSpan.Zero, stop.Token).ConfigureAwait(false))
                {
                    _ = ServeAsync(context, failure, stop.Token);
                }
                else
                {
                    Cut(context, HttpStatusCode.ServiceUnavailable);
                }
            }
        }
        catch (Exception error) when (cancellation.IsCancellationRequested && IsEndOfConnection(error))
        {
            throw new OperationCanceledException(cancellation);
        }
        finally
        {
            // The model is not to be taken away under a request.
            await stop.CancelAsync().ConfigureAwait(false);
            await model.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => listener.Close();

    private static Uri AddressOf(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://{IPAddress.Loopback}:{port}/"));

    // By both of its names, where this machine knows the second.
    private static HttpListener Listener(int port)
    {
        string address = AddressOf(port).AbsoluteUri;
        string name = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}/");
        try
        {
            return Listening(address, name);
        }
        catch (Exception error) when (error is HttpListenerException or SocketException)
        {
            return Listening(address);
        }
    }

    private static HttpListener Listening(params string[] addresses)
    {
        var listener = new HttpListener { IgnoreWriteExceptions = true };
        try
        {
            Array.ForEach(addresses, listener.Prefixes.Add);
            listener.Start();
            return listener;
        }
        catch
        {
            listener.Close();
            throw;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync(HttpListenerContext context, TaskCompletionSource failure, CancellationToken stop)
    {
        try
        {
            var request = await ReadAsync(context, stop).ConfigureAwait(false);
            ExploreReply reply;
            await model.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                reply = answer(request);
            }
            finally
            {
                model.Release();
            }

            await WriteAsync(context.Response, reply, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (IsEndOfConnection(error))
        {
            context.Response.Abort();
        }
        catch (Exception error)
        {
            // A bug ends the program, as it does elsewhere; the browser learns only that there is one.
            context.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
            context.Response.Close();
            failure.TrySetException(error);
        }
        finally
        {
            room.Release();
        }
    }

    private static void Cut(HttpListenerContext context, HttpStatusCode status)
    {
        try
        {
            context.Response.StatusCode = (int)status;
            context.Response.Abort();
        }
        catch (Exception error) when (IsEndOfConnection(error))
        {
            // It has ended by itself.
        }
    }

    private static async Task<ExploreRequest> ReadAsync(HttpListenerContext context, CancellationToken stop)
    {
        var request = context.Request;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ReadingTime);

        // A read that has begun does not look at a token; without its connection it ends.
        using var cut = limit.Token.Register(() => Cut(context, HttpStatusCode.RequestTimeout));
        byte[] buffer = new byte[ExploreRequest.MostBytes + 1];
        int length = request.ContentLength64 > ExploreRequest.MostBytes
            ? buffer.Length
            : await request.InputStream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token).ConfigureAwait(false);
        return new(
            request.HttpMethod,
            request.Url?.AbsolutePath ?? "",
            request.UserHostName,
            request.Headers["Origin"],
            request.ContentType,
            length > ExploreRequest.MostBytes ? null : buffer[..length]);
    }

    private static async Task WriteAsync(HttpListenerResponse response, ExploreReply reply, CancellationToken stop)
    {
        response.StatusCode = reply.Status;
        response.ContentType = reply.ContentType;
        response.ContentLength64 = reply.Body.Length;
        response.Headers["Cache-Control"] = "no-store";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (reply.Policy is { } policy)
        {
            response.Headers["Content-Security-Policy"] = policy;
        }

        await response.OutputStream.WriteAsync(reply.Body, stop).ConfigureAwait(false);
        response.Close();
    }

    private static bool IsEndOfConnection(Exception error) =>
        error is OperationCanceledException or IOException or HttpListenerException or ObjectDisposedException or ProtocolViolationException or InvalidOperationException { Source: "System.Net.HttpListener" };
}
