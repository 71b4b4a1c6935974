using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>What a site's lambda is given: the data, and the values of the latent variables before it.</summary>
/// <typeparam name="TData">The model's data.</typeparam>
public readonly struct Scope<TData>
{
    private readonly Run _run;
    private readonly TData _data;

    internal Scope(Run run, TData data) => (_run, _data) = (run, data);

    /// <summary>The data of this run.</summary>
    public TData Data
    {
        get
        {
            _run.Reads.NoteData();
            return _data;
        }
    }

    /// <summary>The value of a latent variable.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">It was not sampled before this site.</exception>
    public Tensor this[Latent site] => _run[site];

    /// <summary>The value of a latent variable beside events of more axes, as a scale beside a vector: <c>s[tau, events: 1] * s[z]</c>.</summary>
    /// <param name="site">Its handle.</param>
    /// <param name="events">How many axes of length 1 follow its own, whatever plates and particles come before. Range: at least 0.</param>
    /// <exception cref="ModelException">It was not sampled before this site.</exception>
    public Tensor this[Latent site, int events]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(events);
            var value = _run[site];
            return events == 0 ? value : value.reshape([.. value.shape, .. Enumerable.Repeat(1L, events)]);
        }
    }

    /// <summary>The value of a computed quantity.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">It was not computed before this site.</exception>
    public Tensor this[Deterministic site] => _run[site];

    /// <summary>A parameter; where it was lifted, the value of the latent variable in its place.</summary>
    /// <param name="parameter">A parameter that this lambda reads through here, so that it can be lifted.</param>
    public Tensor this[Parameter parameter] => _run[parameter];

    /// <summary>Runs a network; where parameters of it were lifted, with the values of the latent variables in their place.</summary>
    /// <param name="network">The network, of any modules whose parameters can be lifted.</param>
    /// <param name="input">Of shape (particles) + plates + features.</param>
    /// <param name="features">How many axes of the input are features, which a network tells that begins with a Linear or a Conv2d. Range: at least 0.</param>
    /// <returns>Of shape (particles) + plates + features; with particles where its input has them or a parameter was lifted.</returns>
    /// <remarks>A Linear takes all particles at once, also within a Sequential; other modules with lifted parameters run once for each.</remarks>
    /// <exception cref="ModelException">A parameter was lifted and the input has other axes, or it is not known how many are features.</exception>
    public Tensor Call(Module<Tensor, Tensor> network, Tensor input, int? features = null) => _run.Call(network, input, features);
}
