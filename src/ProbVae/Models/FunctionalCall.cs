using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Conv2d = TorchSharp.Modules.Conv2d;
using ELU = TorchSharp.Modules.ELU;
using GELU = TorchSharp.Modules.GELU;
using Identity = TorchSharp.Modules.Identity;
using LeakyReLU = TorchSharp.Modules.LeakyReLU;
using Linear = TorchSharp.Modules.Linear;
using Parameter = TorchSharp.Modules.Parameter;
using ReLU = TorchSharp.Modules.ReLU;
using Sequential = TorchSharp.Modules.Sequential;
using Sigmoid = TorchSharp.Modules.Sigmoid;
using SiLU = TorchSharp.Modules.SiLU;
using Softplus = TorchSharp.Modules.Softplus;
using Tanh = TorchSharp.Modules.Tanh;

namespace ProbVae;

/// <summary>Networks whose parameters may be values of latent variables.</summary>
public static class LiftedNetwork
{
    /// <summary>Runs a network; where parameters of it were lifted, with the values of the latent variables in their place.</summary>
    /// <param name="run">The run.</param>
    /// <param name="network">The network, of any modules whose parameters can be lifted.</param>
    /// <param name="input">Of shape (particles) + plates + features.</param>
    /// <param name="features">How many axes of the input are features, which a network tells that begins with a Linear or a Conv2d. Range: at least 0.</param>
    /// <returns>Of shape (particles) + plates + features; with particles where its input has them or a parameter was lifted.</returns>
    /// <remarks>A Linear takes all particles at once, also within a Sequential; other modules with lifted parameters run once for each.</remarks>
    /// <exception cref="ModelException">A parameter was lifted and the input has other axes, or it is not known how many are features.</exception>
    public static Tensor Call(this Run run, Module<Tensor, Tensor> network, Tensor input, int? features = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        return new FunctionalCall(run, run.Plates.PlateShape.Rank, run.Settings.Layout.PlateDepth, run.Settings.Particles).Apply(network, input, features);
    }
}

/// <summary>Runs a network of which some parameters are values of latent variables.</summary>
/// <param name="run">The run, which knows the values.</param>
/// <param name="plates">How many axes the open plates ask for.</param>
/// <param name="depth">The most batch axes of any site of the program.</param>
/// <param name="particles">The size of the particles' axis; null without one.</param>
internal sealed class FunctionalCall(Run run, int plates, int depth, long? particles)
{
    /// <summary>Runs the network as it is where nothing in it was lifted, and module by module otherwise.</summary>
    public Tensor Apply(Module<Tensor, Tensor> network, Tensor input, int? known)
    {
        if (!network.parameters().Any(IsLifted))
        {
            return network.call(input);
        }

        var rank = input.shape.Length;
        var features = known ?? FeatureRank(network)
            ?? throw new ModelException($"s.Call: a {network.GetType().Name} has lifted parameters and does not tell how many axes of its input of shape {new Shape(input.shape)} are features, as one that begins with a Linear or a Conv2d does; say so, as in s.Call(network, input, features: 1).");

        // Without particles the input has at most the plates' axes and its features, so that with them there is no doubt where they are.
        if (particles is null && (rank < features || rank > plates + features))
        {
            throw new ModelException($"s.Call: {network.GetType().Name} has lifted parameters and received an input of shape {new Shape(input.shape)}, which must be the axes of the plates ({plates} here) and then {features} of features; open a plate for the input's rows, and call the network inside it.");
        }

        return Step(network, input, particles is not null && rank > depth + features).Value;
    }

    private (Tensor Value, bool HasParticles) Step(Module<Tensor, Tensor> module, Tensor input, bool hasParticles) => module switch
    {
        _ when module.GetType() == typeof(Sequential) => InTurn((Sequential)module, input, hasParticles),
        _ when !module.parameters().Any(IsLifted) => (hasParticles ? Each(input, module) : module.call(input), hasParticles),
        Linear linear => (Affine(linear, input), particles is not null),
        _ => (Copied(module, input, hasParticles), particles is not null),
    };

