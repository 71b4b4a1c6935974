namespace ProbVae;

/// <summary>Sites whose draws carry no gradient to arguments that ask for one.</summary>
internal static class FixedDraws
{
    /// <summary>Whether a pathwise gradient would leave the site's arguments untrained.</summary>
    public static bool HasFixedDraws(this LatentSite posterior) =>
        !posterior.Distribution.IsReparameterized && posterior.Distribution.Arguments.Any(argument => argument.Value.requires_grad);
}
