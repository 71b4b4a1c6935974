namespace ProbVae.Benchmarks;

/// <summary>One way of doing the work that is measured; all contenders of a comparison stand ready at once.</summary>
internal interface IContender : IDisposable
{
    /// <summary>The name in the report.</summary>
    string Name { get; }

    /// <summary>Takes one step.</summary>
    /// <returns>The loss before it; NaN where the contender computes none.</returns>
    double Step();
}
