using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference.Distributed;

/// <summary>Models whose rows are divided among ranks, each made anew for a rank.</summary>
internal static class DividedModels
{
    public const int Total = 60;

    /// <summary>Rows of data: two clusters.</summary>
    public static float[] Data { get; } = [.. Enumerable.Range(0, Total).Select(i => (float)((i % 3 == 0 ? 1.5 : -1) + (0.4 * Math.Sin(7.0 * i))))];

    /// <summary>The batch of a step on a rank: rows of the one that a single process would have.</summary>
    public static Tensor Batch(IProcessGroup group, int step, int size)
    {
        var (first, end) = group.ShareOf(size);
        return tensor([.. Enumerable.Range(first, end - first).Select(i => Data[((step * size) + i) % Total])]);
    }

    /// <summary>A latent variable for each row and an amortized guide.</summary>
    public static Svi<Tensor> Local(Elbo elbo)
    {
        var (encoder, decoder) = (Made(1, 4, 1), Made(2, 1, 2));
        var model = Model.Given<Tensor>("local").Plate("rows", Total)
            .Sample("z", Normal.Standard(2), out var z)
            .Observe("x", s => new Normal(decoder.call(s[z]).squeeze(-1), 0.5), out _).Build();
        var guide = Guide.For(model).Sample(z, x => Halves(encoder.call(x.unsqueeze(-1)))).Build();
        return Svi.For(model, guide, elbo, Inferences.Adam(), seed: 5);

        static Normal Halves(Tensor statistics) => new(statistics.narrow(-1, 0, 2), statistics.narrow(-1, 2, 2).exp());
    }

    /// <summary>Global and local latent variables, of several families.</summary>
    public static Svi<Tensor> Mixed(Elbo elbo)
    {
        var encoder = Made(1, 2, 3);
        Parameter loc = Inferences.Scalar(0.2), scale = Inferences.Scalar(-1), width = Inferences.Scalar(-0.5), spread = Inferences.Scalar(-1);
        var model = Model.Given<Tensor>("mixed")
            .Sample("shift", new Normal(0, 1), out var shift)
            .Sample("noise", new LogNormal(-1, 0.5), out var noise)
            .Plate("rows", Total)
            .Sample("z", s => new Normal(s[shift], 1), out var z)
            .Observe("x", s => new Normal(s[z], s[noise]), out _).Build();
        var guide = Guide.For(model)
            .Sample(shift, _ => new Normal(loc, scale.exp()))
            .Sample(noise, _ => new LogNormal(width, spread.exp()))
            .Sample(z, x => Halved(encoder.call(x.unsqueeze(-1)))).Build();
        return Svi.For(model, guide, elbo, Inferences.Adam(), seed: 6);

        static Normal Halved(Tensor statistics) => new(statistics.select(-1, 0), statistics.select(-1, 1).exp());
    }

    /// <summary>A discrete latent variable for each row and two global ones; the guide has the first too where it is amortized.</summary>
    public static Svi<Tensor> Clusters(Elbo elbo, bool amortized)
    {
        var encoder = Made(1, 2, 4);
        Parameter low = Inferences.Scalar(-0.5), high = Inferences.Scalar(0.5), logits = new(zeros(2));
        var model = Model.Given<Tensor>("clusters")
            .Sample("one", new Normal(0, 2), out var one)
            .Sample("other", new Normal(0, 2), out var other)
            .Plate("rows", Total)
            .Sample("cluster", s => Categorical.FromLogits(logits), out var cluster)
            .Observe("x", s => new Normal(s[one] + ((s[other] - s[one]) * s[cluster]), 0.5), out _).Build();
        var guide = Guide.For(model).Sample(one, _ => new Normal(low, 0.1)).Sample(other, _ => new Normal(high, 0.2));
        return Svi.For(model, (amortized ? guide.Sample(cluster, x => Categorical.FromLogits(encoder.call(x.unsqueeze(-1)))) : guide.SumOut(cluster)).Build(), elbo, Inferences.Adam(), seed: 7);
    }

    private static Linear Made(long inputs, long outputs, long seed)
    {
        var linear = nn.Linear(inputs, outputs);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (name, parameter) in linear.named_parameters())
        {
            parameter.copy_(new Normal(0, 0.5).Expand(parameter.shape).Sample(new RandomKey(seed).Fold(name)));
        }

        return linear;
    }
}
