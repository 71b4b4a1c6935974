using MathNet.Numerics.LinearAlgebra;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Natural gradients: the Fisher metric of the guide, no dependence on units, exact answers where theory gives them.</summary>
public sealed class NaturalGradientTests
{
    private static readonly double PosteriorScale = 1 / Math.Sqrt(21);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFullStepFromThePosteriorsScaleLandsOnItsMean(bool joint)
    {
        // The posterior is normal, so the natural gradient of the location is the way to the mean, without noise.
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate();
        var start = InitTo.Value((Latents(conjugate)[0], 4.0));
        Guide<Tensor> guide = joint
            ? Guide.AutoMultivariateNormal(conjugate.Model, conjugate.Data, init: start, scale: PosteriorScale)
            : Guide.AutoNormal(conjugate.Model, conjugate.Data, init: start, scale: PosteriorScale);
        using var svi = Svi(conjugate, guide, NaturalGradient.Descent(rate: 1, reach: 100));
        svi.Step(conjugate.Data);
        Assert.Equal(Conjugate.Mean, svi.Parameters.ByName[joint ? "joint.loc" : "z.loc"].sum().ToDouble(), 1e-5);
    }

    [Fact]
    public void AStepIsTheGradientInTheFisherMetric()
    {
        using var scope = NewDisposeScope();
        var line = new Line(unit: 1);
        using var warm = ProbVae.Svi.For(line.Model, line.Guide, Elbo.Trace(8), Inferences.Adam(0.1), seed: 1);
        for (var step = 0; step < 20; step++)
        {
            warm.Step(line.Data);
        }

        var before = Numbers(warm);
        using (var still = ProbVae.Svi.For(line.Model, line.Guide, Elbo.Trace(4), Inferences.Still, seed: 3))
        {
            still.Step(line.Data);
        }

        var gradient = Gradient(warm);
        using var svi = ProbVae.Svi.For(line.Model, line.Guide, Elbo.Trace(4), NaturalGradient.Descent(rate: 1, reach: 1e9), seed: 3);
        svi.Step(line.Data);
        var moved = Numbers(svi) - before;

        // F Δθ = −∇, with F the Hessian of KL(q_θ ‖ q_θ′) at θ′ = θ; single precision and finite differences leave 1e-3.
        var residual = (Fisher(before) * moved) + gradient;
        Assert.True(before[4] != 0 && residual.L2Norm() < 1e-3 * gradient.L2Norm(), $"Residual {residual.L2Norm()} of {gradient.L2Norm()}.");
    }

    [Fact]
    public void UnitsDoNotMatter()
    {
        using var scope = NewDisposeScope();
        Line metres = new(unit: 1), millimetres = new(unit: 1000);
        using var first = metres.Svi();
        using var second = millimetres.Svi();
        for (var step = 0; step < 50; step++)
        {
            first.Step(metres.Data);
            second.Step(millimetres.Data);
        }

        // The same draws, and 50 steps of single precision.
        Assert.Equal(0, (Numbers(first)[0] - (Numbers(second)[0] / 1000)) / Math.Abs(Numbers(first)[0]), 1e-4);
        Assert.Equal(Numbers(first)[2], Numbers(second)[2] - Math.Log(1000), 1e-4);
        Assert.Equal(Numbers(first)[4], Numbers(second)[4], 1e-3);
    }

    [Fact]
    public void CorrelationsDoNotMatter()
    {
        // Intercept and slope correlate by −0.99; 200 steps find the exact posterior, which Adam does not come near in as many.
        using var scope = NewDisposeScope();
        var line = new Line(unit: 1);
        using var svi = line.Svi();
        svi.Schedule(LearningRateSchedule.Cosine(200));
        svi.Fit(line.Data, 200);
        var (mean, covariance) = line.Posterior();
        var found = line.Guide.Covariance;
        for (var i = 0; i < 2; i++)
        {
            var sd = Math.Sqrt(covariance[i, i]);
            Assert.Equal(0, (Numbers(svi)[i] - mean[i]) / sd, 0.02);
            Assert.Equal(1, Math.Sqrt(found[i, i].ToDouble()) / sd, 0.01);
        }

        Assert.Equal(-0.989, found[0, 1].ToDouble() / Math.Sqrt(found[0, 0].ToDouble() * found[1, 1].ToDouble()), 0.002);
    }

