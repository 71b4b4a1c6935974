using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <content>Sentences for what a program's own code meets: null, a tensor that is gone, what torch refuses.</content>
public sealed partial class Run
{
    /// <summary>Where the run's draws come from.</summary>
    internal RandomKey Key => _key;

    private Func<string> _nullParts = static () => "";

    /// <summary>Runs the program's own code; what fails outside of any site's lambda names the last site before.</summary>
    internal Trace Guarded(string program, object data, Func<Trace> body)
    {
        _nullParts = () => DataProblems.NullParts(data);
        try
        {
            return body();
        }
        catch (Exception met) when (Why(met, "the program") is not null)
        {
            var place = Trace.Sites.Count == 0 ? "before its first site" : $"after site '{Trace.Sites[^1].Name}'";
            throw new ModelException([.. _problems, $"The {(_settings.IsGuide ? program : $"model '{program}'")}, {place}: {Why(met, "the program")}{Particles}"], Table, met);
        }
    }

    // What torch refuses inside a lambda names neither the site nor what stands to the left of its axes.
    private Distribution Made(SiteHandle site, Source source)
    {
        try
        {
            return source.Make() ?? throw Fail($"Site '{site}': its lambda gave null, and it must give a distribution.");
        }
        catch (Exception met) when (Why(met, "its lambda") is not null)
        {
            var reads = Trace.Latents.Where(latent => _reads.Contains(latent.Handle)).Select(latent => $"'{latent.Name}' {new Shape(latent.Value.shape)}").ToList();
            var read = reads.Count == 0 ? "" : $" It read {string.Join(", ", reads)}.";
            throw new ModelException([.. _problems, $"Site '{site}': {Why(met, "its lambda")}{ParticleAdvice(site)}{read}{Particles}"], Table, met);
        }
    }

    private string Particles => _settings.Particles is { } count ? $" The {count} particles are the first axis of what was drawn; a lambda that cannot take it runs with vectorized: false." : "";

    // Null for an exception that says by itself what is wrong.
    private string? Why(Exception met, string who) => met switch
    {
        ExternalException => $"torch refused what {who} does: {TorchRefusal.Words(met)}.{(met.Message.Contains("dtype", StringComparison.Ordinal) ? " Give data, constants and networks one type, as by .to(ScalarType.Float32)." : "")}",
        NullReferenceException or ArgumentNullException => $"{who} met null where a tensor or another object was needed{_nullParts()}; give data in which nothing that the programs read is null.",
        InvalidOperationException when met.Message.StartsWith("Tensor invalid", StringComparison.Ordinal) => $"{who} used a tensor that was disposed of; keep data and constants alive as long as the inference uses them.",
        _ => null,
    };

    // A value that densities can be computed of.
    private Tensor Usable(SiteHandle site, Tensor? value) => DataProblems.Of(value) is { } problem ? throw Fail($"Site '{site}': the given value {problem}.") : value!;
}
