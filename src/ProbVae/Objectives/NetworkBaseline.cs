using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A network's prediction of a site's cost from observations.</summary>
internal sealed class NetworkBaseline(Module<Tensor, Tensor> network, IReadOnlyList<Observed> inputs) : Baseline
{
    public override string ToString() => $"learnt baseline of {string.Join(", ", inputs)}";

    internal override IReadOnlyList<(string Name, Module Module)> Modules(string name) => [(name, network)];

    internal override BaselineValue At(BaselineCase costs)
    {
        Claim(costs);
        var features = inputs.Select(input => Features(input, costs)).ToList();
        var batch = features.Aggregate(new Shape(), (shape, input) => shape.BroadcastWith(new Shape(input.shape)[..^1])!.Value);
        var seen = cat([.. features.Select(input => input.expand((batch + new Shape(input.shape)[^1..]).ToArray()))], -1);
        var predicted = network.call(seen);
        if (new Shape(predicted.shape) != batch + [1])
        {
            throw new ModelException($"Site '{costs.Site.Name}': the baseline's network gave shape {new Shape(predicted.shape)} for an input of {new Shape(seen.shape)}; its last axis must be 1, the others as they were.");
        }

        var value = predicted.squeeze(-1);
        var error = value.sub(costs.Cost.detach()).square();
        return new(value, [new(error.sum(), 0.5 / error.numel())], () => { });
    }

    // An observation's values with its event as one axis, its plates where the costs have them.
    private static Tensor Features(Observed input, BaselineCase costs)
    {
        if (costs.Model.Find(input) is not ObservedSite site || !site.Plates.All(costs.Site.Plates.Contains))
        {
            throw new ModelException($"Site '{costs.Site.Name}': its baseline's network sees '{input}', which {(costs.Model.Find(input) is null ? "the model does not come to" : "stands in other plates")}; name observations that stand in the latent variable's own plates.");
        }

        var value = site.Value;
        var plates = new Shape(value.shape)[..(int)(value.dim() - site.Distribution.EventShape.Rank)];
        var depth = costs.Cost.dim() - 1;
        return value.to(costs.Cost.dtype).reshape([.. Enumerable.Repeat(1L, (int)depth + 1 - plates.Rank), .. plates, site.Distribution.EventShape.Count]);
    }
}
