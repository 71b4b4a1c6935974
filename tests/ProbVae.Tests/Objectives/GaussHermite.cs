namespace ProbVae.Tests.Objectives;

/// <summary>Expectations over standard normal numbers by Gauss-Hermite quadrature (Golub and Welsch 1969), exact to rounding for smooth functions.</summary>
internal static class GaussHermite
{
    private static readonly (double Node, double Weight)[] Points = Make(40);
    private static readonly (double Node, double Weight)[] Few = Make(12);

    public static double Mean(Func<double, double> function) => Points.Sum(point => point.Weight * function(point.Node));

    public static double Mean(Func<double, double, double> function) => Mean(first => Mean(second => function(first, second)));

    /// <summary>With 12 nodes an axis, where several such are nested: exact to 1e-4 for the tests' functions.</summary>
    public static double Coarse(Func<double, double, double> function) =>
        Few.Sum(first => first.Weight * Few.Sum(second => second.Weight * function(first.Node, second.Node)));

    /// <summary>The gradient of a function by central differences.</summary>
    public static double[] Gradient(Func<double[], double> function, double[] at, double step = 1e-4) =>
    [
        .. at.Select((_, i) =>
        {
            double[] up = [.. at], down = [.. at];
            (up[i], down[i]) = (at[i] + step, at[i] - step);
            return (function(up) - function(down)) / (2 * step);
        }),
    ];

    public static double LogMeanExp(params double[] values)
    {
        var top = values.Max();
        return top + Math.Log(values.Average(value => Math.Exp(value - top)));
    }

    // Nodes are the eigenvalues of the Jacobi matrix, weights the squares of the eigenvectors' first entries.
    private static (double, double)[] Make(int count)
    {
        var jacobi = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(count, count, (i, j) => Math.Abs(i - j) == 1 ? Math.Sqrt(Math.Max(i, j)) : 0);
        var solved = jacobi.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric);
        return [.. Enumerable.Range(0, count).Select(i => (solved.EigenValues[i].Real, solved.EigenVectors[0, i] * solved.EigenVectors[0, i]))];
    }
}
