using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Choosing among weighted draws.</summary>
internal static class Resampling
{
    /// <summary>
    /// Systematic resampling (Kitagawa 1996, Monte Carlo Filter and Smoother): a draw of weight w is chosen ⌊n w⌋ or ⌈n w⌉ times. The choice is
    /// shuffled, so that the first of them are a sample too.
    /// </summary>
    /// <param name="logWeights">Float64, of shape (draws, elements).</param>
    /// <param name="count">How many to choose, n.</param>
    /// <param name="key">Where the randomness comes from.</param>
    /// <returns>Indices of draws, of shape (count, elements).</returns>
    /// <exception cref="ModelException">All weights of an element are 0.</exception>
    public static Tensor Systematic(Tensor logWeights, int count, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var (draws, elements) = ((int)logWeights.shape[0], (int)logWeights.shape[1]);
        var highest = logWeights.amax([0]);
        if (highest.isneginf().any().item<bool>())
        {
            throw new ModelException("Importance resampling: every draw has the weight 0, so none can be chosen: the data are impossible wherever the guide draws.");
        }

        var cumulative = (logWeights - highest).exp().cumsum(0).cpu().contiguous().data<double>().ToArray();
        var indices = new long[count * elements];
        for (var element = 0; element < elements; element++)
        {
            using var generator = key.Fold(element).NewGenerator();
            var (offset, total, place) = (rand(1, ScalarType.Float64, generator: generator).item<double>(), cumulative[((draws - 1) * elements) + element], 0);
            var order = randperm(count, ScalarType.Int64, generator: generator).data<long>().ToArray();
            for (var i = 0; i < count; i++)
            {
                while (place < draws - 1 && cumulative[(place * elements) + element] <= (i + offset) / count * total)
                {
                    place++;
                }

                indices[(order[i] * elements) + element] = place;
            }
        }

        return tensor(indices, [count, elements], device: logWeights.device).MoveToOuterDisposeScope();
    }

    /// <summary>The chosen draws of a site.</summary>
    /// <param name="values">Of shape (draws) + plates + event, the plates in the order of their axes.</param>
    /// <param name="chosen">Of shape (count, elements).</param>
    /// <param name="plates">The site's plates.</param>
    /// <param name="separate">Those of them whose elements were chosen by themselves, in the order of their axes.</param>
    public static Tensor At(Tensor values, Tensor chosen, IReadOnlyList<Plate> plates, IReadOnlyList<Plate> separate)
    {
        var sizes = Enumerable.Repeat(1L, (int)values.dim()).ToArray();
        sizes[0] = chosen.shape[0];
        foreach (var (plate, place) in plates.OrderBy(plate => plate.Axis).Select((plate, place) => (plate, place)))
        {
            sizes[place + 1] = separate.Contains(plate) ? plate.Size : 1;
        }

        return values.gather(0, chosen.reshape(sizes).expand([chosen.shape[0], .. values.shape[1..]]));
    }
}