    [Fact]
    public void FarAwayAStepIsAsLongAsItsReachAllows()
    {
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate();
        var guide = Guide.AutoMultivariateNormal(conjugate.Model, conjugate.Data, init: InitTo.Value((Latents(conjugate)[0], 4.0)), scale: 0.01);
        using var svi = Svi(conjugate, guide, NaturalGradient.Descent(rate: 0.5, reach: 0.4));
        svi.Step(conjugate.Data);

        // The gradient is 54 or so, half a standard deviation's worth; the step is half of 0.4 standard deviations of 0.01.
        Assert.Equal(4 - 0.002, svi.Parameters.ByName["joint.loc"].sum().ToDouble(), 1e-6);
    }

    [Fact]
    public void ACheckpointGoesOnAtTheSameStep()
    {
        using var scope = NewDisposeScope();
        Line whole = new(unit: 1), resumed = new(unit: 1);
        using var first = whole.Svi(momentum: 0.5);
        using var second = resumed.Svi(momentum: 0.5);
        first.Fit(whole.Data, 5);
        using var stream = new MemoryStream();
        first.Save(stream);
        stream.Position = 0;
        second.Load(stream);
        first.Fit(whole.Data, 3);
        second.Fit(whole.Data, 3);
        Assert.Equal(Numbers(first), Numbers(second));
    }

    [Fact]
    public void WhatHasNoSuchGeometryIsRefused()
    {
        var conjugate = new Conjugate();
        var written = Assert.Throws<ArgumentException>(() => Svi(conjugate, conjugate.Guide, NaturalGradient.Descent()));
        Assert.Equal("NaturalGradient knows the geometry of AutoNormal and AutoMultivariateNormal alone, and location, spread are no parameters of theirs; use optim.Adam.", written.Message);
        Assert.Throws<ArgumentException>(() => Svi(conjugate, Guide.AutoLowRankMultivariateNormal(conjugate.Model, conjugate.Data), NaturalGradient.Descent()));
    }

