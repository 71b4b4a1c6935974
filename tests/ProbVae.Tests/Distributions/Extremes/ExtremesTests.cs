using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>
/// Densities, entropies, moments, divergences and their gradients keep 1e-4 at the ends of the arguments' ranges in float32, and 1e-7 in
/// float64: concentrations and counts from 1e-8 to 1e12, logits to ±1e4, scales from 1e-30 to 1e30. Held against extremes.csv, which
/// reference.py beside it writes at 160 digits. A small difference is held to that of its greatest term.
/// </summary>
public sealed class ExtremesTests
{
    public static TheoryData<string, ScalarType> Rows { get; } = new(ExtremeRow.All.Where(row => row.Quantity != "slope").Select(row => row.Family).Distinct()
        .SelectMany(name => new[] { (name, ScalarType.Float32), (name, ScalarType.Float64) }));

    /// <summary>Cases B1, B2 and B11.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Quantities_keep_their_digits(string family, ScalarType dtype)
    {
        List<string> problems = [];
        foreach (var group in ExtremeRow.All.Where(row => row.Family == family && row.Quantity != "slope").GroupBy(row => (row.Quantity, string.Join('|', row.Arguments.Select(numbers => string.Join(' ', numbers))))))
        {
            using var scope = NewDisposeScope();
            // The same arguments once for each value, so that each value has gradients of its own.
            var rows = group.ToArray();
            var inputs = rows[0].Arguments.Select(numbers => tensor(numbers, dtype).expand(rows.Length, numbers.Length).clone().requires_grad_()).ToArray();
            var result = rows[0].Of(inputs, stack([.. rows.Select(row => tensor(row.Value, dtype))]));
            result.sum().backward();
            var slopes = inputs.Select(input => input.grad ?? zeros_like(input)).ToArray();
            for (var i = 0; i < rows.Length; i++)
            {
                problems.AddRange(Problems(rows[i], result[i], [.. slopes.Select(slope => slope[i])], dtype));
            }
        }

        Assert.True(problems.Count == 0, $"{problems.Count} numbers are off:\n{string.Join('\n', problems.Take(40))}");
    }

    /// <summary>Rows beside each other in one batch: what one of them asks for spoils no other, nor its gradient.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Densities_beside_each_other_keep_their_digits(string family, ScalarType dtype)
    {
        List<string> problems = [];
        foreach (var group in ExtremeRow.All.Where(row => row.Family == family && row.Quantity == "logp").GroupBy(row => (row.Arguments[0].Length, row.Value.Length)))
        {
            using var scope = NewDisposeScope();
            var inputs = stack([.. group.Select(row => tensor(row.Arguments[0], dtype))]).requires_grad_();
            var values = stack([.. group.Select(row => tensor(row.Value, dtype))]);
            var result = ExtremeRow.LogProb(family, inputs, values);
            result.sum().backward();
            var index = 0;
            foreach (var row in group)
            {
                problems.AddRange(Problems(row, result[index], [inputs.grad![index]], dtype));
                index++;
            }
        }

        Assert.True(problems.Count == 0, $"{problems.Count} numbers are off:\n{string.Join('\n', problems.Take(40))}");
    }

    private static IEnumerable<string> Problems(ExtremeRow row, Tensor result, Tensor[] slopes, ScalarType dtype)
    {
        // Float64's own rounding of what is of the size of 1, as the logarithm of a probability next to 1 is.
        var rounding = row.Quantity is "mean" or "variance" ? 0 : 1e-14;
        var numbers = result.to(ScalarType.Float64).reshape(-1).data<double>().ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!Near(numbers[i], row.Result[i], row.Greatest[i], Tolerance(row.Family, dtype), dtype, rounding))
            {
                yield return $"{row}: {numbers[i]:G9}, not {row.Result[i]:G9}";
            }
        }

        if (row.Gradients.Count == 0)
        {
            yield break;
        }

        var gradient = cat([.. slopes]).to(ScalarType.Float64).data<double>().ToArray();
        for (var i = 0; i < gradient.Length; i++)
        {
            if (row.Gradients[i] is var (slope, greatest) && !Near(gradient[i], slope, greatest, Tolerance(row.Family, dtype), dtype, rounding))
            {
                yield return $"{row}: slope {i} is {gradient[i]:G9}, not {slope:G9}";
            }
        }
    }

    // In float64 a mean of 10⁹ deviations keeps seven digits of its distance from another, and a matrix of 10¹² degrees of freedom four.
    private static double Tolerance(string family, ScalarType dtype) =>
        dtype == ScalarType.Float64 && !family.EndsWith("|Normal", StringComparison.Ordinal) && family != "Wishart 2" ? 1e-7 : 1e-4;

    // Beyond the numbers of the type, infinity or its greatest number; below its least normal number, anything no greater.
    private static bool Near(double number, double expected, double greatest, double tolerance, ScalarType dtype, double rounding)
    {
        var limits = finfo(dtype);
        if (double.IsNaN(expected))
        {
            return double.IsNaN(number);
        }

        if (double.IsNaN(number))
        {
            return false;
        }

        if (Math.Abs(expected) >= limits.max * 0.999)
        {
            return Math.Sign(number) == Math.Sign(expected) && Math.Abs(number) >= limits.max * 0.99;
        }

        return Math.Abs(number - expected) <= (tolerance * Math.Max(Math.Abs(expected), greatest)) + limits.tiny + rounding;
    }
}
