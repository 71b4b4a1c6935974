using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>A conjugate model, a guide that is near its posterior, and its evidence in closed form.</summary>
internal sealed record ConjugateEvidence(string Name, Model<Tensor> Model, Guide<Tensor> Guide, Tensor Data, double Exact)
{
    private static readonly double[] Sample = [0.8, 1.9, -0.3, 1.1, 0.6];
    private static readonly float[] Flips = [1, 0, 1, 1, 0, 1, 1, 1];
    private static readonly float[] Inputs = [0.5f, -1, 1.5f, 0.3f, -0.7f, 2, 0.9f, 0.1f];
    private static readonly float[] Outputs = [0.9f, -0.4f, 1.6f, 0.7f, -0.2f, 2.3f, 1.4f, 0.2f];

    public static IEnumerable<ConjugateEvidence> All => [NormalMean(), CoinBias(), LinearRegression()];

    /// <summary>mu ~ N(0, 1), x_i ~ N(mu, 1).</summary>
    public static ConjugateEvidence NormalMean(double guideScale = 0.5)
    {
        var model = ProbVae.Model.Given<Tensor>("normal-mean").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("rows", Sample.Length).Observe("x", s => new Normal(s[mu], 1), out _).Build();
        var guide = ProbVae.Guide.For(model).Sample(mu, _ => new Normal(0.6, guideScale)).Build();
        var covariance = CreateMatrix.DenseIdentity<double>(Sample.Length) + 1;
        return new("Normal mean", model, guide, tensor(Sample.Select(x => (float)x).ToArray()), Gaussian(CreateVector.DenseOfArray(Sample), covariance));
    }

    /// <summary>p ~ Beta(2, 2), x_i ~ Bernoulli(p).</summary>
    public static ConjugateEvidence CoinBias()
    {
        var model = ProbVae.Model.Given<Tensor>("coin").Sample("p", new Beta(2, 2), out var p)
            .Plate("flips", Flips.Length).Observe("x", s => Bernoulli.FromProbs(s[p]), out _).Build();
        var guide = ProbVae.Guide.For(model).Sample(p, _ => new Beta(6, 4)).Build();
        var heads = Flips.Sum();
        return new("Coin bias", model, guide, tensor(Flips), SpecialFunctions.BetaLn(2 + heads, 2 + Flips.Length - heads) - SpecialFunctions.BetaLn(2, 2));
    }

    /// <summary>w ~ N(0, 1)², y_i ~ N(w_0 + w_1 x_i, 0.5).</summary>
    public static ConjugateEvidence LinearRegression()
    {
        var inputs = tensor(Inputs);
        var model = ProbVae.Model.Given<Tensor>("regression").Sample("w", Normal.Standard(2), out var w)
            .Plate("rows", Inputs.Length).Observe("y", s => new Normal(s[w].select(-1, 0) + (s[w].select(-1, 1) * inputs), 0.5), out _).Build();
        var guide = ProbVae.Guide.For(model).Sample(w, _ => new Normal(tensor(new[] { 0.3f, 1f }), 0.25)).Build();
        var design = CreateMatrix.Dense(Inputs.Length, 2, (i, j) => j == 0 ? 1.0 : Inputs[i]);
        var covariance = (design * design.Transpose()) + (0.25 * CreateMatrix.DenseIdentity<double>(Inputs.Length));
        return new("Linear regression", model, guide, tensor(Outputs), Gaussian(CreateVector.DenseOfEnumerable(Outputs.Select(y => (double)y)), covariance));
    }

    private static double Gaussian(MathNet.Numerics.LinearAlgebra.Vector<double> x, Matrix<double> covariance)
    {
        var cholesky = covariance.Cholesky();
        return -0.5 * ((x.Count * Math.Log(2 * Math.PI)) + cholesky.DeterminantLn + (x * cholesky.Solve(x)));
    }
}
