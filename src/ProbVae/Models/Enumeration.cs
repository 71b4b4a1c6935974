using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Latent variables that one run goes through all values of, in parallel: each has its values along an axis of its own, before
/// the particles and the plates, and every density that reads it has that axis too. In a Markov loop an axis is taken again two
/// steps later (Obermeyer et al. 2019, Tensor Variable Elimination for Plated Factor Graphs).
/// </summary>
internal sealed class Enumeration
{
    // What torch allows a tensor, less what densities add for a while.
    private const int MostAxes = 60;

    private readonly Func<Latent, Distribution, bool> _chosen;
    private readonly bool _measuring;
    private readonly bool _isGuide;
    private readonly Dictionary<SiteHandle, EnumeratedVariable> _variables = [];
    private readonly List<EnumeratedVariable?> _owners = [];
    private readonly List<LoopPlace> _loops = [];
    private readonly Dictionary<EnumeratedVariable, IReadOnlyList<(LoopPlace Loop, int Step)>> _steps = [];
    private readonly HashSet<int> _free = [];

    private Enumeration(Func<Latent, Distribution, bool> chosen, bool measuring, bool isGuide) =>
        (_chosen, _measuring, _isGuide) = (chosen, measuring, isGuide);

    /// <summary>A guide's run that goes through all values.</summary>
    public static Enumeration OfGuide(Func<Latent, Distribution, bool> chosen) => new(chosen, measuring: false, isGuide: true);

    /// <summary>A model's run: it takes the guide's values along the guide's axes, and goes through those of what the guide has not.</summary>
    public static Enumeration OfModel(Func<Latent, Distribution, bool> chosen, Enumeration guide)
    {
        var enumeration = new Enumeration(chosen, measuring: false, isGuide: false);
        foreach (var variable in guide.Variables)
        {
            enumeration._variables.Add(variable.Site, variable);
            enumeration.Place(variable, onlyIfFree: true);
        }

        enumeration.AtStart = [.. enumeration._owners];
        return enumeration;
    }

    /// <summary>A measuring run: what would be summed out is drawn from its prior, and the guide need not have it.</summary>
    public static Enumeration Measuring(Func<Latent, Distribution, bool> chosen) => new(chosen, measuring: true, isGuide: false);

    /// <summary>The variables of guide and model, in the order in which the runs came to them.</summary>
    public IEnumerable<EnumeratedVariable> Variables => _variables.Values.OrderBy(variable => variable.Order);

    /// <summary>Which variable has each axis at the start of the run.</summary>
    public IReadOnlyList<EnumeratedVariable?> AtStart { get; private set; } = [];

    /// <summary>The sizes of the axes before the particles.</summary>
    public Shape Sizes => new([.. _owners.Select(owner => owner?.Size ?? 1).Reverse()]);

    /// <summary>The variable that a site is, where it was enumerated.</summary>
    public EnumeratedVariable? Find(SiteHandle site) => _variables.GetValueOrDefault(site);

    /// <summary>Whether a guide may leave a latent variable out because it is summed out here.</summary>
    public bool SumsOut(Latent site, Distribution distribution) => _chosen(site, distribution);

    /// <summary>Whether a variable's axis has been given up or taken by another since, so that its values can no longer be told from the other's.</summary>
    public bool HasLeft(Latent site) => Find(site) is { } variable && (_owners[variable.Axis] != variable || _free.Contains(variable.Axis));

    /// <summary>All values of a variable along a new axis, of shape (K, 1, …, 1) + event; null where it is not enumerated or comes from the guide.</summary>
    public Tensor? Values(Latent site, Distribution distribution, PlateStack plates, bool replayed)
    {
        if (_measuring)
        {
            return null;
        }

        if (replayed)
        {
            if (Find(site) is { } guided)
            {
                RequireOwnAxis(site, distribution, guided.Axis, plates);
                Place(guided, onlyIfFree: false);
                plates.Enumerated = Sizes;
            }

            return null;
        }

        if (!_chosen(site, distribution) || distribution.EnumerateSupport() is not { } elements)
        {
            return null;
        }

        var axis = FirstFree();
        if (axis + plates.BatchShape.Rank + distribution.EventShape.Rank >= MostAxes)
        {
            throw new ModelException($"Site '{site}': {axis} discrete latent variables are gone through at once and a tensor has no axis for one more. Where each step of a loop reads one step back, write it as foreach (var t in run.Markov(steps)), which takes the same axes again.");
        }

        RequireOwnAxis(site, distribution, axis, plates);
        var variable = new EnumeratedVariable(site, elements, axis, _variables.Count, _isGuide, plates.Open);
        _variables.Add(site, variable);
        _steps[variable] = [.. _loops.Select(loop => (loop, loop.Step))];
        Place(variable, onlyIfFree: false);
        plates.Enumerated = Sizes;
        var ones = Enumerable.Repeat(1L, axis + plates.BatchShape.Rank);
        return elements.reshape([variable.Size, .. ones, .. distribution.EventShape.ToArray()]);
    }

    /// <summary>The steps of a loop in which each reads at most some steps back: the axes of variables too far back to be read become free.</summary>
    public IEnumerable<int> Steps(int steps, int history)
    {
        var loop = new LoopPlace();
        _loops.Add(loop);
        for (var step = 0; step < steps; step++)
        {
            loop.Step = step;
            _free.UnionWith(_owners.OfType<EnumeratedVariable>()
                .Where(owner => _steps.TryGetValue(owner, out var places) && places.Any(place => place.Loop == loop && place.Step < step - history)).Select(owner => owner.Axis));
            yield return step;
        }

        // The last variables keep their axes.
        _loops.Remove(loop);
    }

    /// <summary>The distribution with the axes of enumerated variables that the value has.</summary>
    public static Distribution Beside(Tensor value, Distribution distribution)
    {
        var batch = new Shape(value.shape)[..^distribution.EventShape.Rank];
        return distribution.Expand(distribution.BatchShape.BroadcastWith(batch)!.Value);
    }

    /// <summary>Whether a guide's site and the model's agree in the axes that both must have: those of enumerated variables stand before them.</summary>
    public static bool HaveOneBatch(Distribution guide, Distribution prior, PlateStack plates)
    {
        var shared = plates.HasParticles ? plates.BatchShape.Rank : int.MaxValue;
        return Last(guide.BatchShape) == Last(prior.BatchShape);

        Shape Last(Shape batch) => batch[Math.Max(0, batch.Rank - shared)..];
    }

    // A local variable of the program may have kept values that no handle was asked for.
    private static void RequireOwnAxis(Latent site, Distribution distribution, int axis, PlateStack plates)
    {
        var place = distribution.BatchShape.Rank - plates.BatchShape.Rank - 1 - axis;
        if (place >= 0 && distribution.BatchShape[place] > 1)
        {
            throw new ModelException($"Site '{site}': its distribution was made from values further back than this Markov loop's history, whose axis its own values take. Say run.Markov(steps, history: 2) where a step reads two steps back.");
        }
    }

    private int FirstFree() => _free.Count > 0 ? _free.Min() : _owners.Count;

    private void Place(EnumeratedVariable variable, bool onlyIfFree)
    {
        while (_owners.Count <= variable.Axis)
        {
            _owners.Add(null);
        }

        _free.Remove(variable.Axis);
        if (!onlyIfFree || _owners[variable.Axis] is null)
        {
            _owners[variable.Axis] = variable;
        }
    }

    // A loop over steps, at one of them.
    private sealed class LoopPlace
    {
        public int Step { get; set; }
    }
}
