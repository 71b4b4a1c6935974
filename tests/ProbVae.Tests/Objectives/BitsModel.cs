using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>
/// mu ~ N(0, 1), z_i ~ Bernoulli(0.3), x_i | z_i, mu ~ N(mu + 2 z_i, 0.7); q(mu) = N(m, e^r), q(z_i) = Bernoulli(σ(l_i)). A
/// continuous latent variable beside bits for each row; its ELBO is a sum and one integral.
/// </summary>
internal sealed class BitsModel : IDisposable
{
    public static readonly double[] Rows = [0.4, 2.6, -0.5, 1.2, 1.9, -1.0];

    /// <param name="plates">Whether the bits' independence is declared by a plate; else they are one event.</param>
    public BitsModel(bool plates = true)
    {
        var (m, r, l) = (M, R, L);
        var declared = ProbVae.Model.Given<Tensor>("bits").Sample("mu", new Normal(tensor(0.0), 1), out var mu);
        declared = plates ? declared.Plate("rows", total: Rows.Length) : declared;
        var prior = full(Rows.Length, Math.Log(0.3 / 0.7), ScalarType.Float64);
        Model = declared.Sample("z", s => Event(Bernoulli.FromLogits(prior)), out var z)
            .Observe("x", s => Event(new Normal(plates ? s[mu] + (2 * s[z]) : s[mu].unsqueeze(-1) + (2 * s[z]), 0.7)), out _).Build();
        Guide = ProbVae.Guide.For(Model).Sample(mu, _ => new Normal(m, r.exp())).Sample(z, _ => Event(Bernoulli.FromLogits(l))).Build();
        Frozen = ProbVae.Guide.For(Model).Sample(mu, _ => new Normal(m, r.exp())).Sample(z, _ => Event(Bernoulli.FromProbs(full(Rows.Length, 0.5, ScalarType.Float64)))).Build();
        (Mu, Z) = (mu, z);

        Distribution Event(Distribution distribution) => plates ? distribution : distribution.ToEvent(1);
    }

    public Parameter M { get; } = new(tensor(0.3));

    public Parameter R { get; } = new(tensor(-0.6));

    public Parameter L { get; } = new(tensor([-0.4, 0.9, -1.1, 0.2, 0.5, -0.8]));

    public IReadOnlyList<Parameter> Parameters => [M, R, L];

    public Tensor Data { get; } = tensor(Rows);

    public Model<Tensor> Model { get; }

    public Guide<Tensor> Guide { get; }

    /// <summary>A guide whose bits have nothing to be trained.</summary>
    public Guide<Tensor> Frozen { get; }

    public Latent Mu { get; }

    public Latent Z { get; }

    public double[] At => [M.item<double>(), R.item<double>(), .. Inferences.Numbers(L)];

    public static double Elbo(double[] at)
    {
        var sum = GaussHermite.Mean(noise =>
        {
            var mu = at[0] + (Math.Exp(at[1]) * noise);
            return LocalModel.LogNormal(mu, 0, 1) - LocalModel.LogNormal(mu, at[0], Math.Exp(at[1])) + Rows.Select((x, i) =>
            {
                var one = 1 / (1 + Math.Exp(-at[2 + i]));
                return (one * LocalModel.LogNormal(x, mu + 2, 0.7)) + ((1 - one) * LocalModel.LogNormal(x, mu, 0.7));
            }).Sum();
        });
        return sum - Rows.Select((_, i) =>
        {
            var one = 1 / (1 + Math.Exp(-at[2 + i]));
            return (one * Math.Log(one / 0.3)) + ((1 - one) * Math.Log((1 - one) / 0.7));
        }).Sum();
    }

    public Svi<Tensor> Svi(Elbo elbo, long seed = 5) => ProbVae.Svi.For(Model, Guide, elbo, Inferences.Still, seed);

    public void Dispose()
    {
        foreach (var parameter in Parameters)
        {
            parameter.Dispose();
        }

        Data.Dispose();
    }
}
