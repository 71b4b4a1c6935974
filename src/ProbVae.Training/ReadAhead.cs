using System.Collections.Concurrent;

namespace ProbVae.Training;

/// <summary>A sequence whose next items are made on another thread while this one works on the last.</summary>
internal static class ReadAhead
{
    /// <summary>The same items in the same order.</summary>
    /// <param name="source">Enumerated on the other thread; what it throws is thrown here, after the items before it.</param>
    /// <param name="ahead">How many items may wait. Range: at least 1.</param>
    /// <remarks>An item belongs to whoever was given it; those that nobody took are disposed of when the enumeration ends.</remarks>
    public static IEnumerable<T> Of<T>(IEnumerable<T> source, int ahead)
    {
        using var queue = new BlockingCollection<T>(ahead);
        using var ended = new CancellationTokenSource();
        var maker = Task.Factory.StartNew(() => Fill(queue, source, ended.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var item in queue.GetConsumingEnumerable())
            {
                yield return item;
            }

            maker.GetAwaiter().GetResult();
        }
        finally
        {
            ended.Cancel();
            // Neither its cancellation nor an error in an item that nobody asked for is news here.
            maker.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
            while (queue.TryTake(out var left))
            {
                (left as IDisposable)?.Dispose();
            }
        }
    }

    private static void Fill<T>(BlockingCollection<T> queue, IEnumerable<T> source, CancellationToken ended)
    {
        try
        {
            foreach (var item in source)
            {
                try
                {
                    queue.Add(item, ended);
                }
                catch (OperationCanceledException)
                {
                    (item as IDisposable)?.Dispose();
                    return;
                }
            }
        }
        finally
        {
            queue.CompleteAdding();
        }
    }
}
