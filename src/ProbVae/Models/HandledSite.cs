using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A latent variable's site where a handler gives the value in place of a draw.</summary>
/// <param name="run">The run that has come to the site.</param>
/// <param name="word">The handler's name, for sentences.</param>
/// <param name="site">The latent variable.</param>
/// <param name="source">Its own distribution.</param>
internal sealed class HandledSite(Run run, string word, Latent site, Source source)
{
    /// <summary>Records a site in the variable's place.</summary>
    /// <param name="given">The value, of shape plates + event; a number stands for all elements.</param>
    /// <param name="make">Makes the site of the variable's own distribution, what that was made from, the value with all axes, and the plates.</param>
    /// <param name="advice">What to do where the value lies outside the support.</param>
    public Tensor Set(TensorLike given, Func<Distribution, IReadOnlyList<Latent>?, Tensor, IReadOnlyList<Plate>, Site> make, string advice = "")
    {
        var (distribution, reads, value) = Hold(given, run.Plates.PlateShape, advice);
        return run.Record(make(distribution, reads, value, run.Plates.Open));
    }

    /// <summary>Records a site that is made from the variable's own distribution.</summary>
    public Tensor Assign(Func<Distribution, IReadOnlyList<Latent>?, IReadOnlyList<Plate>, Site> make)
    {
        var (distribution, reads) = run.Resolve(site, source, run.EventRank(site));
        return run.Record(make(distribution, reads, run.Plates.Open));
    }

    /// <summary>The variable stays latent at a given value, scored as one; a guide must give it the same.</summary>
    public Tensor Substitute(TensorLike given) => Substitute(given, run.Plates.PlateShape);

    /// <summary>The same at another run's value, in the same plates.</summary>
    public Tensor Replay(LatentSite traced)
    {
        if (!traced.Plates.SequenceEqual(run.Plates.Open))
        {
            throw run.Problems.Fail(run.Problems.OtherPlates($"{word}: site '{traced.Name}'", traced.Plates, "in the trace"));
        }

        return Substitute(traced.Value.detach(), traced.Distribution.BatchShape == run.Plates.BatchShape ? run.Plates.BatchShape : run.Plates.PlateShape);
    }

    /// <summary>The variable is drawn from its prior whatever a guide says, and is in no density.</summary>
    public Tensor DrawHidden()
    {
        var (distribution, reads) = run.Resolve(site, source, run.EventRank(site));
        if (run.Settings.Replay is not null && is_grad_enabled() && !distribution.IsReparameterized && distribution.Arguments.FirstOrDefault(argument => argument.Value.requires_grad) is { } trained)
        {
            throw run.Problems.Fail($"{word}('{site}'): {distribution.Family} is not reparameterized, so drawing the variable in each run gives {trained.Name} no gradient and it would be trained wrongly; hold it fixed (detach), or keep the variable in the inference.");
        }

        return run.Record(new BlockedSite(site, distribution, distribution.SampleUnchecked(run.KeyOf(site, distribution)), run.Plates.Open, reads));
    }

    /// <summary>The variable is computed from another one, which is sampled in its place.</summary>
    public Tensor Compute(Latent raw, Func<Run, Distribution, Split> split)
    {
        var (distribution, reads) = run.Resolve(site, source, run.EventRank(site));
        var (prior, reading, value) = split(run, distribution);
        var from = run.Sample(raw, new Source(
            () =>
            {
                run.Reads.Note(reading ? reads ?? [] : []);
                return prior;
            },
            DeclaresReads: !reading || reads is not null));
        var made = value(from);
        var behind = reads?.Append(raw).Where(read => run.Trace.Find(read) is LatentSite).ToList();
        return run.Record(new DeterministicSite(site, new Delta(made).ToEvent(distribution.EventShape.Rank), made, run.Plates.Open, behind));
    }

    private Tensor Substitute(TensorLike given, Shape axes)
    {
        var (distribution, reads, value) = Hold(given, axes, "");
        if (run.Settings.Replay?.Find(site) is LatentSite guided && !guided.Value.expand_as(value).eq(value).all().ToBoolean())
        {
            throw run.Problems.Fail($"{word}('{site}'): the guide gives that variable another value; leave one of the two out, or condition on the value and leave the variable out of the guide.");
        }

        if (run.Settings.Replay is not null && run.Settings.Replay.Find(site) is null)
        {
            run.Problems.Add($"{word}('{site}'): the variable stays latent and is missing from the guide; give it a Delta at that value there, or condition on the value.");
        }

        return run.Record(new LatentSite(site, distribution, value, run.Plates.Open, reads));
    }

    // Held against the shape and the support of the variable's own distribution; the result has the particles' axes too, as a draw would.
    private (Distribution Distribution, IReadOnlyList<Latent>? Reads, Tensor Value) Hold(TensorLike given, Shape axes, string advice)
    {
        var (distribution, reads) = run.Resolve(site, source, run.EventRank(site));
        var (shape, expected) = (given.Shape, axes + distribution.EventShape);
        var isNumber = given.Tensor is null && shape.Rank == 0;
        if (!isNumber && shape != expected)
        {
            throw run.Problems.Fail($"{word}('{site}'): the value has shape {shape}, and the variable {expected}: the axes {axes} of its plates, then the event {distribution.EventShape} of {distribution.Family}.");
        }

        var value = (given.Tensor is { } tensor ? run.Problems.Usable(site, tensor) : Number(given, distribution, expected, advice)).expand(expected.ToArray());
        return run.Settings.Validate && distribution.OutsideSupport(value) is { } outside
            ? throw run.Problems.Fail($"{word}('{site}'): {outside}{advice}")
            : (distribution, reads, value.expand((run.Plates.BatchShape + distribution.EventShape).ToArray()));
    }

    // Numbers in the type that draws have: whole ones for a Categorical. They are held against the support as they were given.
    private Tensor Number(TensorLike given, Distribution distribution, Shape expected, string advice)
    {
        if (!distribution.Support.IsDiscrete)
        {
            return given.ToTensor(distribution.DType, distribution.Device);
        }

        using var noGrad = no_grad();
        var exact = given.ToTensor(ScalarType.Float64, distribution.Device);
        if (distribution.OutsideSupport(exact.expand(expected.ToArray())) is { } outside)
        {
            throw run.Problems.Fail($"{word}('{site}'): {outside}{advice}");
        }

        var typed = exact.to(distribution.SampleUnchecked(new RandomKey(0)).dtype);
        return typed.to(ScalarType.Float64).eq(exact).all().ToBoolean() ? typed
            : throw run.Problems.Fail($"{word}('{site}'): the value has no exact number in {typed.dtype}, the type of {distribution.Family}'s draws; give the distribution's arguments in Float64.");
    }
}

/// <summary>How a latent variable is computed from another one.</summary>
/// <param name="Prior">The prior of the other one.</param>
/// <param name="ReadsParents">Whether that prior depends on what the variable's own depended on.</param>
/// <param name="Value">Computes the variable.</param>
internal sealed record Split(Distribution Prior, bool ReadsParents, Func<Tensor, Tensor> Value);
