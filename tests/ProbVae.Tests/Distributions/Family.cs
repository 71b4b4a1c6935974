using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>One argument of a family: how random valid values are made, and values that must be refused.</summary>
/// <param name="Name">The constructor's name for it.</param>
/// <param name="Length">0 for a number, K for a vector of K numbers.</param>
/// <param name="FromUnit">Makes a valid value of as many numbers in (0, 1).</param>
/// <param name="Invalid">Values outside the range.</param>
internal sealed record ArgumentSpec(string Name, int Length, Func<double[], double[]> FromUnit, params double[][] Invalid)
{
    public int Numbers => Math.Max(1, Length);

    /// <summary>Whether only whole numbers are valid, so that there are no derivatives.</summary>
    public bool IsWhole { get; init; }

    public static ArgumentSpec Real(string name, double low = -2.5, double high = 2.5) => Scaled(name, low, high, double.NaN, double.PositiveInfinity, double.NegativeInfinity);

    public static ArgumentSpec Positive(string name, double low = 0.4, double high = 3) => Scaled(name, low, high, 0, -1.25, double.NaN, double.PositiveInfinity);

    public static ArgumentSpec Positive(string name, double low, double high, bool zero) =>
        zero ? Scaled(name, low, high, -1.25, double.NaN, double.PositiveInfinity) : Positive(name, low, high);

    public static ArgumentSpec Probability(string name, double low = 0.05, double high = 0.95, bool open = false) =>
        open ? Scaled(name, low, high, -0.125, 1.0625, double.NaN, 0, 1) : Scaled(name, low, high, -0.125, 1.0625, double.NaN);

    public static ArgumentSpec Whole(string name, int low, int high) => new(name, 0, units => [Math.Floor(low + (high + 1 - low) * units[0])], [-1], [2.5], [double.NaN]) { IsWhole = true };

    public static ArgumentSpec Elements(string name, int length, double low, double high) => new(name, length,
        units => [.. units.Select(unit => low + (high - low) * unit)], [double.NaN, .. new double[length - 1]], [double.PositiveInfinity, .. new double[length - 1]]);

    public static ArgumentSpec Simplex(string name, int categories) => new(name, categories,
        units => [.. units.Select(unit => (unit + 0.1) / units.Sum(other => other + 0.1))],
        [.. Enumerable.Repeat(0.5, categories)], [1.5, -0.5, .. new double[categories - 2]], [double.NaN, 1, .. new double[categories - 2]]);

    public static ArgumentSpec LogWeights(string name, int categories) => new(name, categories,
        units => [.. units.Select(unit => 4 * unit - 2)],
        [.. Enumerable.Repeat(double.NegativeInfinity, categories)], [double.NaN, .. new double[categories - 1]], [double.PositiveInfinity, .. new double[categories - 1]]);

    private static ArgumentSpec Scaled(string name, double low, double high, params double[] invalid) =>
        new(name, 0, units => [low + (high - low) * units[0]], [.. invalid.Select(number => new[] { number })]);
}

/// <summary>One way to construct one family: a row of <see cref="Families"/>. Every property of the suite runs over the rows.</summary>
/// <param name="Name">The row's name in test reports.</param>
/// <param name="Arguments">The arguments, in order.</param>
/// <param name="Build">The constructor.</param>
/// <param name="Pathwise">Whether draws are differentiable in the arguments.</param>
/// <param name="IsDensity">Whether exp(log p) integrates to 1.</param>
/// <param name="HasMoments">Whether mean and variance are numbers.</param>
/// <param name="Torch">The family of <see cref="TorchReference"/> whose rows have these arguments.</param>
internal sealed record Family(string Name, ArgumentSpec[] Arguments, Func<Tensor[], Distribution> Build, bool Pathwise = false, bool IsDensity = true, string? Torch = null, bool HasMoments = true)
{
    /// <summary>Random valid arguments: for each the numbers of one element.</summary>
    public Gen<double[][]> Valid => Gen.Choose(1, 999_999).Select(number => number / 1e6).ArrayOf(Arguments.Sum(argument => argument.Numbers)).Select(FromUnits);

    /// <summary>Valid arguments that are the same in every run, spread evenly over the ranges.</summary>
    public double[][] Example(int index)
    {
        var count = Arguments.Sum(argument => argument.Numbers);
        return FromUnits([.. Enumerable.Range(1, count).Select(i => (0.17 + 0.618034 * (i + count * index)) % 1)]);
    }

    /// <summary>The distribution of one element.</summary>
    public Distribution Scalar(double[][] arguments, ScalarType dtype = ScalarType.Float64) => Build(Tensors(arguments, dtype));

    /// <summary>The arguments as tensors without batch axes.</summary>
    public Tensor[] Tensors(double[][] arguments, ScalarType dtype = ScalarType.Float64) =>
        [.. Arguments.Select((spec, i) => tensor(arguments[i], dtype).reshape(spec.Length == 0 ? [] : [spec.Length]))];

    /// <summary>The arguments repeated over a batch.</summary>
    public Tensor[] Repeated(double[][] arguments, Shape batch, ScalarType dtype = ScalarType.Float64) =>
        [.. Tensors(arguments, dtype).Select((one, i) => one.expand((batch + new Shape(one.shape)).ToArray()).clone())];

    /// <summary>A batch whose elements have different arguments.</summary>
    public Distribution Batch(Shape batch, ScalarType dtype = ScalarType.Float64)
    {
        var examples = Enumerable.Range(0, (int)batch.Count).Select(index => Tensors(Example(index), dtype)).ToArray();
        return Build([.. Arguments.Select((spec, i) =>
            stack([.. examples.Select(one => one[i])]).reshape((batch + (spec.Length == 0 ? [] : [spec.Length])).ToArray()))]);
    }

    public override string ToString() => Name;

    private double[][] FromUnits(double[] units)
    {
        var from = 0;
        return [.. Arguments.Select(argument => argument.FromUnit(units[from..(from += argument.Numbers)]))];
    }
}
