namespace ProbVae;

/// <summary>What an objective does at one latent variable in place of what it does at all of them; for <see cref="Elbo.At"/>.</summary>
public sealed partial record SiteChoice
{
    private SiteChoice(string text, Func<SiteChoices, SiteChoices> into) => (Text, Into) = (text, into);

    /// <summary>The gradient through the draw: the guide's family must be reparameterized.</summary>
    public static SiteChoice Pathwise { get; } = new("Pathwise", choices => choices with { Gradient = SiteGradient.Pathwise, Baseline = null });

    /// <summary>KL(q ‖ p) in closed form; refused where there is none or it is not valid.</summary>
    public static SiteChoice ClosedFormKl { get; } = new("ClosedFormKl", choices => choices with { ClosedForm = true });

    /// <summary>log q − log p at the draws.</summary>
    public static SiteChoice MonteCarloKl { get; } = new("MonteCarloKl", choices => choices with { ClosedForm = false });

    internal string Text { get; }

    internal Func<SiteChoices, SiteChoices> Into { get; }

    /// <summary>The score function gradient: each draw's cost times ∇ log q (Williams 1992).</summary>
    /// <param name="baseline">What is taken off the cost; nothing without it.</param>
    public static SiteChoice ScoreFunction(Baseline? baseline = null) =>
        new("ScoreFunction", choices => choices with { Gradient = SiteGradient.ScoreFunction, Baseline = baseline });

    /// <inheritdoc/>
    public override string ToString() => $"SiteChoice.{Text}";
}

/// <summary>How a gradient reaches the arguments of a guide's site.</summary>
internal enum SiteGradient
{
    /// <summary>Through the draw.</summary>
    Pathwise,

    /// <summary>Through the log density of the draw.</summary>
    ScoreFunction,
}

/// <summary>All that was chosen for one site; null where the objective's own way holds.</summary>
internal sealed record SiteChoices(SiteGradient? Gradient = null, Baseline? Baseline = null, bool? ClosedForm = null)
{
    public static SiteChoices None { get; } = new();
}
