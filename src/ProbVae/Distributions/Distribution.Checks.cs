using static TorchSharp.torch;

namespace ProbVae;

/// <content>What a caller outside the engine gets: the same density and draws behind checks. The engine asks for the checks by itself.</content>
public abstract partial class Distribution
{
    private bool _checked;

    /// <summary>log p(value), one number for each event.</summary>
    /// <param name="value">Of shape sample + batch + event, or shared by the first batch axes.</param>
    /// <returns>Of shape sample + batch.</returns>
    /// <exception cref="ArgumentException">An argument or the value lies outside its range, or the shapes do not fit.</exception>
    public Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        RequireValidArguments();
        var (mine, theirs) = (FullShape, new Shape(value.shape));
        if (!theirs.EndsWith(mine) && !mine.EndsWith(theirs))
        {
            throw new ArgumentException($"{Family}: a value of shape {theirs} does not fit batch shape {BatchShape} and event shape {EventShape}; its last axes must be those.", nameof(value));
        }

        if (OutsideSupport(value) is { } problem)
        {
            throw new ArgumentException(problem, nameof(value));
        }

        return BrokenDensity(value) is { } broken ? throw new InvalidOperationException(broken) : InBatch(Score(value));
    }

    /// <summary>Draws values; where the family is <see cref="IReparameterized"/>, gradients flow to its arguments.</summary>
    /// <param name="key">Where the randomness comes from; the same key gives the same values.</param>
    /// <param name="sampleShape">Axes of independent draws, before batch and event.</param>
    /// <exception cref="ArgumentException">An argument lies outside its range.</exception>
    /// <exception cref="NotSupportedException">The density has no finite integral.</exception>
    public Tensor Sample(RandomKey key, params long[] sampleShape)
    {
        if (WhyNotSampled is { } reason)
        {
            throw new NotSupportedException(reason);
        }

        RequireValidArguments();
        var drawn = SampleUnchecked(key, sampleShape);
        return BrokenDraw(drawn, new Shape(sampleShape)) is { } broken ? throw new InvalidOperationException(broken) : drawn;
    }

    /// <summary>Says in a sentence where a value leaves the support, or null where it lies inside.</summary>
    /// <param name="value">The value.</param>
    protected internal virtual string? OutsideSupport(Tensor value)
    {
        return Support.ContainsAll(value) ? null : $"{Family}: a value must be {Support}; {Argument.FirstOutside(value, Support)}.";
    }

    /// <summary>Says in a sentence where arguments that are each in range do not go together, or null where they do.</summary>
    /// <remarks>Reads <see cref="Arguments"/> alone: for arguments that are numbers it runs before the family's own constructor.</remarks>
    protected virtual string? JointProblem() => null;

    /// <summary>Says in a sentence why there are no draws, or null where there are. The engine starts from <see cref="Draw"/> all the same.</summary>
    private protected virtual string? WhyNotSampled => null;

    /// <summary>Says in sentences which arguments lie outside their range; empty where none does.</summary>
    internal IReadOnlyList<string> ArgumentProblems()
    {
        if (_checked)
        {
            return [];
        }

        List<string> problems = [];
        foreach (var argument in _arguments)
        {
            if (argument.Problem(Family) is { } problem)
            {
                problems.Add(problem);
            }
        }

        if (problems.Count == 0 && JointProblem() is { } joint)
        {
            problems.Add(joint);
        }

        _checked = problems.Count == 0;
        return problems;
    }

    /// <summary>Whether another distribution is of the same family with the same numbers for arguments.</summary>
    internal bool SameArguments(Distribution other) => Family == other.Family && _arguments.Length == other._arguments.Length
        && _arguments.Zip(other._arguments).All(pair => HostNumbers.Same(pair.First.Value, pair.Second.Value));

    private void RequireValidArguments()
    {
        if (ArgumentProblems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems));
        }
    }

    private ArgumentException Mismatched() => new(
        $"{Family}: the arguments' shapes do not broadcast: {string.Join(", ", _arguments.OfType<Argument>().Select(argument => $"{argument.Name} {new Shape(argument.Value.shape)}"))}.");
}
