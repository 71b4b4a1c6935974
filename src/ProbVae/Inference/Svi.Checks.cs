using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <content>What is looked at once, before the first step and after it, so that no wrong program trains in silence.</content>
public sealed partial class Svi<TData>
{
    private const int MostNames = 8;

    private bool _trained;
    private bool _triedShapes;
    private bool _reached;
    private IReadOnlyList<Plate> _plates = [];

    // Before a step: gradients are on, and model, guide, optimizer and data were looked at once.
    private void BeginStep(TData data) => Begin(() => $"step {StepCount}", () => Prepare(data));

    private void Prepare(TData data)
    {
        DataProblems.Refuse(_model.Name, data);
        if (!is_grad_enabled())
        {
            throw new InvalidOperationException("Step: gradients are switched off here, by no_grad or inference_mode, so a step would train nothing. Call Step outside of it; to estimate the ELBO without a step, call Evaluate.");
        }

        if (!_trained)
        {
            FreedMemory.Keep();
            RequireOptimized(Optimizer);
            Meet(_elbo, data, training: true);
            _trained = true;
        }
    }

    // Measures the shapes; tries them with particles where the objective has some, and looks at the gradients where it trains.
    private void Meet(Elbo elbo, TData data, bool training)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var measured = Measured(elbo, data);
        Together?.Meet(measured.Model);
        _layout = _layout is { } before ? before.Merge(measured.Layout) : measured.Layout;
        _plates = [.. measured.Model.Sites.SelectMany(site => site.Plates).Distinct()];
        var axis = elbo.HasParticleAxis;
        if (!axis && !training)
        {
            return;
        }

        Tensor[] met = [.. scope.DisposablesView.OfType<Tensor>(), .. Parameters.ByName.Values, .. Parameters.Buffers.Values, .. measured.Model.Sites.Select(site => site.Value), .. data is Tensor one ? [one] : Array.Empty<Tensor>()];
        var settings = new RunSettings(_layout, axis ? Trial<TData>.FreshCount(met) : null, Validate: _validate);
        var restoreBuffers = Parameters.KeepBuffers();
        IReadOnlyList<string> problems = [];
        try
        {
            using var frozen = Parameters.Freeze();
            problems = new Trial<TData>(elbo, _guide, _model, data, Key.Fold("trial"), settings).Problems(training);
            _triedShapes |= axis;
        }
        catch (Exception failure) when (failure is NonFiniteException or LayoutOutgrownException)
        {
            // Other numbers, or another branch: the step itself says so, or finds the shapes; the next one tries again.
        }
        catch (Exception refusal) when (axis && refusal is ModelException or ArgumentException or ExternalException)
        {
            ThrowFor(refusal, elbo, data, settings.Particles!.Value);
        }
        finally
        {
            restoreBuffers();
        }

        if (problems.Count > 0)
        {
            throw new ModelException(problems, measured.Model.ToString());
        }
    }

    // A program that cannot run with the particles that were asked for says so with their number.
    private void ThrowFor(Exception refusal, Elbo elbo, TData data, long count)
    {
        using (no_grad())
        {
            Average(elbo, data, Key.Fold("trial"), _layout!, (_, _) => { });
        }

        throw Trial<TData>.Refused(refusal, count, elbo.Particles);
    }

    // Every parameter that asks for a gradient must have somebody to move it.
    private Optimizer RequireOptimized(Optimizer? made)
    {
        if (made is null)
        {
            throw new ModelException("The optimizer's lambda gave null; it must give an optimizer of the parameters that it is handed, as in parameters => optim.Adam(parameters).");
        }

        var owned = made.parameters().ToHashSet<Parameter>(ReferenceEqualityComparer.Instance);
        var handles = owned.Select(parameter => parameter.Handle).ToHashSet();
        var missing = Parameters.ByName.Where(entry => entry.Value.requires_grad && !owned.Contains(entry.Value) && !handles.Contains(entry.Value.Handle)).Select(entry => entry.Key).ToList();
        return missing.Count == 0 ? made
            : throw new ModelException($"No optimizer has {Listed(missing)}, so {(missing.Count == 1 ? "it" : "they")} would stay as {(missing.Count == 1 ? "it is" : "they are")}. Give the optimizer all parameters that its lambda is handed, as in parameters => optim.Adam(parameters); to leave one alone, call requires_grad_(false) on it first, or freeze it by svi.Freeze(\"{missing[0]}\").");
    }

    // After the first step's gradient: what got none, and is used all the same, would never be trained.
    private void RequireGradients(TData data)
    {
        if (_reached || HasSilencedTerms)
        {
            return;
        }

        var without = Parameters.ByName.Where(entry => entry.Value.requires_grad && entry.Value.grad is null).ToList();
        var used = without.Count == 0 ? [] : new ParameterUse<TData>(_model, _guide, _elbo, data, Key.Fold("use"), _layout!, Parameters).Used(without);
        if (used.Count > 0)
        {
            throw new ModelException($"The programs use {Listed(used)} and the loss has no gradient in {(used.Count == 1 ? "it" : "them")}, so {(used.Count == 1 ? "it" : "they")} would not be trained: {(used.Count == 1 ? "its value was" : "their values were")} computed with under no_grad, detached, or taken out of torch (ToDouble, item). Compute with the parameter itself; to hold one fixed on purpose, call requires_grad_(false) on it, or svi.Freeze(\"{used[0]}\").");
        }

        _reached = true;
    }

    // With a KL weight of 0, as a schedule may begin with, what stands in that term alone has no gradient yet.
    private bool HasSilencedTerms => _elbo.SilencesTerms(StepCount);

    /// <summary>Says of plates that saw the same part of their elements in every step that they did; null where all was seen.</summary>
    private string? PartOnly() => string.Join(" ", _plates.Where(plate => plate.Rows is null && plate.Size < plate.Total).Select(Explanation.Part)) is { Length: > 0 } said ? said : null;

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNames).Select(name => $"'{name}'")) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
}
