using System.Runtime.CompilerServices;
using ProbVae.Examples.Posteriors.Reference;

namespace ProbVae.Examples.Posteriors.Tests;

/// <summary>A test that runs where the file of reference posteriors is at hand.</summary>
public sealed class ReferenceTheoryAttribute : TheoryAttribute
{
    public ReferenceTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (PosteriorFile.Find(null) is null)
        {
            Skip = PosteriorFile.Missing;
        }
    }

    /// <summary>One of the file's posteriors.</summary>
    public static ReferencePosterior Named(string name) => PosteriorFile.Read(PosteriorFile.Find(null)!).Single(reference => reference.Name == name);
}
