namespace ProbVae;

/// <summary>A file that is not well-formed safetensors, or whose tensors do not fit; nothing was changed.</summary>
public sealed class SafetensorsException : IOException
{
    /// <summary>States every problem that was found, a sentence each.</summary>
    /// <param name="problems">At least one.</param>
    /// <param name="cause">What was met, if anything.</param>
    public SafetensorsException(IReadOnlyList<string> problems, Exception? cause = null)
        : base(ShortMessage.Of(["The safetensors file was not loaded.", .. problems]), cause) => Problems = problems;

    /// <summary>The problems, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
