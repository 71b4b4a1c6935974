using static TorchSharp.torch;

namespace ProbVae;

/// <summary>An estimate whose gradient is that of other scalars than the terms: of another bound, or of surrogates for it.</summary>
/// <param name="guide">The guide's trace.</param>
/// <param name="model">The model's trace.</param>
/// <param name="terms">The terms of the true ELBO.</param>
/// <param name="loss">What the step reports as its loss.</param>
/// <param name="descended">Scalars whose gradients, times their factors, sum up to the loss's.</param>
/// <param name="learn">What the objective itself learns from these draws, after the gradient.</param>
internal sealed class SurrogateEstimate(Trace guide, Trace model, IReadOnlyList<ElboTerm> terms, double loss, IReadOnlyList<ScaledTensor> descended, Action? learn = null)
    : ElboEstimate(guide, model, terms)
{
    public override double Loss => loss;

    public override void Differentiate(double share)
    {
        var trained = descended.Where(part => part.Values.requires_grad && part.Factor != 0).ToList();
        if (trained.Count > 0)
        {
            autograd.backward(trained.ConvertAll(part => part.Values), trained.ConvertAll(part => full_like(part.Values, part.Factor * share)));
        }

        learn?.Invoke();
    }
}
