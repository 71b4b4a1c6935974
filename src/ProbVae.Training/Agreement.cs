namespace ProbVae.Training;

/// <summary>What processes that train together must find alike, so that all measure, save and stop at the same step.</summary>
internal static class Agreement
{
    /// <summary>How many elements all processes' minibatches have together, unless one of several is to stop: then all do.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="own">How many this one's has.</param>
    /// <param name="cancellation">This one's.</param>
    /// <exception cref="OperationCanceledException">A process is to stop.</exception>
    public static long Agreed(this IProcessGroup group, long own, CancellationToken cancellation)
    {
        if (group.Size == 1)
        {
            cancellation.ThrowIfCancellationRequested();
            return own;
        }

        double[] sums = [own, cancellation.IsCancellationRequested ? 1 : 0];
        group.Sum(sums);
        return sums[1] == 0 ? (long)sums[0] : throw new OperationCanceledException(cancellation.IsCancellationRequested ? cancellation : new(canceled: true));
    }
}
