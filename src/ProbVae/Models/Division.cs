using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Where a process's rows of a plate begin among those of all processes.</summary>
/// <param name="Rank">The process.</param>
/// <param name="First">The first of its rows.</param>
/// <param name="Whole">How many rows all processes have.</param>
internal sealed record PlateShare(int Rank, long First, long Whole);

/// <summary>
/// How the rows of one plate are divided among processes in a step or an evaluation: the sum over all processes of what each counts is
/// what one process with all rows would. What stands outside the plate is the same on all and counts in part on each.
/// </summary>
/// <param name="plate">The plate's name.</param>
/// <param name="rank">This process.</param>
/// <param name="ranks">How many there are.</param>
/// <param name="exchange">Tells all processes' numbers of rows, given this one's; asked once.</param>
internal sealed class Division(string plate, int rank, int ranks, Func<long, IReadOnlyList<long>> exchange)
{
    private readonly Dictionary<string, double> _outside = [];
    private IReadOnlyList<long>? _sizes;

    public int Rank => rank;

    /// <summary>Whether a run has come to the plate.</summary>
    public bool IsEntered => _sizes is not null;

    /// <summary>Whether sums of the values outside the plate are kept, to be held against the other processes'.</summary>
    public bool Notes { get; init; }

    /// <summary>The sums, by site.</summary>
    public IReadOnlyDictionary<string, double> Outside => _outside;

    /// <summary>The rows' axis among those of a draw; null where the draw stands outside of a divided plate.</summary>
    public static BatchRows? RowsOf(Distribution distribution, IReadOnlyList<Plate> open)
    {
        foreach (var entered in open)
        {
            if (entered.Share is { } share)
            {
                return new(share.Rank, distribution.BatchShape.Rank + entered.Axis, share.First, entered.Size, share.Whole);
            }
        }

        return null;
    }

    /// <summary>The plate that a run enters, with this process's place in it where it is the divided one.</summary>
    public Plate Of(Plate entered)
    {
        if (entered.Name != plate)
        {
            return entered;
        }

        _sizes ??= exchange(entered.Size);
        var (first, whole) = (_sizes.Take(rank).Sum(), _sizes.Sum());
        return _sizes[rank] != entered.Size
            ? throw new ModelException($"Plate '{plate}' has {entered.Size} rows here and had {_sizes[rank]} before in the same step; a plate that is divided among ranks has one size a step.")
            : whole > entered.Total
            ? throw new ModelException($"Plate '{plate}': the ranks together have {string.Join(" + ", _sizes)} = {whole} rows, more than its total of {entered.Total}, so some would count twice. Give each rank rows of its own, and the plate the total of the whole data.")
            : entered with { Share = new(rank, first, whole) };
    }

    /// <summary>What of a site's density this process counts.</summary>
    public double PartOf(Site site)
    {
        if (site.Plates.Any(entered => entered.Name == plate))
        {
            return 1;
        }

        if (Notes && site is not UnscoredSite)
        {
            using var scope = NewDisposeScope();
            _outside[site.Name] = site.Value.detach().to(ScalarType.Float64).sum().ToDouble();
        }

        return 1.0 / ranks;
    }
}
