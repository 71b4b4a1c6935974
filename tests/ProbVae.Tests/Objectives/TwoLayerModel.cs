using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>
/// z1_i ~ N(a, 1), z2_i | z1_i ~ N(z1_i, 0.8), x_i | z2_i ~ N(z2_i, 0.7); q(z2 | x) = N(b x, e^r), q(z1 | z2) = N(c z2, e^t): a guide
/// whose second draw reads its first, in the order against the model's.
/// </summary>
internal sealed class TwoLayerModel : IDisposable
{
    private static readonly double[] Rows = [0.8, -1.3];

    public TwoLayerModel()
    {
        Model = ProbVae.Model.Given<Tensor>("two layers").Plate("rows", total: Rows.Length)
            .Sample("z1", s => new Normal(Parameters[0].expand(s.Data.shape[0]), 1), out var z1)
            .Sample("z2", s => new Normal(s[z1], 0.8), out var z2)
            .Observe("x", s => new Normal(s[z2], 0.7), out _).Build();
        Guide = ProbVae.Guide.For(Model)
            .Sample(z2, data => new Normal(Parameters[1] * data, Parameters[2].exp().expand(data.shape[0])))
            .Sample(z1, (_, s) => new Normal(Parameters[3] * s[z2], Parameters[4].exp()))
            .Build();
    }

    /// <summary>a, b, r, c, t.</summary>
    public Parameter[] Parameters { get; } = [new(tensor(0.2)), new(tensor(0.4)), new(tensor(-0.4)), new(tensor(0.5)), new(tensor(-0.2))];

    public Tensor Data { get; } = tensor(Rows);

    public Model<Tensor> Model { get; }

    public Guide<Tensor> Guide { get; }

    public double[] At => [.. Parameters.Select(parameter => parameter.item<double>())];

    /// <summary>The bound of one draw or two, by quadrature over the four numbers that they are made from.</summary>
    public static double Bound(int draws, double[] at) => Rows.Sum(x => draws == 1
        ? GaussHermite.Mean((first, second) => LogWeight(x, first, second, at))
        : GaussHermite.Coarse((a, b) => GaussHermite.Coarse((c, d) => GaussHermite.LogMeanExp(LogWeight(x, a, b, at), LogWeight(x, c, d, at)))));

    public Svi<Tensor> Svi(Elbo elbo, long seed = 5) => ProbVae.Svi.For(Model, Guide, elbo, Inferences.Still, seed);

    public void Dispose()
    {
        Array.ForEach(Parameters, parameter => parameter.Dispose());
        Data.Dispose();
    }

    private static double LogWeight(double x, double first, double second, double[] at)
    {
        var z2 = (at[1] * x) + (Math.Exp(at[2]) * first);
        var z1 = (at[3] * z2) + (Math.Exp(at[4]) * second);
        return LocalModel.LogNormal(z1, at[0], 1) + LocalModel.LogNormal(z2, z1, 0.8) + LocalModel.LogNormal(x, z2, 0.7)
            - LocalModel.LogNormal(z2, at[1] * x, Math.Exp(at[2])) - LocalModel.LogNormal(z1, at[3] * z2, Math.Exp(at[4]));
    }
}
