using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Functions that are worked out number by number in float64, as tensors: with gradients of first and second order, by Taylor's
/// polynomial about the arguments, whose value and derivatives there are the function's. Third derivatives are not those of the function.
/// </summary>
internal static class ByElement
{
    /// <summary>A function of parameters a and b and a point x.</summary>
    /// <param name="a">The first parameter.</param>
    /// <param name="b">The second parameter; null for none.</param>
    /// <param name="x">The point.</param>
    /// <param name="complement">Another number of each element that goes with x and carries no gradient of its own; null for none.</param>
    /// <param name="dtype">The type of the result.</param>
    /// <param name="function">Of a, b, x and the complement.</param>
    public static Tensor Of(Tensor a, Tensor? b, Tensor x, Tensor? complement, ScalarType dtype, Func<double, double, double, double, Expansion> function)
    {
        Tensor[] given = [a, b ?? a, x, complement ?? x];
        var all = broadcast_tensors(given);
        double[][] numbers;
        using (NewDisposeScope())
        using (no_grad())
        {
            numbers = [.. all.Select(one => one.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray())];
        }

        Expansion[] found = [.. numbers[0].Select((first, i) => function(first, numbers[1][i], numbers[2][i], numbers[3][i]))];
        var limit = dtype == ScalarType.Float64 ? double.MaxValue : finfo(dtype).max;
        var result = Read(at => at.Value);
        if (!is_grad_enabled() || !(a.requires_grad || b is { requires_grad: true } || x.requires_grad))
        {
            return result;
        }

        var (da, db, dx) = (Step(all[0]), b is null ? null : Step(all[1]), Step(all[2]));
        Add(da, at => at.A);
        Add(db, at => at.B);
        Add(dx, at => at.X);
        Add(Half(da, da), at => at.AA);
        Add(da is null || db is null ? null : da.mul(db), at => at.AB);
        Add(Half(db, db), at => at.BB);
        Add(da is null || dx is null ? null : da.mul(dx), at => at.AX);
        Add(db is null || dx is null ? null : db.mul(dx), at => at.BX);
        Add(Half(dx, dx), at => at.XX);
        return result;

        Tensor Read(Func<Expansion, double> part) =>
            tensor([.. found.Select(part)], ScalarType.Float64).reshape(all[0].shape).to(dtype, all[0].device);

        void Add(Tensor? step, Func<Expansion, double> part)
        {
            if (step is not null)
            {
                // An infinite slope times a step of 0 would be no number.
                result = result.add(step.mul(Read(at => double.IsNaN(part(at)) ? 0 : Math.Clamp(part(at), -limit, limit))));
            }
        }

        // 0 with the gradient of the argument.
        Tensor? Step(Tensor argument)
        {
            if (!argument.requires_grad)
            {
                return null;
            }

            var finite = argument.masked_fill(argument.isfinite().logical_not(), 0);
            return finite.sub(finite.detach()).to(dtype);
        }

        static Tensor? Half(Tensor? one, Tensor? other) => one is null || other is null ? null : one.mul(other).mul(0.5);
    }
}
