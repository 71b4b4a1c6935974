using System.Text;
using System.Text.Json;

namespace ProbVae.Training;

/// <summary>An evaluation as JSON, name by name, so that no name changes by itself.</summary>
internal static class EvaluationDocument
{
    private const int Format = 1;

    public static string Write(ModelEvaluation figures)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteStartObject("figures");
            json.WriteString("plate", figures.Plate);
            json.WriteNumber("rows", figures.Rows);
            json.WriteNumber("steps", figures.Steps);
            Number(json, "elbo", figures.Elbo);
            Number(json, "ascended", figures.Ascended);
            Number(json, "reconstruction", figures.Reconstruction);
            Number(json, "kl", figures.Kl);
            Number(json, "logEvidence", figures.LogEvidence);
            Number(json, "logEvidenceStandardError", figures.LogEvidenceStandardError);
            Number(json, "logEvidenceMonteCarloError", figures.LogEvidenceMonteCarloError);
            json.WriteNumber("draws", figures.Draws);
            Number(json, "effectiveSampleSize", figures.EffectiveSampleSize);
            Number(json, "lowestEffectiveSampleSize", figures.LowestEffectiveSampleSize);
            Number(json, "paretoK", figures.ParetoK);
            Number(json, "paretoKAboveLimit", figures.ParetoKAboveLimit);
            json.WriteStartArray("codes");
            foreach (var code in figures.Codes)
            {
                json.WriteStartObject();
                json.WriteString("site", code.Site);
                json.WriteNumber("numbers", code.Numbers);
                json.WriteNumber("activeUnits", code.ActiveUnits);
                Number(json, "mutualInformation", code.MutualInformation);
                Number(json, "marginalKl", code.MarginalKl);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    // JSON knows no infinity and no NaN.
    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
