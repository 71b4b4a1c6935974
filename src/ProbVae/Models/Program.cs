using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A program over sites: what a model and a guide have in common. An immutable value.</summary>
/// <typeparam name="TData">The data that one run sees.</typeparam>
public abstract class Program<TData>
{
    // A single coin that is thrown comes out the same so often once in a million programs.
    private const int MostComparisons = 20;

    private TorchDraws? _draws;

    private protected Program(string name, ModelIdentity identity, IReadOnlyList<(string Name, Module Module)> modules)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        NativeTorch.Require();
        (Name, Identity, Modules) = (name, identity, modules);
    }

    /// <summary>The name for people.</summary>
    public string Name { get; }

    internal ModelIdentity Identity { get; }

    /// <summary>What it is made of, in a line.</summary>
    internal abstract string Description { get; }

    /// <summary>The modules that were named explicitly.</summary>
    internal IReadOnlyList<(string Name, Module Module)> Modules { get; }

    /// <summary>Everything that may hold the program's parameters: its delegates.</summary>
    internal abstract IEnumerable<Delegate> Delegates { get; }

    /// <summary>What the program draws from torch's own generator: dropout, say. Its modules are looked for once.</summary>
    internal TorchDraws Draws => _draws ??= new(TrainableParameters.Of([], this).Noisy);

    /// <summary>Runs the program once.</summary>
    internal Trace Execute(TData data, RandomKey key, RunSettings settings)
    {
        DataProblems.Refuse(Name, data);
        var run = Begin(data, key, settings);
        var own = settings.Division is { } division ? run.Key.Fold("rank").Fold(division.Rank) : run.Key;
        return Draws.From(own.Fold("torch's own generator").Fold(Name), () => run.Problems.Guarded(Name, data!, () => Visit(run, data), Handlers));
    }

    /// <summary>The same, where running it again does no harm: it learns whether the program draws from torch's own generator.</summary>
    internal Trace ExecuteFirst(TData data, RandomKey key, Func<RunSettings> settings)
    {
        if (Draws.IsKnown)
        {
            return Execute(data, key, settings());
        }

        Trace first = null!;
        var draws = TorchDraws.InTurn(() =>
        {
            var before = TorchDraws.State();
            first = Execute(data, key, settings());
            for (var run = 0; run < MostComparisons && !before.AsSpan().SequenceEqual(TorchDraws.State()); run++)
            {
                // Where another thread drew, what is keyed comes out the same; so may a small mask of dropout, by chance.
                before = TorchDraws.State();
                if (!first.SameAs(Execute(data, key, settings())))
                {
                    return true;
                }
            }

            return false;
        });
        Draws.Know(draws);
        return draws ? Execute(data, key, settings()) : first;
    }

    /// <summary>A run of this program, before its first site.</summary>
    private protected abstract Run Begin(TData data, RandomKey key, RunSettings settings);

    /// <summary>Comes to all sites.</summary>
    private protected abstract void Visit(Run run, TData data);

    /// <summary>What handlers are about: their words and sites.</summary>
    private protected virtual IEnumerable<(string Word, SiteHandle Site)> Handlers => [];

    /// <summary>The name, and what it is made of.</summary>
    public sealed override string ToString() => $"{Name}: {Description}";
}
