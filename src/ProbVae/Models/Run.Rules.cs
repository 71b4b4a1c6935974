using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <content>What handlers do at a latent variable's site in place of drawing it.</content>
public sealed partial class Run
{
    /// <summary>The axes of particles and plates here.</summary>
    internal Shape BatchShape => _plates.BatchShape;

    /// <summary>The axes of the plates here.</summary>
    internal Shape PlateShape => _plates.PlateShape;

    /// <summary>A value from outside for a latent variable, held against the shape and the support of the variable's own distribution.</summary>
    /// <param name="word">The handler's name, for sentences.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="source">Its own distribution.</param>
    /// <param name="given">Of shape plates + event; a number stands for all elements.</param>
    /// <param name="axes">The axes before the event that the value has; those of the plates unless given.</param>
    /// <param name="advice">What to do where the value lies outside the support.</param>
    /// <returns>The value with the particles' axes too, as one that was drawn would have.</returns>
    internal (Distribution Distribution, IReadOnlyList<Latent>? Reads, Tensor Value) Hold(string word, Latent site, Source source, TensorLike given, Shape? axes = null, string advice = "")
    {
        var (before, shape) = (axes ?? PlateShape, given.Shape);
        var (distribution, reads) = Resolve(site, source, EventRankOf(site));
        var expected = before + distribution.EventShape;
        var isNumber = given.Tensor is null && shape.Rank == 0;
        if (!isNumber && shape != expected)
        {
            throw Fail($"{word}('{site}'): the value has shape {shape}, and the variable {expected}: the axes {before} of its plates, then the event {distribution.EventShape} of {distribution.Family}.");
        }

        var value = (given.Tensor is { } tensor ? Usable(site, tensor) : Number(word, site, given, distribution, expected, advice)).expand(expected.ToArray());
        return _settings.Validate && distribution.OutsideSupport(value) is { } outside
            ? throw Fail($"{word}('{site}'): {outside}{advice}")
            : (distribution, reads, value.expand((BatchShape + distribution.EventShape).ToArray()));
    }

    /// <summary>A latent variable at a given value, scored as one; a guide must give it the same.</summary>
    internal Tensor Substitute(string word, Latent site, Source source, TensorLike given, Shape? axes = null)
    {
        var (distribution, reads, value) = Hold(word, site, source, given, axes);
        if (_settings.Replay?.Find(site) is LatentSite guided && !guided.Value.expand_as(value).eq(value).all().ToBoolean())
        {
            throw Fail($"{word}('{site}'): the guide gives that variable another value; leave one of the two out, or condition on the value and leave the variable out of the guide.");
        }

        if (_settings.Replay is not null && _settings.Replay.Find(site) is null)
        {
            _problems.Add($"{word}('{site}'): the variable stays latent and is missing from the guide; give it a Delta at that value there, or condition on the value.");
        }

        return Record(new LatentSite(site, distribution, value, _plates.Open, reads));
    }

    /// <summary>Holds the plates of a site of another run against those that are open here.</summary>
    internal void RequirePlates(string word, LatentSite traced)
    {
        if (!traced.Plates.SequenceEqual(_plates.Open))
        {
            throw Fail(OtherPlates($"{word}: site '{traced.Name}'", traced.Plates, "in the trace"));
        }
    }

    /// <summary>A latent variable that is drawn from its prior whatever a guide says, and is in no density.</summary>
    internal Tensor DrawHidden(string word, Latent site, Source source)
    {
        var (distribution, reads) = Resolve(site, source, EventRankOf(site));
        if (_settings.Replay is not null && is_grad_enabled() && !distribution.IsReparameterized && distribution.Arguments.FirstOrDefault(argument => argument.Value.requires_grad) is { } trained)
        {
            throw Fail($"{word}('{site}'): {distribution.Family} is not reparameterized, so drawing the variable in each run gives {trained.Name} no gradient and it would be trained wrongly; hold it fixed (detach), or keep the variable in the inference.");
        }

        return Record(new BlockedSite(site, distribution, distribution.SampleUnchecked(KeyOf(site)), _plates.Open, reads));
    }

    /// <summary>A latent variable that is computed from another one, which is sampled in its place.</summary>
    internal Tensor Compute(Latent site, Source source, Latent raw, Func<Distribution, Split> split)
    {
        var (distribution, reads) = Resolve(site, source, EventRankOf(site));
        var (prior, reading, value) = split(distribution);
        var from = Sample(raw, new Source(
            () =>
            {
                _reads.AddRange(reading ? reads ?? [] : []);
                return prior;
            },
            DeclaresReads: !reading || reads is not null));
        var made = value(from);
        var behind = reads is null ? null : reads.Append(raw).Where(read => Trace.Find(read) is LatentSite).ToList();
        return Record(new DeterministicSite(site, new Delta(made).ToEvent(distribution.EventShape.Rank), made, _plates.Open, behind));
    }

    // A mask is of whole events: it can be read only once it is known which axes are the plates'.
    private Distribution Masked(SiteHandle site, Distribution distribution)
    {
        if (Rules.Mask(site) is not { } mask)
        {
            return distribution;
        }

        var shape = new Shape(mask.shape);
        return shape.BroadcastWith(distribution.BatchShape) == distribution.BatchShape
            ? distribution.Mask(mask)
            : throw Fail($"Mask('{site}'): the mask has shape {shape}, which does not broadcast to the axes {distribution.BatchShape} of the site's plates; a mask has one boolean for each event, here {distribution.Family} event {distribution.EventShape}. To leave out parts of an event, mask the distribution by With({site}, (s, old) => old.Mask(...)).");
    }

    // Numbers in the type that draws have: whole ones for a Categorical. They are held against the support as they were given.
    private Tensor Number(string word, Latent site, TensorLike given, Distribution distribution, Shape expected, string advice)
    {
        if (!distribution.Support.IsDiscrete)
        {
            return given.ToTensor(distribution.DType, distribution.Device);
        }

        using var noGrad = no_grad();
        var exact = given.ToTensor(ScalarType.Float64, distribution.Device);
        if (distribution.OutsideSupport(exact.expand(expected.ToArray())) is { } outside)
        {
            throw Fail($"{word}('{site}'): {outside}{advice}");
        }

        var typed = exact.to(distribution.SampleUnchecked(new RandomKey(0)).dtype);
        return typed.to(ScalarType.Float64).eq(exact).all().ToBoolean() ? typed
            : throw Fail($"{word}('{site}'): the value has no exact number in {typed.dtype}, the type of {distribution.Family}'s draws; give the distribution's arguments in Float64.");
    }

    // A latent variable's event is what its own distribution and earlier runs say, never what a value from outside looks like.
    private int? EventRankOf(Latent site) => _settings.Layout.EventRank(site)
        ?? (_settings.Particles is null ? null : throw new LayoutOutgrownException($"Site '{site}'"));
}

/// <summary>How a latent variable is computed from another one.</summary>
/// <param name="Prior">The prior of the other one.</param>
/// <param name="ReadsParents">Whether that prior depends on what the variable's own depended on.</param>
/// <param name="Value">Computes the variable.</param>
internal sealed record Split(Distribution Prior, bool ReadsParents, Func<Tensor, Tensor> Value);
