using System.Globalization;
using ProbVae.Examples.Posteriors.Fitting;

namespace ProbVae.Examples.Posteriors;

/// <summary>What the command line asks for.</summary>
/// <param name="Name">The beginning of a posterior's name, or all.</param>
/// <param name="Families">The guides to fit.</param>
/// <param name="File">The file of reference posteriors, if it was named.</param>
/// <param name="Seed">Where all randomness comes from.</param>
public sealed record Options(string Name, IReadOnlyList<Family> Families, string? File, long Seed)
{
    private const string All = "all";

    /// <summary>Whether a posterior is asked for.</summary>
    public bool Takes(string posterior)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        return Name == All || posterior.StartsWith(Name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads the command line; null, after a sentence, where it cannot be read.</summary>
    public static Options? Parse(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var options = new Options(All, [Family.AutoMultivariateNormal], null, 1);
        string? problem = null;
        for (var i = 0; i < arguments.Count && problem is null; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--file":
                    problem = System.IO.File.Exists(value) ? null : $"--file: there is no file '{value}'.";
                    (options, i) = (options with { File = value }, i + 1);
                    break;
                case "--guide":
                    var names = value.Split(',');
                    var families = Enum.GetValues<Family>().Where(family => value == All || names.Contains(family.ToString(), StringComparer.OrdinalIgnoreCase)).ToList();
                    problem = families.Count > 0 && (value == All || families.Count == names.Length) ? null
                        : $"--guide: there is no guide '{value}' here; there are {string.Join(", ", Enum.GetNames<Family>())} and {All}.";
                    (options, i) = (options with { Families = families }, i + 1);
                    break;
                case "--seed":
                    problem = long.TryParse(value, CultureInfo.InvariantCulture, out var seed) ? null : $"--seed: '{value}' is no whole number.";
                    (options, i) = (options with { Seed = seed }, i + 1);
                    break;
                case var name when !name.StartsWith('-'):
                    options = options with { Name = name };
                    break;
                default:
                    problem = $"There is no option '{arguments[i]}'; there are --guide NAME, --file PATH and --seed NUMBER.";
                    break;
            }
        }

        if (problem is not null)
        {
            Console.Error.WriteLine(problem);
        }

        return problem is null ? options : null;
    }
}
