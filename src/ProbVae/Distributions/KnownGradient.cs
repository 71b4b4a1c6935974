using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The gradients of a sum in the tensors that its formula was made from, where a family knows them: a backward pass starts from those
/// tensors then, and the formula needs no graph. A step of small tensors costs its calls, and a graph doubles those of a formula.
/// </summary>
internal static class KnownGradient
{
    /// <summary>Gives a quantity that was computed without a graph the gradients of its sum.</summary>
    /// <param name="byElement">The quantity of each element.</param>
    /// <param name="gradients">
    /// A factor times the gradient in each tensor, of the elements' shape or less by broadcasting; asked for where the tensor wants one. It may be changed in place.
    /// </param>
    public static ScaledTensor WithGradient(this ScaledTensor byElement, params (Tensor At, Func<double, Tensor> Of)[] gradients) =>
        byElement with { Gradient = factor => Gradients(byElement.Values, gradients, factor) };

    /// <summary>A difference, whose gradient is that of both parts, known or by their graphs.</summary>
    public static ScaledTensor Difference(ScaledTensor minuend, ScaledTensor subtrahend)
    {
        var shape = Shape.Of(minuend.Values).BroadcastWith(Shape.Of(subtrahend.Values))!.Value;
        var (more, less) = (minuend.Spread(shape), subtrahend.Spread(shape));
        using var noGrad = no_grad();
        return new(more.ToTensor().sub(less.ToTensor())) { Gradient = factor => [.. more.Starts(factor * more.Factor), .. less.Starts(-factor * less.Factor)] };
    }

    private static List<(Tensor At, Tensor Gradient)> Gradients(Tensor elements, (Tensor At, Func<double, Tensor> Of)[] gradients, double factor)
    {
        using var noGrad = no_grad();
        var all = Shape.Of(elements);
        return [.. gradients.Where(gradient => gradient.At.requires_grad).Select(gradient => (gradient.At, SumTo(Shape.Of(gradient.At), all, gradient.Of(factor))))];
    }

    // What an argument was spread over comes together in its gradient.
    private static Tensor SumTo(Shape wanted, Shape all, Tensor gradient)
    {
        if (wanted == all && Shape.Of(gradient) == all)
        {
            return gradient;
        }

        var added = all.Rank - wanted.Rank;
        long[] spread = [.. Enumerable.Range(0, all.Rank).Where(axis => axis < added || wanted[axis - added] != all[axis]).Select(axis => (long)axis)];
        var summed = spread.Length == 0 ? gradient.expand(all.ToArray()) : gradient.expand(all.ToArray()).sum(spread, keepdim: true);
        return summed.reshape(wanted.ToArray());
    }
}
