using System.Text.RegularExpressions;
using Module = TorchSharp.torch.nn.Module;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// Some of an inference's parameters: by name, by the beginning of their names, by a pattern, as a module's, or one itself.
/// A text or a module stands wherever one is asked for.
/// </summary>
/// <remarks>
/// A text is a whole name (<c>decoder.0.weight</c>), or a beginning that ends where a part of the name ends (<c>decoder</c> and
/// <c>decoder.</c> both mean the decoder's parameters, never those of a <c>decoder2</c>), or has a <c>*</c> for any characters
/// (<c>*.bias</c>); the empty text means all parameters.
/// </remarks>
public sealed class ParameterSelection
{
    private readonly string _description;
    private readonly Func<TrainableParameters, IEnumerable<string>> _select;

    private ParameterSelection(string description, Func<TrainableParameters, IEnumerable<string>> select) => (_description, _select) = (description, select);

    /// <summary>The parameters that a text names.</summary>
    /// <param name="text">A name, the beginning of names, a pattern with <c>*</c>, or the empty text for all.</param>
    public static implicit operator ParameterSelection(string text) => FromString(text);

    /// <summary>A module's parameters.</summary>
    /// <param name="module">A module of the model or the guide.</param>
    public static implicit operator ParameterSelection(Module module) => FromModule(module);

    /// <summary>One parameter.</summary>
    /// <param name="parameter">A parameter of the model or the guide.</param>
    public static implicit operator ParameterSelection(Parameter parameter) => FromParameter(parameter);

    /// <summary>The parameters that a text names.</summary>
    /// <param name="text">A name, the beginning of names, a pattern with <c>*</c>, or the empty text for all.</param>
    public static ParameterSelection FromString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new($"'{text}'", parameters => parameters.ByName.Keys.Where(name => Matches(text, name)));
    }

    /// <summary>A module's parameters.</summary>
    /// <param name="module">A module of the model or the guide.</param>
    public static ParameterSelection FromModule(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return new($"the module {module.GetName()}", parameters => Own(parameters, module.parameters()));
    }

    /// <summary>One parameter.</summary>
    /// <param name="parameter">A parameter of the model or the guide.</param>
    public static ParameterSelection FromParameter(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return new("the parameter that was given", parameters => Own(parameters, [parameter]));
    }

    /// <summary>What was asked for, as in <c>'encoder.'</c>.</summary>
    public override string ToString() => _description;

    /// <summary>The names of the selected parameters, in the order in which they were found.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal IReadOnlyList<string> In(TrainableParameters parameters)
    {
        var selected = _select(parameters).ToList();
        return selected.Count > 0 ? selected
            : throw new ArgumentException($"None of the inference's parameters is {_description}; there are {string.Join(", ", parameters.ByName.Keys)}.");
    }

    // The handle is the parameter's identity; a wrapper of it may not be.
    private static IEnumerable<string> Own(TrainableParameters parameters, IEnumerable<Parameter> wanted)
    {
        var handles = wanted.Select(parameter => parameter.Handle).ToHashSet();
        return parameters.ByName.Where(entry => handles.Contains(entry.Value.Handle)).Select(entry => entry.Key);
    }

    private static bool Matches(string text, string name)
    {
        if (text.Contains('*', StringComparison.Ordinal))
        {
            return Regex.IsMatch(name, $"^{Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);
        }

        return name.StartsWith(text, StringComparison.Ordinal)
            && (text.Length == 0 || text.Length == name.Length || text[^1] == '.' || name[text.Length] is '.' or '[');
    }
}
