namespace ProbVae;

/// <summary>
/// Stan's three phases of warmup (reference manual, automatic parameter tuning): 75 iterations in which the step size alone is adapted, windows of
/// 25, 50, 100, … whose positions each make the next mass matrix, and 50 for the last step size. A warmup below 150 has shares of 15, 75 and
/// 10 %, and one below 20 adapts the step size alone.
/// </summary>
internal sealed class WarmupWindows
{
    private readonly int _first;
    private readonly HashSet<int> _ends = [];

    /// <summary>Plans a warmup.</summary>
    /// <param name="warmup">How many iterations it has.</param>
    public WarmupWindows(int warmup)
    {
        if (warmup < 20)
        {
            _first = warmup;
            return;
        }

        var isLong = warmup >= 150;
        (_first, var last, var size) = isLong ? (75, 50, 25) : ((int)(0.15 * warmup), (int)(0.1 * warmup), warmup);
        var slow = warmup - last;
        for (var end = _first; end < slow;)
        {
            // The rest goes to this window where the next one, twice as long, would not fit.
            end = end + size + (2 * size) > slow ? slow : end + size;
            _ends.Add(end - 1);
            size *= 2;
        }
    }

    /// <summary>The last iterations of the windows, counted from 0.</summary>
    public IEnumerable<int> Ends => _ends.Order();

    /// <summary>Whether the position after an iteration counts for a mass matrix.</summary>
    public bool Counts(int iteration) => iteration >= _first && _ends.Count > 0 && iteration <= _ends.Max();

    /// <summary>Whether a window ends with an iteration.</summary>
    public bool EndsAt(int iteration) => _ends.Contains(iteration);
}
