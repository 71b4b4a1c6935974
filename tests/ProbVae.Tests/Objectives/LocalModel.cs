using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>
/// z_i ~ N(a, 1), x_i | z_i ~ N(z_i, s); q(z_i | x_i) = N(b x_i + c, e^r): one latent variable for each row, like a VAE's. In
/// double precision, so that quadrature and finite differences tell a wrong gradient from rounding.
/// </summary>
internal sealed class LocalModel : IDisposable
{
    public const double Deviation = 0.7;

    public static readonly double[] Rows = [0.8, -1.3, 2.1];

    /// <param name="total">How many rows the whole data has; the three of them unless said.</param>
    /// <param name="shared">Whether the guide takes the model's A in place of its own C.</param>
    public LocalModel(long? total = null, bool shared = false)
    {
        var (a, b, c, r) = (A, B, shared ? A : C, R);
        Model = ProbVae.Model.Given<Tensor>("local").Plate("rows", total ?? Rows.Length, data => data.shape[0])
            .Sample("z", s => new Normal(a.expand(s.Data.shape[0]), 1), out var z)
            .Observe("x", s => new Normal(s[z], Deviation), out _).Build();
        Guide = ProbVae.Guide.For(Model).Sample(z, data => new Normal((b * data) + c, r.exp().expand(data.shape[0]))).Build();
        Z = z;
    }

    public Parameter A { get; } = new(tensor(0.3));

    public Parameter B { get; } = new(tensor(0.4));

    public Parameter C { get; } = new(tensor(-0.2));

    public Parameter R { get; } = new(tensor(-0.3));

    public Tensor Data { get; } = tensor(Rows);

    public Model<Tensor> Model { get; }

    public Guide<Tensor> Guide { get; }

    public Latent Z { get; }

    public IReadOnlyList<Parameter> Parameters => [A, B, C, R];

    public double[] At => [.. Parameters.Select(parameter => parameter.item<double>())];

    public static double LogEvidence(double a) => Rows.Sum(x => LogNormal(x, a, Math.Sqrt(1 + (Deviation * Deviation))));

    public static double LogNormal(double x, double mean, double sd) => (-0.5 * (x - mean) * (x - mean) / (sd * sd)) - Math.Log(sd) - (0.5 * Math.Log(2 * Math.PI));

    /// <summary>log w of one row at the guide's mean + e^r · noise.</summary>
    public static double LogWeight(double x, double noise, double[] at)
    {
        var (mean, sd) = ((at[1] * x) + at[2], Math.Exp(at[3]));
        var z = mean + (sd * noise);
        return LogNormal(z, at[0], 1) + LogNormal(x, z, Deviation) - LogNormal(z, mean, sd);
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
