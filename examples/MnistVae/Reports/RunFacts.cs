using System.Globalization;
using System.Text.Json;
using MnistVae.Commands;
using MnistVae.Runs;

namespace MnistVae.Reports;

/// <summary>A run's options and results as words.</summary>
public static class RunFacts
{
    /// <summary>Stands where a run has no value.</summary>
    public const string None = "–";

    /// <summary>Every option with its value, in the order of the record.</summary>
    public static IReadOnlyList<(string Name, string Value)> Options(TrainOptions options) =>
        [.. JsonSerializer.SerializeToElement(options, RunJson.Default.TrainOptions).EnumerateObject().Select(property => (Words(property.Name), Value(property.Value)))];

    /// <summary>Where training of the run ended, as its histories tell.</summary>
    /// <param name="run">Its folder.</param>
    /// <param name="weighted">What to call an importance weighted bound, where it ascended one.</param>
    public static IReadOnlyList<(string Name, string Value)> Results(RunFolder run, string weighted)
    {
        var history = RunHistory.Of("", run);
        var (epochs, validations, best) = (history.Epochs, history.Validations, history.Best);
        var last = epochs.Count == 0 ? null : epochs[^1];
        return
        [
            ("epochs done", Text(last?.Epoch, "N0")),
            ("train ELBO, last epoch", Text(last is null ? null : history.Elbo(last), "F2")),
            ($"train {weighted}, last epoch", Text(history.Weighted(last?.Elbo), "F2")),
            ("test ELBO, last epoch", Text(last is null ? null : history.TestElbo(last), "F2")),
            ($"test {weighted}, last epoch", Text(history.Weighted(last?.TestElbo), "F2")),
            ("test ELBO, best epoch", Text(epochs.Max(history.TestElbo), "F2")),
            ($"test {weighted}, best epoch", Text(history.Weighted(epochs.Max(row => row.TestElbo)), "F2")),
            ("best validation, ELBO", Text(best is null ? null : history.Elbo(best), "F2")),
            ($"best validation, {weighted}", Text(history.Weighted(best?.Elbo), "F2")),
            ("best validation, step", Text(best?.Step, "N0")),
            ("log p(x), if evaluated", Evidence(run)),
            ("images a second", Text(epochs.Count == 0 ? null : epochs.Average(row => row.ImagesPerSecond), "N0")),
            ("training, seconds", Text(epochs.Count == 0 ? null : epochs.Sum(row => row.Seconds), "F1")),
            ("validation, seconds", Text(validations.Count == 0 ? null : validations.Sum(row => row.Seconds), "F1")),
        ];
    }

    // What "evaluate --json" printed, where somebody kept it in the run's folder.
    private static string Evidence(RunFolder run)
    {
        if (!run.Has(EvaluationName))
        {
            return None;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(run.PathOf(EvaluationName)));
            return document.RootElement.TryGetProperty("figures", out var figures) && figures.TryGetProperty("logEvidence", out var evidence) && evidence.TryGetDouble(out double value)
                ? Text(value, "F2")
                : None;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return None;
        }
    }

    /// <summary>The file in a run's folder in which <c>evaluate --json</c> may be kept.</summary>
    public const string EvaluationName = "evaluation.json";

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? None;

    private static string Words(string camel) => string.Concat(camel.Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => None,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Value)),
        JsonValueKind.String when value.GetString() is { Length: > 0 } name && name.All(char.IsAsciiLetter) => Words(name).Trim(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.ToString(),
    };
}