    [Theory]
    [InlineData(0, 0, 2)]
    [InlineData(1.5, 0, 2)]
    [InlineData(0.5, 1, 2)]
    [InlineData(0.5, 0, 0)]
    [InlineData(double.NaN, 0, 2)]
    public void NumbersOutOfRangeAreRefused(double rate, double momentum, double reach) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NaturalGradient.Descent(rate, momentum, reach));

    private static Latent[] Latents(Conjugate conjugate) => [.. Guide.AutoDelta(conjugate.Model, conjugate.Data).Sites.Select(site => site.Handle)];

    private static Svi<Tensor> Svi(Conjugate conjugate, Guide<Tensor> guide, GroupedOptimizer optimizer) =>
        ProbVae.Svi.For(conjugate.Model, guide, Elbo.StickingTheLanding(), optimizer, seed: 1);

    // Two locations, two logarithms of scales, and the one number below the diagonal.
    private static MathNet.Numerics.LinearAlgebra.Vector<double> Numbers(Svi<Tensor> svi) => Read(svi, parameter => parameter);

    private static MathNet.Numerics.LinearAlgebra.Vector<double> Gradient(Svi<Tensor> svi) => Read(svi, parameter => parameter.grad!);

    private static MathNet.Numerics.LinearAlgebra.Vector<double> Read(Svi<Tensor> svi, Func<Tensor, Tensor> of)
    {
        using var noGrad = no_grad();
        Tensor Named(string name) => of(svi.Parameters.ByName[name]);
        return CreateVector.DenseOfArray(new[] { Named("joint.loc")[0], Named("joint.loc")[1], Named("joint.logScale")[0], Named("joint.logScale")[1], Named("joint.lower")[1, 0] }
            .Select(number => number.ToDouble()).ToArray());
    }

    private static Matrix<double> Fisher(MathNet.Numerics.LinearAlgebra.Vector<double> at)
    {
        const double h = 1e-3;
        double Moved(int i, double by, int j, double and)
        {
            var moved = at.Clone();
            moved[i] += by;
            moved[j] += and;
            return Divergence(at, moved);
        }

        return CreateMatrix.Dense(5, 5, (i, j) => (Moved(i, h, j, h) - Moved(i, h, j, -h) - Moved(i, -h, j, h) + Moved(i, -h, j, -h)) / (4 * h * h));
    }

    // KL of two normal distributions over the plane, from their locations and factors.
    private static double Divergence(MathNet.Numerics.LinearAlgebra.Vector<double> q, MathNet.Numerics.LinearAlgebra.Vector<double> p)
    {
        static (MathNet.Numerics.LinearAlgebra.Vector<double> Loc, Matrix<double> Factor) Of(MathNet.Numerics.LinearAlgebra.Vector<double> numbers) =>
            (numbers.SubVector(0, 2), CreateMatrix.DenseOfArray(new[,] { { Math.Exp(numbers[2]), 0 }, { Math.Exp(numbers[3]) * numbers[4], Math.Exp(numbers[3]) } }));
        var ((qLoc, qFactor), (pLoc, pFactor)) = (Of(q), Of(p));
        var inverse = pFactor.Inverse();
        var (ratio, shift) = ((inverse * qFactor).FrobeniusNorm(), (inverse * (pLoc - qLoc)).L2Norm());
        return (0.5 * ((ratio * ratio) + (shift * shift) - 2)) + p[2] + p[3] - q[2] - q[3];
    }

    /// <summary>y ~ Normal(w_0 + w_1 x, 18) under flat priors, x about 100 with a standard deviation of 15; w in a unit of choice.</summary>
    private sealed class Line
    {
        private readonly double[] _x = [.. Enumerable.Range(0, 30).Select(i => 100 + (15 * ((i * 7 % 30) - 14.5) / 8.66))];
        private readonly double[] _y;

        public Line(double unit)
        {
            _y = [.. _x.Select((x, i) => 20 + (0.6 * x) + (10 * Math.Sin(i)))];
            Data = tensor(_y, ScalarType.Float32);
            var inputs = stack([ones(30), tensor(_x, ScalarType.Float32)], -1) / unit;
            Model = ProbVae.Model.Given<Tensor>("line").Sample("w", new ImproperUniform(Support.RealVector, [2]), out var w)
                .Plate("rows", 30).Observe("y", s => new Normal((inputs * s[w]).sum(dim: -1), 18), out _).Build();
            Guide = ProbVae.Guide.AutoMultivariateNormal(Model, Data, scale: 0.1 * unit);
        }

        public Tensor Data { get; }

        public Model<Tensor> Model { get; }

        public AutoMultivariateNormal<Tensor> Guide { get; }

        public Svi<Tensor> Svi(double momentum = 0) => ProbVae.Svi.For(Model, Guide, Elbo.StickingTheLanding(4), NaturalGradient.Descent(0.5, momentum), seed: 1);

        public (MathNet.Numerics.LinearAlgebra.Vector<double> Mean, Matrix<double> Covariance) Posterior()
        {
            var design = CreateMatrix.Dense(30, 2, (i, j) => j == 0 ? 1.0 : _x[i]);
            var inverse = design.TransposeThisAndMultiply(design).Inverse();
            return (inverse * design.TransposeThisAndMultiply(CreateVector.DenseOfArray(_y)), inverse * (18 * 18));
        }
    }
}
