using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Parameters and buffers in safetensors files, by the names of <see cref="TrainableParameters.ByName"/> and <see cref="TrainableParameters.Buffers"/>.</summary>
public static class ParameterFiles
{
    /// <summary>Writes parameters and buffers to a file, which is there whole or not at all.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    public static void SaveSafetensors(this TrainableParameters parameters, string path) => Safetensors.Save(path, parameters.Tensors());

    /// <summary>Writes parameters and buffers.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="destination">A stream to write to.</param>
    public static void SaveSafetensors(this TrainableParameters parameters, Stream destination) => Safetensors.Save(destination, parameters.Tensors());

    /// <summary>Reads parameters and buffers from a file; optimizer and step count stay as they are.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="SafetensorsException">It is not well-formed, or a tensor is missing, unknown, or of another shape or type; nothing was changed.</exception>
    public static void LoadSafetensors(this TrainableParameters parameters, string path)
    {
        using var stream = File.OpenRead(path);
        parameters.LoadSafetensors(stream);
    }

    /// <summary>Reads parameters and buffers; optimizer and step count stay as they are.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="source">A stream to read from, up to its end.</param>
    /// <exception cref="SafetensorsException">It is not well-formed, or a tensor is missing, unknown, or of another shape or type; nothing was changed.</exception>
    public static void LoadSafetensors(this TrainableParameters parameters, Stream source)
    {
        using var scope = NewDisposeScope();
        Overwrite(parameters.Tensors(), Safetensors.Load(source).Tensors);
    }

    /// <summary>Parameters and buffers by name.</summary>
    internal static IReadOnlyDictionary<string, Tensor> Tensors(this TrainableParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.ByName.Select(entry => KeyValuePair.Create(entry.Key, (Tensor)entry.Value)).Concat(parameters.Buffers).ToDictionary();
    }

    /// <summary>Gives every tensor the values of its namesake, after all of them were found to fit.</summary>
    internal static void Overwrite(IReadOnlyDictionary<string, Tensor> targets, IReadOnlyDictionary<string, Tensor> values)
    {
        var problems = targets.Select(target => values.TryGetValue(target.Key, out var value)
            ? Describe(value) == Describe(target.Value) ? null : $"'{target.Key}' is {Describe(value)} in the file, {Describe(target.Value)} here."
            : $"'{target.Key}' {Describe(target.Value)} is missing in the file.").OfType<string>()
            .Concat(values.Keys.Where(name => !targets.ContainsKey(name)).Select(name => $"'{name}' {Describe(values[name])} is in the file and is no parameter or buffer here.")).ToList();
        if (problems.Count > 0)
        {
            // The same tensors under other names.
            var (missing, strange) = (targets.Keys.Where(name => !values.ContainsKey(name)), values.Keys.Where(name => !targets.ContainsKey(name)));
            if (missing.Select(name => Describe(targets[name])).Intersect(strange.Select(name => Describe(values[name]))).Any())
            {
                problems.Add(TrainableParameters.WhereNamesComeFrom);
            }

            throw new SafetensorsException(problems);
        }

        using var noGrad = no_grad();
        foreach (var (name, target) in targets)
        {
            target.copy_(values[name]);
        }
    }

    private static string Describe(Tensor tensor) => $"{tensor.dtype} {new Shape(tensor.shape)}";
}
