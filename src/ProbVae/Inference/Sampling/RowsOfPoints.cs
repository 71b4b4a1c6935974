using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Points as the rows of one tensor, whose parts are the values of a model's latent variables in a run with as many particles.</summary>
internal sealed class RowsOfPoints : IDisposable
{
    private readonly IReadOnlyList<AutoSite> _sites;
    private readonly LatentSite[] _held;
    private readonly long[][] _shapes;
    private readonly long[] _lengths;
    private readonly Tensor _host;
    private readonly Tensor _none;
    private readonly Tensor[] _shown;

    /// <summary>Makes room for points.</summary>
    /// <param name="sites">The latent variables.</param>
    /// <param name="count">How many points.</param>
    /// <param name="particles">As many; null for a run without that axis, of one point.</param>
    /// <param name="plateDepth">The most batch axes of any site.</param>
    /// <param name="type">The type of the numbers.</param>
    public RowsOfPoints(IReadOnlyList<AutoSite> sites, int count, long? particles, int plateDepth, ScalarType type)
    {
        using var scope = NewDisposeScope();
        (_sites, Particles) = (sites, particles);
        _lengths = [.. sites.Select(site => site.BatchShape.Count * site.Dimension)];
        _host = zeros([count, _lengths.Sum()], type, CPU).DetachFromDisposeScope();
        _none = zeros(1, ScalarType.Float32, sites[0].Device).DetachFromDisposeScope();
        Shape Batch(AutoSite site) => particles is null ? site.BatchShape : new Shape([count, .. Enumerable.Repeat(1L, plateDepth - site.BatchShape.Rank)]) + site.BatchShape;
        _shapes = [.. sites.Select(site => (Batch(site) + site.UnconstrainedShape).ToArray())];

        // A density that nobody asks for; its shapes are held against the prior's.
        _shown = [.. sites.Select(site => _none.select(0, 0).expand((Batch(site) + site.EventShape).ToArray()).DetachFromDisposeScope())];
        _held = [.. sites.Select((site, i) => new LatentSite(site.Handle, new Delta(_shown[i]).ToEvent(site.EventShape.Rank), _none, site.Plates, null) { HeldLogProb = _none })];
    }

    /// <summary>How many particles a run with these values has.</summary>
    public long? Particles { get; }

    /// <summary>Puts the latent variables where points say.</summary>
    /// <returns>The leaf of the graph, the values to be replayed, and the logarithms of the change of volume of the sites that have one.</returns>
    public (Tensor Leaf, Trace Values, IReadOnlyList<Tensor> Volume) Place(IReadOnlyList<PhasePoint> points)
    {
        Write(points);
        var leaf = _host.to(_sites[0].Device).detach().requires_grad_();
        var parts = _sites.Count == 1 ? [leaf] : leaf.split(_lengths, 1);
        var (values, volume) = (new Trace(), new List<Tensor>());
        for (var i = 0; i < _sites.Count; i++)
        {
            var site = _sites[i];
            var numbers = parts[i].reshape(_shapes[i]);
            numbers = numbers.dtype == site.DType ? numbers : numbers.to(site.DType);
            var value = numbers;
            if (!site.IsReal)
            {
                (value, var determinant) = site.Bijection.ForwardAtOnce(numbers);
                volume.Add(determinant ?? site.Bijection.LogDeterminant(numbers, value));
            }

            values.Add(_held[i] with { Value = value });
        }

        return (leaf, values, volume);
    }

    /// <summary>Reads what was found into the points.</summary>
    public static void Read(Tensor logDensities, Tensor gradients, IReadOnlyList<PhasePoint> points)
    {
        var densities = logDensities.cpu().data<double>().ToArray();
        var slopes = gradients.to(ScalarType.Float64, CPU).contiguous().data<double>().ToArray().AsSpan();
        for (var i = 0; i < points.Count; i++)
        {
            points[i].LogDensity = double.IsNaN(densities[i]) || double.IsPositiveInfinity(densities[i]) ? double.NegativeInfinity : densities[i];
            slopes.Slice(i * points[i].Position.Length, points[i].Position.Length).CopyTo(points[i].Gradient);
        }
    }

    public void Dispose()
    {
        Array.ForEach(_shown, tensor => tensor.Dispose());
        _host.Dispose();
        _none.Dispose();
    }

    private void Write(IReadOnlyList<PhasePoint> points)
    {
        if (_host.dtype == ScalarType.Float64)
        {
            var doubles = MemoryMarshal.Cast<byte, double>(_host.bytes);
            for (var i = 0; i < points.Count; i++)
            {
                points[i].Position.CopyTo(doubles[(i * points[i].Position.Length)..]);
            }

            return;
        }

        var floats = MemoryMarshal.Cast<byte, float>(_host.bytes);
        for (var i = 0; i < points.Count; i++)
        {
            var position = points[i].Position;
            for (var j = 0; j < position.Length; j++)
            {
                floats[(i * position.Length) + j] = (float)position[j];
            }
        }
    }
}
