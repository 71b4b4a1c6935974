using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// Who would like what? A rating is a product of a user's tastes and an item's traits, plus both their biases (probabilistic matrix factorization,
/// Salakhutdinov and Mnih 2008). Users come in minibatches; the guide keeps a row for each of them in an embedding.
/// </summary>
public static class MatrixFactorization
{
    private const long Users = 240;
    private const long Items = 60;
    private const long Traits = 3;

    /// <summary>A minibatch: which users, their ratings of all items, and which of these were made.</summary>
    private sealed record Ratings(Rows Rows, Tensor Scores, Tensor Made);

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: tastes and traits that nobody sees, and noisy ratings of 30 % of all pairs; another 5 % are held out.
        var key = new RandomKey(7);
        var tastes = Normal.Standard(Users, Traits).Sample(key.Fold("tastes"));
        var traits = Normal.Standard(Items, Traits).Sample(key.Fold("traits"));
        var biases = 0.5 * Normal.Standard(Items).Sample(key.Fold("biases"));
        var meant = 3 + biases + (0.7 * tastes.matmul(traits.t()));
        var scores = new Normal(meant, 0.5).Sample(key.Fold("noise"));
        var lot = new Uniform(0, 1).Sample(key.Fold("lot"), Users, Items);
        var (made, heldOut) = (lot.lt(0.3), lot.gt(0.95));

        // trait_j ~ Normal(0, I)   bias_j ~ Normal(0, 1)   taste_i ~ Normal(0, I)   noise ~ HalfNormal(1)
        // rating_ij ~ Normal(3 + bias_j + taste_i · trait_j, noise), where it was made
        var model = Model.Given<Ratings>("matrix factorization")
            .Sample("noise", new HalfNormal(1), out var noise)
            .Plate("items", total: Items, axis: -1)
            .Sample("trait", Normal.Standard(Traits), out var trait)
            .Sample("bias", new Normal(0, 1), out var bias)
            .EndPlate()
            .Plate("users", Users, d => d.Rows, axis: -2)
            .Sample("taste", Normal.Standard(Traits), out var taste)
            .Plate("items", total: Items, axis: -1)
            .Observe("rating", s => new Normal(3 + s[bias] + (s[taste] * s[trait]).sum(-1), s[noise]).Mask(s.Data.Made), d => d.Scores, out _)
            .Build();

        manual_seed(report.Seed);
        var (tasteLoc, tasteLogScale) = (Embedding(Users, Traits), Embedding(Users, Traits));
        init.normal_(tasteLoc.weight, 0, 0.1);
        init.constant_(tasteLogScale.weight, -1);
        Parameter traitLoc = new(0.1 * randn(Items, Traits)), traitLogScale = new(full(Items, Traits, -1.0));
        Parameter biasLoc = new(zeros(Items)), biasLogScale = new(full(Items, -1.0)), noiseLoc = new(tensor(0f)), noiseLogScale = new(tensor(-2f));
        var guide = Guide.For(model)
            .Sample(noise, _ => new LogNormal(noiseLoc, noiseLogScale.exp()))
            .Sample(trait, _ => new Normal(traitLoc, traitLogScale.exp()))
            .Sample(bias, _ => new Normal(biasLoc, biasLogScale.exp()))
            .Sample(taste, d =>
            {
                var users = tensor(d.Rows.Indices.ToArray()).unsqueeze(-1);
                return new Normal(tasteLoc.call(users), tasteLogScale.call(users).exp());
            })
            .Build();

        using var svi = Svi.For(model, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 0.03), report.Seed);
        var (steps, elbos) = (report.Steps(1000), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.05, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var rows = Rows.Draw(Users, 80, new RandomKey(report.Seed).Fold(step));
            elbos.Add(svi.Step(new Ratings(rows, rows.Of(scores), rows.Of(made))).Elbo);
            schedule.step();
        }

        report.Write($"ELBO  {TextPlot.Sparkline(elbos.Skip(20).ToList())}");
        report.Write();

        // What is predicted is the mean; how sure one is of a rating comes from draws of taste, trait and bias.
        using var noGrad = no_grad();
        Tensor Draw(Parameter loc, Parameter logScale, string name) => new Normal(loc, logScale.exp()).Sample(new RandomKey(3).Fold(name), 200);
        var drawn = 3 + Draw(biasLoc, biasLogScale, "bias").unsqueeze(1)
            + Draw(tasteLoc.weight!, tasteLogScale.weight!, "taste").matmul(Draw(traitLoc, traitLogScale, "trait").transpose(-1, -2));
        var (predicted, spread) = (drawn.mean([0L]), (drawn.@var(0) + (2 * noiseLoc).exp()).sqrt());
        var baseline = Biases(scores, made);
        double Rmse(Tensor prediction) => (prediction - scores).masked_select(heldOut).square().mean().sqrt().ToDouble();
        var covered = (predicted - scores).abs().lt(1.645 * spread).masked_select(heldOut).to(ScalarType.Float32).mean().ToDouble();

        report.Table(["held-out ratings", "RMSE"],
        [
            ["user's and item's biases alone", $"{Rmse(baseline):F3}"],
            ["matrix factorization", $"{Rmse(predicted):F3}"],
            ["the truth without its noise", $"{Rmse(meant):F3}"],
        ]);
        report.Write("Some of the first user's ratings that nobody had seen:");
        var shown = heldOut[0].nonzero().squeeze(-1).data<long>().ToArray().Take(4);
        report.Table(["item", "predicted", "90 %", "rated"], [.. shown.Select(item => new[]
        {
            $"{item}",
            $"{predicted[0, item].ToDouble():F1}",
            $"{(predicted - (1.645 * spread))[0, item].ToDouble():F1} to {(predicted + (1.645 * spread))[0, item].ToDouble():F1}",
            $"{scores[0, item].ToDouble():F1}",
        })]);

        report.AtMost("held-out RMSE", Rmse(predicted), 0.65);
        report.AtMost("held-out RMSE beside the baseline's", Rmse(predicted) / Rmse(baseline), 0.6);
        report.Near("share of held-out ratings in their 90 % interval", covered, 0.9, 0.05);
        report.Near("noise, which was 0.5", noiseLoc.exp().ToDouble(), 0.5, 0.05);
    }

    // A mean for all, one for each user and one for each item, shrunk towards 0 and fitted in turn.
    private static Tensor Biases(Tensor scores, Tensor made)
    {
        var weight = made.to(ScalarType.Float32);
        var mean = (scores * weight).sum() / weight.sum();
        var (user, item) = (zeros(Users, 1), zeros(1, Items));
        for (var round = 0; round < 20; round++)
        {
            user = ((scores - mean - item) * weight).sum(dim: 1, keepdim: true) / (weight.sum(dim: 1, keepdim: true) + 1);
            item = ((scores - mean - user) * weight).sum(dim: 0, keepdim: true) / (weight.sum(dim: 0, keepdim: true) + 1);
        }

        return mean + user + item;
    }
}
