using MathNet.Numerics.LinearAlgebra;
using ProbVae.Examples.Posteriors.Models;
using ProbVae.Examples.Posteriors.Reference;
using TorchSharp;
using static TorchSharp.torch;
using D = MathNet.Numerics.Distributions;

namespace ProbVae.Examples.Posteriors.Tests;

/// <summary>Each program's log p(x, z) at one point against the formulas of the collection, in double precision.</summary>
public sealed class LogDensityTests
{
    private static readonly double[] Coefficients = [0.5, 0.4, 0.1, -0.1, -0.3];

    public static TheoryData<string> Names => [.. Catalogue.Names];

    [ReferenceTheory]
    [MemberData(nameof(Names))]
    public void TheProgramHasTheDensityOfTheCollection(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var data = ReferenceTheoryAttribute.Named(name).Data;
        var problem = Catalogue.Of(name, data)!;
        var (point, expected) = At(name, data);

        // A guide that is a point has log q = 0, so that its ELBO is log p(x, z).
        var sites = Guide.AutoDelta(problem.Model, problem.Observations).Sites;
        var start = InitTo.Value([.. sites.Select(site => (site.Handle, (TensorLike)tensor(point[site.Handle.Name], ScalarType.Float32).reshape((site.BatchShape + site.EventShape).ToArray())))]);
        using var svi = Svi.For(problem.Model, Guide.AutoDelta(problem.Model, problem.Observations, init: start), Elbo.Trace(), p => optim.SGD(p, 0.1));

        // Single precision over up to 1,200 observations.
        Assert.Equal(0, (svi.Evaluate(problem.Observations).Elbo - expected) / Math.Abs(expected), 2e-5);
    }

    private static (IReadOnlyDictionary<string, double[]> Point, double LogDensity) At(string name, PosteriorData data)
    {
        double[] Column(string column) => [.. data.Vector(column).to(ScalarType.Float64).data<double>()];
        double LogPriors(params (double Value, double Scale)[] normals) => normals.Sum(entry => D.Normal.PDFLn(0, entry.Scale, entry.Value));
        double HalfNormal(double x, double scale) => Math.Log(2) + D.Normal.PDFLn(0, scale, x);
        double HalfCauchy(double x, double scale) => Math.Log(2) + D.Cauchy.PDFLn(0, scale, x);
        switch (name)
        {
            case EightSchools.Name:
                double[] standard = [0.3, -0.2, 0.5, 0.1, -0.6, 0, 1.2, -1];
                return (new Dictionary<string, double[]> { ["mu"] = [3], ["tau"] = [2], ["theta_trans"] = standard },
                    LogPriors((3, 5)) + HalfCauchy(2, 5) + standard.Sum(z => D.Normal.PDFLn(0, 1, z))
                    + Column("y").Zip(Column("sigma")).Zip(standard, (row, z) => D.Normal.PDFLn(3 + (2 * z), row.Second, row.First)).Sum());
            case KidScores.Name:
                return (new Dictionary<string, double[]> { ["beta"] = [20, 0.7], ["sigma"] = [17] },
                    HalfCauchy(17, 2.5) + Column("kid_score").Zip(Column("mom_iq"), (y, x) => D.Normal.PDFLn(20 + (0.7 * x), 17, y)).Sum());
            case Autoregression.Name:
                var series = Column("y");
                return (new Dictionary<string, double[]> { ["alpha"] = [0.1], ["beta"] = Coefficients, ["sigma"] = [0.2] },
                    LogPriors([(0.1, 10), .. Coefficients.Select(beta => (beta, 10.0))]) + HalfCauchy(0.2, 2.5)
                    + Enumerable.Range(5, series.Length - 5).Sum(t => D.Normal.PDFLn(0.1 + Enumerable.Range(0, 5).Sum(k => Coefficients[k] * series[t - 1 - k]), 0.2, series[t])));
            case GaussianMixture.Name:
                // The density of the ordered pair is normalized here, 2! times that of the collection.
                return (new Dictionary<string, double[]> { ["mu"] = [-2, 2.5], ["sigma"] = [1.2, 0.9], ["theta"] = [0.6] },
                    Math.Log(2) + LogPriors((-2, 2), (2.5, 2)) + HalfNormal(1.2, 2) + HalfNormal(0.9, 2) + D.Beta.PDFLn(5, 5, 0.6)
                    + Column("y").Sum(y => Math.Log((0.6 * D.Normal.PDF(-2, 1.2, y)) + (0.4 * D.Normal.PDF(2.5, 0.9, y)))));
            case LinearRegression.Name:
                var rows = data.Matrix("X").to(ScalarType.Float64);
                var outputs = Column("y");
                return (new Dictionary<string, double[]> { ["beta"] = Coefficients, ["sigma"] = [40] },
                    LogPriors([.. Coefficients.Select(beta => (beta, 10.0))]) + HalfNormal(40, 10)
                    + outputs.Select((y, n) => D.Normal.PDFLn(Enumerable.Range(0, 5).Sum(d => Coefficients[d] * rows[n, d].ToDouble()), 40, y)).Sum());
            case Earnings.Name:
                var (height, male) = (Column("height"), Column("male"));
                var (mean, sd) = (height.Average(), MathNet.Numerics.Statistics.Statistics.StandardDeviation(height));
                return (new Dictionary<string, double[]> { ["beta"] = [9.4, 0.1, 0.4, -0.1], ["sigma"] = [0.9] },
                    Column("earn").Select((earn, n) =>
                    {
                        var z = (height[n] - mean) / sd;
                        return D.Normal.PDFLn(9.4 + (0.1 * z) + (0.4 * male[n]) - (0.1 * z * male[n]), 0.9, Math.Log(earn));
                    }).Sum());
            default:
                var (x, y) = (Column("x"), CreateVector.DenseOfArray(Column("y")));
                var covariance = CreateMatrix.Dense(x.Length, x.Length, (i, j) => (2.25 * Math.Exp(-(x[i] - x[j]) * (x[i] - x[j]) / (2 * 36))) + (i == j ? 1.7 : 0));
                var factor = covariance.Cholesky();
                return (new Dictionary<string, double[]> { ["rho"] = [6], ["alpha"] = [1.5], ["sigma"] = [1.7] },
                    D.Gamma.PDFLn(25, 4, 6) + HalfNormal(1.5, 2) + HalfNormal(1.7, 1) - (0.5 * ((x.Length * Math.Log(2 * Math.PI)) + factor.DeterminantLn + y.DotProduct(factor.Solve(y)))));
        }
    }
}
