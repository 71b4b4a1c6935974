using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>The ELBO and its gradient are unbiased: averages over many draws meet the closed forms of normal models.</summary>
public sealed class GradientTests
{
    private const int Steps = 60;
    private const int Particles = 64;

    private static readonly double[] Heights = [0.3, -1.1, 2.0, 0.7, 1.6];

    // Two of four rows, three columns.
    private static readonly double[,] Table = { { 0.5, 1.5, 2.0 }, { -1.0, 0.0, -0.4 } };

    public static TheoryData<bool, bool> Objectives => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Objectives))]
    public void OfANormalMean(bool closedForm, bool vectorized)
    {
        // mu ~ N(0, 2), y | mu ~ N(mu, 1.5); q = N(m, exp r)
        using Parameter loc = Inferences.Scalar(0.4), logScale = Inferences.Scalar(-0.3);
        var model = Model.Given<Tensor>("mean").Sample("mu", new Normal(0, 2), out var mu)
            .Plate("heights", total: Heights.Length).Observe("y", s => new Normal(s[mu], 1.5), out _).Build();
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, logScale.exp())).Build();

        var (m, variance, n) = (0.4, Math.Exp(-0.6), Heights.Length);
        var elbo = Heights.Sum(y => LogNormalDensity(y - m, variance, 1.5)) + LogNormalDensity(m, variance, 2) + Entropy(variance);
        var (byLoc, byLogScale) = ((Heights.Sum(y => y - m) / 2.25) - (m / 4), 1 - (variance * ((n / 2.25) + 0.25)));
        AssertMeets(model, guide, tensor(Heights, ScalarType.Float32), closedForm, vectorized, elbo, [(loc, [byLoc]), (logScale, [byLogScale])]);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void OfNestedPlatesWithSubsampledRows(bool closedForm, bool vectorized)
    {
        // mu ~ N(0, 1), b_i | mu ~ N(mu, 1), y_ij | b_i ~ N(b_i, 0.5); q(mu) = N(m, s), q(b_i) = N(c_i, t_i); rows count twice
        using Parameter m = Inferences.Scalar(0.2), logS = Inferences.Scalar(-0.5);
        using Parameter c = new(tensor(new[] { 1f, -0.3f })), logT = new(tensor(new[] { -0.7f, -0.2f }));
        var model = Model.Given<Tensor>("table").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("rows", total: 4, axis: -2)
            .Sample("b", s => new Normal(s[mu], 1), out var b)
            .Plate("columns", total: 3, _ => 3, axis: -1)
            .Observe("y", s => new Normal(s[b], 0.5), out _)
            .Build();
        // The guide's axes are the plates': rows lie along −2, so a row has a column axis of 1.
        var guide = Guide.For(model)
            .Sample(mu, _ => new Normal(m, logS.exp()))
            .Sample(b, _ => new Normal(c.unsqueeze(-1), logT.exp().unsqueeze(-1)))
            .Build();

        double[] ci = [1, -0.3], ti = [Math.Exp(-1.4), Math.Exp(-0.4)];
        var (mean, s2, scale) = (0.2, Math.Exp(-1), 2.0);
        var elbo = LogNormalDensity(mean, s2, 1) + Entropy(s2);
        double[] byC = [0, 0], byLogT = [0, 0];
        for (var i = 0; i < 2; i++)
        {
            elbo += scale * (LogNormalDensity(ci[i] - mean, ti[i] + s2, 1) + Entropy(ti[i]));
            byC[i] = -scale * (ci[i] - mean);
            byLogT[i] = scale * (1 - (ti[i] * (1 + (3 / 0.25))));
            for (var j = 0; j < 3; j++)
            {
                elbo += scale * LogNormalDensity(Table[i, j] - ci[i], ti[i], 0.5);
                byC[i] += scale * (Table[i, j] - ci[i]) / 0.25;
            }
        }

        var byM = -mean + (scale * ci.Sum(value => value - mean));
        var byLogS = 1 - (s2 * (1 + (scale * 2)));
        AssertMeets(model, guide, tensor(Table, ScalarType.Float32), closedForm, vectorized, elbo, [(m, [byM]), (logS, [byLogS]), (c, byC), (logT, byLogT)]);
    }

    // E log N(x; 0, scale) of a normal x with that mean and variance.
    private static double LogNormalDensity(double mean, double variance, double scale) =>
        -(((mean * mean) + variance) / (2 * scale * scale)) - Math.Log(scale) - (0.5 * Math.Log(2 * Math.PI));

    private static double Entropy(double variance) => 0.5 * Math.Log(2 * Math.PI * Math.E * variance);

    // Averages over 60 steps of 64 particles; the bound is 4 standard errors of the 60 means.
    private static void AssertMeets(Model<Tensor> model, Guide<Tensor> guide, Tensor data, bool closedForm, bool vectorized, double elbo, (Parameter Parameter, double[] Gradient)[] exact)
    {
        // A looped particle costs a run, so the loop takes fewer.
        var particles = vectorized ? Particles : Particles / 8;
        var objective = closedForm ? Elbo.MeanField(particles, vectorized) : Elbo.Trace(particles, vectorized);
        using var svi = Svi.For(model, guide, objective, Inferences.Still, seed: 11);
        var elbos = new List<double>();
        var gradients = exact.Select(_ => new List<double[]>()).ToArray();
        for (var step = 0; step < Steps; step++)
        {
            elbos.Add(svi.Step(data).Elbo);
            for (var i = 0; i < exact.Length; i++)
            {
                using var gradient = exact[i].Parameter.grad!;
                gradients[i].Add(Inferences.Numbers(gradient));
            }
        }

        Inferences.AssertEstimates(elbo, Inferences.Mean(elbos), "ELBO");
        for (var i = 0; i < exact.Length; i++)
        {
            for (var element = 0; element < exact[i].Gradient.Length; element++)
            {
                // The loss descends, so its gradient is minus the ELBO's.
                var found = Inferences.Mean([.. gradients[i].Select(gradient => -gradient[element])]);
                Inferences.AssertEstimates(exact[i].Gradient[element], found, $"gradient of parameter {i}, element {element}");
            }
        }
    }
}
