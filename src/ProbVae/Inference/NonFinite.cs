using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace ProbVae;

/// <summary>Keeps NaN and infinity out of a step, and says where they came from.</summary>
internal static class NonFinite
{
    // From here on torch's sum is quicker than a call costs.
    private const long Many = 1 << 15;

    /// <summary>Names the first site, in the order of the run, whose argument, value or term is not finite.</summary>
    public static NonFiniteException Diagnose(ElboEstimate estimate)
    {
        var (guide, model) = (estimate.Guide, estimate.Model);
        var first = NonFiniteException.FirstAmong(guide.Sites, "guide") ?? NonFiniteException.FirstAmong(model.Sites, "model");
        var shares = string.Join(", ", estimate.Terms.Select((term, i) =>
            $"{(term is KlTerm ? "KL" : term is AuxiliaryTerm ? "log q" : "log p")} of '{term.Site.Name}' = {estimate.Values[i].ToString("G6", CultureInfo.InvariantCulture)}"));
        return new NonFiniteException([$"The ELBO is not finite ({shares}).", first ?? "Each site is finite by itself; a sum or a closed-form KL overflowed."], model.ToString());
    }

    /// <summary>Adds the ranges of the parameters, so that a diverged one shows.</summary>
    public static NonFiniteException WithParameters(NonFiniteException failure, TrainableParameters parameters, long step, Optimizer optimizer)
    {
        using var noGrad = no_grad();
        var ranges = parameters.ByName.Select(entry => $"  {entry.Key} {new Shape(entry.Value.shape)} {NonFiniteException.Extent(entry.Value)}");
        IEnumerable<string> advice = optimizer is NaturalGradient && step > 0 ? [NaturalGradient.Advice] : [];
        return new NonFiniteException([.. failure.Problems, $"Step {step} was not taken; the parameters are as they were before it:", .. ranges, .. advice], failure.Sites);
    }

    /// <summary>Refuses a gradient with NaN or infinity before the optimizer sees it.</summary>
    public static void ThrowIfGradientIsNot(TrainableParameters parameters, long step, Optimizer optimizer)
    {
        using var noGrad = no_grad();
        if (Finite(parameters))
        {
            return;
        }

        // A sum can overflow where no element did, so the elements decide.
        var broken = parameters.ByName.Where(entry => entry.Value.grad is { } gradient && !gradient.isfinite().all().ToBoolean())
            .Select(entry => $"The gradient of '{entry.Key}' {new Shape(entry.Value.shape)} is not finite: it is {NonFiniteException.Extent(entry.Value.grad!)}.").ToList();
        if (broken.Count > 0)
        {
            optimizer.zero_grad();
            throw WithParameters(new NonFiniteException(broken), parameters, step, optimizer);
        }
    }

    /// <summary>Refuses running statistics that a step left with NaN or infinity.</summary>
    public static void ThrowIfBuffersAreNot(KeptBuffers buffers, long step)
    {
        if (buffers.Broken().ToList() is { Count: > 0 } broken)
        {
            throw new NonFiniteException([.. broken, $"Step {step} was not taken; parameters and buffers are as they were before it. Batch normalization needs at least two rows in training: leave out a last batch of one, join it to the one before, or put the network into evaluation mode (eval())."]);
        }
    }

    private static bool Finite(TrainableParameters parameters)
    {
        Tensor? total = null;
        foreach (var parameter in parameters.ByName.Values)
        {
            if (parameter.grad is not { } gradient)
            {
                continue;
            }

            if (gradient.numel() > Many || HostNumbers.Range(gradient) is not var (least, greatest))
            {
                total = total is null ? gradient.sum() : total.add(gradient.sum());
            }
            else if (!double.IsFinite(least) || !double.IsFinite(greatest))
            {
                return false;
            }
        }

        return total is null || double.IsFinite(HostNumbers.Single(total));
    }
}
