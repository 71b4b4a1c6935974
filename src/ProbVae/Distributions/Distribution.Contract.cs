using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <content>What a family that was written outside the library promises, held against what it does when it is first used.</content>
public abstract partial class Distribution
{
    // A density of single precision may round a little differently beside another value.
    private const double Rounding = 1e-5;

    private bool _keepsContract;

    /// <summary>Whether the family, or one that it is made of, was written outside the library.</summary>
    private bool IsForeign => _madeOfForeign || GetType().Assembly != typeof(Distribution).Assembly;

    /// <summary>Says in a sentence why a draw is none; null where it is, or the family is the library's own.</summary>
    /// <param name="drawn">A draw, made where gradients are on as they are now.</param>
    /// <param name="sampleShape">The axes of independent draws that were asked for.</param>
    internal string? BrokenDraw(Tensor drawn, Shape sampleShape = default)
    {
        var (received, expected) = (new Shape(drawn.shape), sampleShape + FullShape);
        return !IsForeign ? null
            : received != expected ? $"{Family}: Draw gave shape {received} where it was asked for {expected}; it must draw a tensor of exactly the shape that it is given."
            : IsReparameterized && is_grad_enabled() && !drawn.requires_grad && _arguments.FirstOrDefault(argument => argument.Value.requires_grad) is { } lost
                ? $"{Family}: it is IReparameterized, and its draw carries no gradient to {lost.Name}; compute the draw from the arguments without detach or no_grad, or leave IReparameterized out."
            : null;
    }

    /// <summary>Says in a sentence why the density is not one number for each element; null where it is, nothing can be told, or the family is the library's own.</summary>
    /// <param name="value">A value of the batch, with more axes before it or none.</param>
    internal string? BrokenDensity(Tensor value)
    {
        if (!IsForeign || _keepsContract || _batch.Count < 2 || !new Shape(value.shape).EndsWith(FullShape) || value.numel() == 0)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var elements = value.detach().reshape([-1, .. FullShape])[0].clone().reshape(_batch.Count, -1);
        var others = elements.ne(elements[0]).any(dim: -1).nonzero();
        if (others.shape[0] == 0)
        {
            return null;
        }

        // With another first element, the numbers of all others stay as they are, unless some axis was summed over.
        var changed = elements.clone();
        changed[0].copy_(elements[others[0, 0].ToInt64()]);
        var (before, after) = (ByElement(elements), ByElement(changed));
        if (before is null || after is null)
        {
            return null;
        }

        var moved = before.sub(after).abs().gt(before.abs().add(1).mul(Rounding)).narrow(0, 1, _batch.Count - 1);
        if (moved.any().ToBoolean())
        {
            return $"{Family}: LogDensity gives an element another number where only another element's value changed; it must give one number for each element of the batch {_batch} and sum over none of its axes, which is ToEvent's to do.";
        }

        _keepsContract = true;
        return null;
    }

    private Tensor? ByElement(Tensor elements)
    {
        var value = elements.reshape(FullShape.ToArray());
        var density = LogDensity(value.is_floating_point() || value.dtype == ScalarType.Int64 ? value : value.to(DType)).ToTensor();
        return new Shape(density.shape).BroadcastWith(_batch) == _batch ? density.expand(_batch.ToArray()).reshape(-1).to(ScalarType.Float64) : null;
    }
}
