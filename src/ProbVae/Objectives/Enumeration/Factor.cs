using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A logarithm as a function of enumerated variables, particles and the elements of plates. It names its variables, so that two
/// of them that had the same axis in a run are never taken for each other.
/// </summary>
/// <param name="log">Its axes: one for each variable, the particles', then those of all plates; 1 along axes on which it does not depend.</param>
/// <param name="variables">The variables, in their order.</param>
/// <param name="plates">The plates that it stands in: those whose elements it is not yet a product over.</param>
internal sealed class Factor(Tensor log, IReadOnlyList<EnumeratedVariable> variables, IReadOnlyList<Plate> plates)
{
    public Tensor Log => log;

    public IReadOnlyList<EnumeratedVariable> Variables => variables;

    public IReadOnlyList<Plate> Plates => plates;

    /// <summary>A site's log density in a run that goes through all values of some variables.</summary>
    /// <param name="site">The site.</param>
    /// <param name="byElement">Its axes: those of the enumerated variables, the particles', those of the plates; the first may be missing.</param>
    /// <param name="owners">Which variable had each axis when the run came to the site.</param>
    /// <param name="own">The variable that the site itself is; null where it is none.</param>
    /// <param name="batchRank">How many axes particles and plates have.</param>
    public static Factor Of(Site site, Tensor byElement, IReadOnlyList<EnumeratedVariable?> owners, EnumeratedVariable? own, int batchRank)
    {
        var least = batchRank + (own is null ? 0 : own.Axis + 1);
        long[] shape = [.. Enumerable.Repeat(1L, Math.Max(0, least - (int)byElement.dim())), .. byElement.shape];
        var enumerated = shape.Length - batchRank;
        var variables = owners.OfType<EnumeratedVariable>().Where(variable => variable == own || (variable.Axis < enumerated && shape[enumerated - 1 - variable.Axis] > 1))
            .OrderBy(variable => variable.Order).ToList();
        if (variables.FirstOrDefault(variable => !variable.Plates.All(site.Plates.Contains)) is { } inner)
        {
            throw new ModelException($"Site '{site.Name}' stands outside a plate of {inner} and reads it; what reads a variable must stand in its plates.");
        }

        if (own is not null && shape[enumerated - 1 - own.Axis] < own.Size)
        {
            // A density that is the same for all values is still one for each of them.
            shape[enumerated - 1 - own.Axis] = own.Size;
            byElement = byElement.expand(shape);
        }

        // From the run's axes, the latest to the left, to one for each variable in their order.
        long[] places = [.. variables.Select(variable => (long)(enumerated - 1 - variable.Axis))];
        var rest = Enumerable.Range(0, enumerated).Select(axis => (long)axis).Except(places);
        var log = byElement.reshape(shape).permute([.. rest, .. places, .. Enumerable.Range(enumerated, batchRank).Select(axis => (long)axis)]);
        var batch = shape[enumerated..];
        return new Factor(log.reshape([.. variables.Select(variable => variable.Size), .. batch]), variables, [.. site.Plates]);
    }

    /// <summary>The factor's reciprocal.</summary>
    public Factor Negated() => new(log.neg(), variables, plates);

    /// <summary>The product of factors; it stands in the plates of the first.</summary>
    public static Factor Product(IReadOnlyList<Factor> factors)
    {
        if (factors.Count == 1)
        {
            return factors[0];
        }

        EnumeratedVariable[] variables = [.. factors.SelectMany(factor => factor.Variables).Distinct().OrderBy(variable => variable.Order)];
        var log = factors.Skip(1).Aggregate(factors[0].Along(variables), (sum, factor) => sum.add(factor.Along(variables)));
        return new Factor(log, variables, factors[0].Plates);
    }

    /// <summary>The logarithm with an axis for each of some variables, its own among them.</summary>
    public Tensor Along(IReadOnlyList<EnumeratedVariable> all)
    {
        if (all.Count == variables.Count)
        {
            return log;
        }

        var batch = log.shape[variables.Count..];
        return log.reshape([.. all.Select(variable => variables.Contains(variable) ? variable.Size : 1), .. batch]);
    }

    /// <summary>The factor with one variable gone, as a reduction of its axis leaves it.</summary>
    public Factor Without(EnumeratedVariable variable, Func<Tensor, long, Tensor> reduce)
    {
        var axis = variables.ToList().IndexOf(variable);
        return new Factor(reduce(log, axis), [.. variables.Where(other => other != variable)], plates);
    }

    /// <summary>The logarithm of a factor of no variable, one number for each particle and element of its plates.</summary>
    /// <param name="particles">How many particles there are.</param>
    public Tensor ByElement(long particles)
    {
        var shape = log.shape;
        shape[0] = particles;
        foreach (var plate in plates)
        {
            shape[^-plate.Axis] = plate.Size;
        }

        return log.expand(shape);
    }

    /// <summary>The product over the elements of some plates, each counted total / size times; the other plates stay.</summary>
    public Factor ProductOver(IReadOnlyCollection<Plate> gone)
    {
        if (gone.Count == 0)
        {
            return this;
        }

        var shape = log.shape;
        long[] summed = [.. gone.Select(plate => (long)plate.Axis).Where(axis => shape[^(int)-axis] > 1)];
        var factor = gone.Aggregate(1.0, (product, plate) => product * plate.Scale * (shape[^-plate.Axis] > 1 ? 1 : plate.Size));
        var sum = summed.Length == 0 ? log : log.sum(summed, keepdim: true);
        return new Factor(factor == 1 ? sum : sum.mul(factor), variables, [.. plates.Where(plate => !gone.Contains(plate))]);
    }
}
