namespace ProbVae.Examples.Posteriors.Fitting;

/// <summary>The automatic guides that the example compares, and the sampler beside them.</summary>
public enum Family
{
    /// <summary>A normal distribution with all correlations.</summary>
    AutoMultivariateNormal,

    /// <summary>Independent normal distributions.</summary>
    AutoNormal,

    /// <summary>A normal distribution whose covariance has few factors.</summary>
    AutoLowRankMultivariateNormal,

    /// <summary>The normal distribution with the curvature of the posterior at its mode.</summary>
    AutoLaplace,

    /// <summary>Inverse autoregressive flows.</summary>
    AutoIaf,

    /// <summary>No guide: chains of the No-U-Turn sampler.</summary>
    Nuts,
}
