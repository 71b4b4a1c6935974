using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <content>Parameters that are held fixed for a while.</content>
public sealed partial class TrainableParameters
{
    /// <summary>Lets no parameter ask for a gradient until the result is disposed of.</summary>
    internal IDisposable Freeze() => new Frozen([.. _parameters.Values.Where(parameter => parameter.requires_grad)]);

    private sealed class Frozen : IDisposable
    {
        private readonly IReadOnlyList<Parameter> _asking;

        public Frozen(IReadOnlyList<Parameter> asking)
        {
            _asking = asking;
            Ask(false);
        }

        public void Dispose() => Ask(true);

        private void Ask(bool gradient)
        {
            foreach (var parameter in _asking)
            {
                parameter.requires_grad_(gradient);
            }
        }
    }
}
