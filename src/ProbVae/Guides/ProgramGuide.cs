using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A guide that was written site by site, or as plain C#. An immutable value.</summary>
internal sealed class ProgramGuide<TData>(Model<TData> model, Action<Run, TData> body, IReadOnlyList<(string Name, Module Module)> modules, IReadOnlyList<Delegate> delegates, string description = "a program")
    : Guide<TData>(model, modules)
{
    internal override string Description => description;

    internal override IEnumerable<Delegate> Delegates => delegates;

    internal override void SampleSites(Run run, TData data) => body(run, data);
}
