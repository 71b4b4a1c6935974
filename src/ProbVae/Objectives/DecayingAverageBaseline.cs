using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A decaying average of each site's mean cost, kept in a buffer, so that checkpoints hold it and a failed step undoes it.</summary>
#pragma warning disable CA1001 // A baseline is a value like the objective that holds it; the table's finalizer frees its tensors.
internal sealed class DecayingAverageBaseline(double decay) : Baseline
#pragma warning restore CA1001
{
    private readonly Table _table = new();

    public override string ToString() => FormattableString.Invariant($"decaying-average baseline ({decay:G3})");

    internal override IReadOnlyList<(string Name, Module Module)> Modules(string name) => [(name, _table)];

    internal override BaselineValue At(BaselineCase costs)
    {
        Claim(costs);
        var (sum, weight) = _table[costs.Site.Name];
        var value = tensor(weight == 0 ? 0.0 : sum / weight, costs.Cost.dtype, costs.Cost.device);
        return new(value, [], () =>
        {
            using var noGrad = no_grad();
            var mean = HostNumbers.Single(costs.Cost.mean());
            _table[costs.Site.Name] = ((decay * sum) + ((1 - decay) * mean), (decay * weight) + (1 - decay));
        });
    }

    // A site is known by a number made of its name, kept beside its average: which sites there are is known only when runs come to them.
    private sealed class Table : Module
    {
        private const int Capacity = 1024;

        private readonly Tensor _sites = zeros(Capacity, ScalarType.Int64);
        private readonly Tensor _averages = zeros([Capacity, 2], ScalarType.Float64);

        public Table()
            : base("DecayingAverage")
        {
            register_buffer("sites", _sites);
            register_buffer("averages", _averages);
            this.DetachFromScope();
        }

        public (double Sum, double Weight) this[string site]
        {
            get
            {
                using var scope = NewDisposeScope();
                var row = Row(site);
                return (_averages[row, 0].item<double>(), _averages[row, 1].item<double>());
            }

            set
            {
                using var scope = NewDisposeScope();
                var row = Row(site);
                _sites[row] = tensor(Number(site));
                _averages[row] = tensor([value.Sum, value.Weight]);
            }
        }

        private static long Number(string site) => unchecked((long)new RandomKey(0).Fold(site).Value) | 1;

        private int Row(string site)
        {
            var (number, sites) = (Number(site), _sites.data<long>().ToArray());
            var row = Array.FindIndex(sites, taken => taken == number || taken == 0);
            return row >= 0 ? row : throw new ModelException($"Site '{site}': a decaying-average baseline keeps {Capacity} sites and all are taken; give some sites one of their own, with At(site, SiteChoice.ScoreFunction(...)).");
        }
    }
}
