namespace ProbVae.Tests.Models;

/// <summary>A program that cannot work, and every sentence that must say so, word for word.</summary>
internal sealed record ProblemCase(Action Run, params string[] Problems);
