using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// An increasing function of each number: on [−B, B] a quotient of quadratics between each two of K + 1 knots, outside the identity,
/// with a continuous slope throughout.
/// </summary>
/// <remarks>
/// Sources: Durkan, Bekasov, Murray and Papamakarios (2019), Neural Spline Flows, equations 4 to 8 and appendix A;
/// Gregory and Delbourgo (1982), Piecewise Rational Quadratic Interpolation to Monotonic Data.
/// </remarks>
internal sealed class RationalQuadraticSpline
{
    private const double SmallestBin = 1e-3;
    private const double SmallestSlope = 1e-3;

    // Numbers of 0 make every slope 1, and the spline the identity.
    private static readonly double SlopeOffset = Math.Log(Math.Exp(1 - SmallestSlope) - 1);

    private readonly double _bound;
    private readonly Tensor _x;
    private readonly Tensor _y;
    private readonly Tensor _slopes;

    /// <param name="numbers">On the last axis K numbers for the bins' widths, K for their heights, K − 1 for the slopes at the inner knots.</param>
    /// <param name="bins">K.</param>
    /// <param name="bound">B.</param>
    public RationalQuadraticSpline(Tensor numbers, int bins, double bound)
    {
        _bound = bound;
        _x = Knots(numbers.narrow(-1, 0, bins));
        _y = Knots(numbers.narrow(-1, bins, bins));
        var end = ones([.. numbers.shape[..^1], 1], numbers.dtype, numbers.device);
        var inner = numbers.narrow(-1, 2 * bins, bins - 1).add(SlopeOffset).LogOnePlusExp().add(SmallestSlope);
        _slopes = cat([end, inner, end], -1);
    }

    public (Tensor Y, Tensor LogSlope) Forward(Tensor x)
    {
        var inside = x.clamp(-_bound, _bound);
        var bin = BinOf(inside, _x);
        var part = inside.sub(bin.X).div(bin.Width);
        var (image, logSlope) = (bin.Image(part), bin.LogSlope(part));
        return WithTails(x, image, logSlope);
    }

    public (Tensor X, Tensor LogSlope) Inverse(Tensor y)
    {
        var inside = y.clamp(-_bound, _bound);
        var bin = BinOf(inside, _y);
        var part = bin.PartAt(inside.sub(bin.Y));
        var (origin, logSlope) = (bin.X.add(bin.Width.mul(part)), bin.LogSlope(part));
        return WithTails(y, origin, logSlope);
    }

    private (Tensor Value, Tensor LogSlope) WithTails(Tensor argument, Tensor value, Tensor logSlope)
    {
        var isInside = argument.abs().le(_bound);
        return (where(isInside, value, argument), where(isInside, logSlope, zeros_like(logSlope)));
    }

    private Tensor Knots(Tensor numbers)
    {
        var bins = numbers.shape[^1];
        var lengths = numbers.softmax(-1).mul(1 - SmallestBin * bins).add(SmallestBin).mul(2 * _bound);
        var start = full([.. numbers.shape[..^1], 1], -_bound, numbers.dtype, numbers.device);
        // The last knot is B itself and not a sum that was rounded.
        return cat([start, lengths.narrow(-1, 0, bins - 1).cumsum(-1).sub(_bound), start.neg()], -1);
    }

    private Bin BinOf(Tensor value, Tensor knots)
    {
        var inner = knots.narrow(-1, 1, knots.shape[^1] - 2);
        var index = value.unsqueeze(-1).ge(inner).sum(-1, keepdim: true);
        Tensor At(Tensor values, int next) => values.gather(-1, index.add(next)).squeeze(-1);
        var (x, y) = (At(_x, 0), At(_y, 0));
        return new Bin(x, y, At(_x, 1).sub(x), At(_y, 1).sub(y), At(_slopes, 0), At(_slopes, 1));
    }

    /// <summary>The piece between two knots; <c>part</c> is how far from the left one x lies, from 0 to 1.</summary>
    private sealed record Bin(Tensor X, Tensor Y, Tensor Width, Tensor Height, Tensor LeftSlope, Tensor RightSlope)
    {
        private readonly Tensor _chord = Height.div(Width);

        // d₁ + d₀ − 2 s: how much the end slopes differ from the chord's.
        private Tensor Bend => LeftSlope.add(RightSlope).sub(_chord.mul(2));

        public Tensor Image(Tensor part)
        {
            var middle = part.mul(part.neg().add(1));
            var numerator = _chord.mul(part.square()).add(LeftSlope.mul(middle)).mul(Height);
            return Y.add(numerator.div(Denominator(middle)));
        }

        public Tensor LogSlope(Tensor part)
        {
            var rest = part.neg().add(1);
            var middle = part.mul(rest);
            var numerator = RightSlope.mul(part.square()).add(_chord.mul(middle).mul(2)).add(LeftSlope.mul(rest.square()));
            return _chord.log().mul(2).add(numerator.log()).sub(Denominator(middle).log().mul(2));
        }

        /// <summary>Where in the bin the image lies that much above the left knot: the root of a quadratic, in the form that does not cancel.</summary>
        public Tensor PartAt(Tensor rise)
        {
            var bent = rise.mul(Bend);
            var a = Height.mul(_chord.sub(LeftSlope)).add(bent);
            var b = Height.mul(LeftSlope).sub(bent);
            var c = _chord.mul(rise).neg();
            var discriminant = b.square().sub(a.mul(c).mul(4)).clamp_min(0);
            return c.mul(2).div(b.neg().sub(discriminant.sqrt()));
        }

        private Tensor Denominator(Tensor middle) => _chord.add(Bend.mul(middle));
    }
}
