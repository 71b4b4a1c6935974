using System.Runtime.InteropServices;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>Finds out which parameters the programs use though no gradient leads to them: each is moved a little, and the runs are compared.</summary>
internal sealed class ParameterUse<TData>(Model<TData> model, Guide<TData> guide, Elbo elbo, TData data, RandomKey key, Layout layout, TrainableParameters parameters)
{
    // So many parameters are tried one by one; of a larger number, all at once tells whether it is worth while.
    private const int Most = 32;

    /// <summary>The names of those that change a site's distribution or a draw.</summary>
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

    /// <summary>Whether the graph of the guide's draws leads to a parameter: the loss may be flat in them, as under a uniform prior that nothing reads.</summary>
    public bool[] FeedDraws(IReadOnlyList<KeyValuePair<string, Parameter>> candidates)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var restoreBuffers = parameters.KeepBuffers();
        try
        {
            Tensor[] ends = [.. guide.Execute(data, key, new RunSettings(layout, Validate: false)).Latents.Select(site => site.Value).Where(value => value.requires_grad)];
            return ends.Length == 0 ? new bool[candidates.Count] : Gradients.Reach(ends, [.. candidates.Select(candidate => candidate.Value)]);
        }
        finally
        {
            restoreBuffers();
        }
    }

    private bool Changes((Trace Guide, Trace Model)? first, IReadOnlyList<KeyValuePair<string, Parameter>> moved)
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

    private (Trace Guide, Trace Model)? Run()
    {
        try
        {
            return elbo.Runs(new ElboPass(run => guide.Execute(data, key, run), run => model.Execute(data, key, run), new RunSettings(layout, Validate: false), static () => no_grad(), this, 0));
        }
        catch (Exception failure) when (failure is ModelException or ArgumentException or ExternalException)
        {
            return null;
        }
    }

    private static bool Same((Trace Guide, Trace Model)? first, (Trace Guide, Trace Model)? other) =>
        first is { } one && other is { } two && one.Guide.SameAs(two.Guide) && one.Model.SameAs(two.Model)
        && one.Model.Sites.OfType<ObservedSite>().Zip(two.Model.Sites.OfType<ObservedSite>()).All(pair => HostNumbers.Same(pair.First.Score().ToTensor(), pair.Second.Score().ToTensor()));
}
