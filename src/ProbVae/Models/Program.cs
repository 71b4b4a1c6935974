using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A program over sites: what a model and a guide have in common. An immutable value.</summary>
/// <typeparam name="TData">The data that one run sees.</typeparam>
public abstract class Program<TData>
{
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

    /// <summary>Runs the program once.</summary>
    /// <exception cref="ModelException">The program cannot run so; the message lists why.</exception>
    internal Trace Execute(TData data, RandomKey key, RunSettings settings)
    {
        var run = NewRun(key, data, settings);
        try
        {
            return Walk(run, data);
        }
        catch (Exception failure)
        {
            TorchRefusal.ThrowIfTorchs(failure, $"'{Name}', {(run.Trace.Sites is [.., var last] ? $"after site '{last.Name}'" : "before its first site")}", run.Table);
            throw;
        }
    }

    /// <summary>A run of the program that is at its start.</summary>
    private protected abstract Run NewRun(RandomKey key, TData data, RunSettings settings);

    /// <summary>Takes a run from its start to its end.</summary>
    private protected abstract Trace Walk(Run run, TData data);

    /// <summary>The name, and what it is made of.</summary>
    public sealed override string ToString() => $"{Name}: {Description}";
}