    private (Tensor Value, bool HasParticles) InTurn(Sequential modules, Tensor input, bool hasParticles)
    {
        var state = (input, hasParticles);
        foreach (var (name, child) in modules.named_children())
        {
            state = child is Module<Tensor, Tensor> one ? Step(one, state.input, state.hasParticles)
                : throw new ModelException($"s.Call: '{name}' of a Sequential with lifted parameters is a {child.GetType().Name}, which does not take one tensor to another.");
        }

        return state;
    }

    // One product for all particles: the weights are never copied for each row.
    private Tensor Affine(Linear linear, Tensor input)
    {
        var (weight, bias) = (run[linear.weight], linear.bias is { } own ? run[own] : null);
        if (particles is null)
        {
            return functional.linear(input, weight, bias);
        }

        Tensor product;
        if (weight.dim() == 2)
        {
            product = functional.linear(input, weight);
        }
        else if (depth == 0)
        {
            product = matmul(input.unsqueeze(-2), weight.transpose(-1, -2)).squeeze(-2);
        }
        else
        {
            // The last plate's axis is the rows of the product; a single row stands for it where the input has none.
            product = matmul(input.dim() == 1 ? input.unsqueeze(0) : input, weight.squeeze(-3).transpose(-1, -2));
        }

        return bias is null ? product : product.add(bias);
    }

    // Any other module runs as it is, a copy with the values of one particle after another.
    private Tensor Copied(Module<Tensor, Tensor> module, Tensor input, bool hasParticles)
    {
        var lifted = module.parameters().Where(IsLifted).Select(parameter => (Parameter: parameter, Value: run[parameter])).ToList();
        // A parameter may have been lifted without its network.
        lifted.ForEach(pair => ModuleCopy.RequireReplaceable("s.Call", module, pair.Parameter));
        return particles is null ? ModuleCopy.Call(module, Values(0), input)
            : Stacked(particle => ModuleCopy.Call(module, Values(particle), hasParticles ? OfParticle(input, particle) : input));

        IEnumerable<(Parameter, Tensor)> Values(int particle) => lifted.Select(
            pair => (pair.Parameter, pair.Value.dim() > pair.Parameter.dim() ? pair.Value[particle].reshape(pair.Parameter.shape) : pair.Value));
    }

    // What works on single numbers takes any axes; another module sees one particle at a time.
    private Tensor Each(Tensor input, Module<Tensor, Tensor> module) => IsElementwise(module) || module is Linear
        ? module.call(input)
        : Stacked(particle => module.call(OfParticle(input, particle)));

    // With the axes that it has without particles.
    private Tensor OfParticle(Tensor input, int particle) => input[particle].reshape(input.shape[(1 + depth - plates)..]);

    private Tensor Stacked(Func<int, Tensor> ofParticle)
    {
        var stacked = stack([.. Enumerable.Range(0, (int)particles!.Value).Select(ofParticle)]);
        var missing = depth - plates;
        return missing == 0 ? stacked : stacked.reshape([stacked.shape[0], .. Enumerable.Repeat(1L, missing), .. stacked.shape[1..]]);
    }

    private bool IsLifted(Parameter parameter) => run.Rules.Lifted(parameter) is not null;

    private static bool IsElementwise(Module module) => module is ReLU or Tanh or Sigmoid or Softplus or SiLU or GELU or ELU or LeakyReLU or Identity;

    // How many axes of the input are features, as the first module tells that does more than map number by number; null where it does not.
    private static int? FeatureRank(Module module) => module switch
    {
        Linear => 1,
        Conv2d => 3,
        Sequential row => row.named_children().Select(child => child.module).FirstOrDefault(child => !IsElementwise(child)) is { } first ? FeatureRank(first) : null,
        _ => null,
    };
}
