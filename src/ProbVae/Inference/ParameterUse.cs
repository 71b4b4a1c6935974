using System.Runtime.InteropServices;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>Finds out which parameters the programs use though no gradient leads to them: each is moved a little, and the runs are compared.</summary>
internal sealed class ParameterUse<TData>(Model<TData> model, Guide<TData> guide, Elbo elbo, TData data, RandomKey key, Layout layout, TrainableParameters parameters)
{
    // So many parameters are tried one by one; of a larger number, all at once tells whether it is worth while.
    private const int Most = 32;

    /// <summary>The names of those that change a density.</summary>
    public IReadOnlyList<string> Used(IReadOnlyList<KeyValuePair<string, Parameter>> candidates)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var restoreBuffers = parameters.KeepBuffers();
        try
        {
            var first = Run();
            if (first is null || !Same(first, Run()) || !Changes(first, candidates))
            {
                return [];
            }

            return [.. candidates.Take(Most).Where(candidate => Changes(first, [candidate])).Select(candidate => candidate.Key)];
        }
        finally
        {
            restoreBuffers();
        }
    }

    private bool Changes(IReadOnlyList<Tensor>? first, IReadOnlyList<KeyValuePair<string, Parameter>> moved)
    {
        var kept = moved.Select(entry => (Parameter: entry.Value, Copy: entry.Value.clone())).ToList();
        try
        {
            foreach (var (name, parameter) in moved)
            {
                using var generator = key.Fold(name).NewGenerator(parameter.device);
                parameter.add_(rand(parameter.shape, parameter.dtype, parameter.device, generator: generator).add(1).mul(parameter.abs().add(0.1)).mul(0.05));
            }

            // What the programs cannot run with is something that they use.
            return !Same(first, Run());
        }
        finally
        {
            kept.ForEach(pair => pair.Parameter.copy_(pair.Copy));
        }
    }

    // The densities of both programs' sites, one after another; what moves none of them (a draw from under a flat prior) trains nothing.
    private IReadOnlyList<Tensor>? Run()
    {
        try
        {
            var (guided, modelled) = elbo.Runs(new ElboPass(run => guide.Execute(data, key, run), run => model.Execute(data, key, run), new RunSettings(layout, Validate: false), static () => no_grad(), this, 0));
            return [.. guided.Sites.Concat(modelled.Sites).Where(site => site is not UnscoredSite).Select(site => site.Score().ToTensor())];
        }
        catch (Exception failure) when (failure is ModelException or ArgumentException or NotSupportedException or ExternalException)
        {
            return null;
        }
    }

    private static bool Same(IReadOnlyList<Tensor>? first, IReadOnlyList<Tensor>? other) =>
        first is not null && other is not null && first.Count == other.Count && first.Zip(other).All(pair => HostNumbers.Same(pair.First, pair.Second));
}
