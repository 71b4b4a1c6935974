using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The importance weighted bound with doubly reparameterized gradients (Tucker, Lawson, Gu and Maddison 2019): the guide's gradient
/// is Σ_k ŵ_k² ∂ log w_k / ∂z_k · ∂z_k / ∂φ, the model's Σ_k ŵ_k ∂ log p(x, z_k) / ∂θ, with ŵ the normalized weights.
/// </summary>
internal sealed class DregElbo(int draws, bool vectorized) : MultiSampleElbo($"Elbo.Dreg({draws})", draws, vectorized)
{
    internal override string Gradient(LatentSite posterior) => posterior.Distribution.IsReparameterized ? "pathwise, doubly reparameterized" : base.Gradient(posterior);

    internal override ElboEstimate Estimate(ElboPass pass)
    {
        if (!is_grad_enabled())
        {
            return base.Estimate(pass);
        }

        // The draws as leaves: log w is differentiated in each by itself, then each gradient goes back through the guide with a weight.
        var leaves = new List<Leaf>();
        var runs = Runs(pass, (settings, draw) =>
        {
            var (guide, cut) = (pass.RunGuide(settings), new Trace());
            foreach (var site in guide.Sites)
            {
                var leaf = site.Value.requires_grad ? site.Value.detach().requires_grad_() : site.Value;
                cut.Add(site with { Value = leaf });
                leaves.Add(new(site.Value, leaf, draw, settings.Particles is not null, site.Distribution.BatchShape.Rank));
            }

            using (pass.Freeze())
            {
                return (guide, cut.WithDensitiesOf(pass.RunGuide(settings with { Replay = cut })));
            }
        });
        return new DregEstimate(runs[0].Guide, runs[0].Model, Joined(runs), this, leaves);
    }

    protected override Tensor Bound(Tensor logWeights) => logWeights.logsumexp(0).sub(Math.Log(Particles));

    private sealed class DregEstimate : ElboEstimate
    {
        private readonly List<Leaf> _leaves;
        private readonly List<ScaledTensor> _descended;
        private readonly Tensor? _normalized;
        private readonly double _kl;

        public DregEstimate(Trace guide, Trace model, DrawWeights weights, DregElbo elbo, List<Leaf> leaves)
            : base(guide, model, weights.Terms)
        {
            (_leaves, _descended, Loss) = (leaves, [.. weights.Separate], weights.Separate.Sum(part => part.Number));
            if (weights.Log is { } log)
            {
                _normalized = log.detach().softmax(0);
                _kl = elbo.KlFactor(weights);
                _descended.Add(new(log.mul(_normalized).sum(), -weights.Scale));
                Loss -= weights.Scale * HostNumbers.Single(elbo.Bound(log.detach()).sum());
            }
        }

        public override double Loss { get; }

        public override void Differentiate(double share)
        {
            Backward(_descended.Where(part => part.Values.requires_grad), part => part.Values, part => full_like(part.Values, part.Factor * share));
            // A leaf's gradient has ŵ already. What log q itself depends on φ has the mean of the path's gradient times 1 − ŵ, so ŵ² is left.
            Backward(_leaves.Where(pair => pair.Drawn.requires_grad && pair.Value.grad is not null), pair => pair.Drawn, pair => pair.Value.grad!.mul(Again(pair)));
        }

        private Tensor Again(Leaf leaf)
        {
            var once = _kl == 1 ? _normalized! : _normalized!.mul(_kl).add(1 - _kl);
            if (leaf.Row is { } row)
            {
                once = once.narrow(0, row, 1);
            }

            // A run without the draws' axis has the axes of its own plates alone.
            var shape = leaf.HasAxis ? once.shape : once.shape[^leaf.BatchRank..];
            return once.reshape([.. shape, .. Enumerable.Repeat(1L, (int)leaf.Value.dim() - shape.Length)]);
        }

        private static void Backward<T>(IEnumerable<T> from, Func<T, Tensor> values, Func<T, Tensor> seeds)
        {
            var all = from.ToList();
            if (all.Count > 0)
            {
                autograd.backward(all.ConvertAll(one => values(one)), all.ConvertAll(one => seeds(one)));
            }
        }
    }

    // A guide's draw, cut off from the guide. Row: which draw it is, where each has a run of its own.
    private sealed record Leaf(Tensor Drawn, Tensor Value, int? Row, bool HasAxis, int BatchRank);

    // With a factor β before log q in log w, the two parts no longer add up to ŵ² but to (1 − β) ŵ + β ŵ²; it must be the same in all.
    private double KlFactor(DrawWeights weights)
    {
        var factors = weights.Terms.Where(term => term is not LogLikelihoodTerm).Select(term => term.Weight * term.Site.Weight).Distinct().ToList();
        return factors.Count <= 1 ? factors.DefaultIfEmpty(1).First()
            : throw new ModelException($"{Word}: the latent variables' KL terms have different weights ({string.Join(", ", factors.Select(factor => FormattableString.Invariant($"{factor:G6}")))}), and its gradient is right for one weight alone; give all the same, or use Elbo.Iwae.");
    }
}
