using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Conv2d = TorchSharp.Modules.Conv2d;
using ELU = TorchSharp.Modules.ELU;
using GELU = TorchSharp.Modules.GELU;
using Identity = TorchSharp.Modules.Identity;
using LeakyReLU = TorchSharp.Modules.LeakyReLU;
using Linear = TorchSharp.Modules.Linear;
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
    /// <param name="network">The network. With lifted parameters it is made of Sequential, Linear, Conv2d and modules without lifted ones.</param>
    /// <param name="input">Of shape (particles) + plates + features.</param>
    /// <returns>Of shape (particles) + plates + features; with particles where its input has them or a parameter was lifted.</returns>
    /// <exception cref="ModelException">A lifted parameter belongs to a module of another type, or the input has other axes.</exception>
    public static Tensor Call(this Run run, Module<Tensor, Tensor> network, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        return new FunctionalCall(run, run.Plates.PlateShape.Rank, run.Settings.Layout.PlateDepth, run.Settings.Particles).Apply(network, input);
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
    public Tensor Apply(Module<Tensor, Tensor> network, Tensor input)
    {
        if (!network.parameters().Any(parameter => run.Rules.Lifted(parameter) is not null))
        {
            return network.call(input);
        }

        var rank = input.shape.Length;
        var features = FeatureRank(network)
            ?? throw new ModelException($"s.Call: a {network.GetType().Name} with lifted parameters must begin with a Linear or a Conv2d, which tell how many axes of the input are features; apply what stands before it to the input first.");

        // Without particles the input has at most the plates' axes and its features, so that with them there is no doubt where they are.
        if (particles is null && (rank < features || rank > plates + features))
        {
            throw new ModelException($"s.Call: {network.GetType().Name} has lifted parameters and received an input of shape {new Shape(input.shape)}, which must be the axes of the plates ({plates} here) and then {features} of features; open a plate for the input's rows, and call the network inside it.");
        }

        return Step(network, input, rank > depth + features).Value;
    }

    private (Tensor Value, bool HasParticles) Step(Module<Tensor, Tensor> module, Tensor input, bool hasParticles) => module switch
    {
        _ when module.GetType() == typeof(Sequential) => InTurn((Sequential)module, input, hasParticles),
        _ when !module.parameters().Any(parameter => run.Rules.Lifted(parameter) is not null) => (hasParticles ? Each(input, module) : module.call(input), hasParticles),
        Linear linear => (Affine(linear, input), particles is not null),
        Conv2d convolution => (Convolve(convolution, input, hasParticles), particles is not null),
        _ => throw new ModelException($"s.Call: parameters of a {module.GetType().Name} were lifted, which cannot be run with values from latent variables; that is possible for Linear and Conv2d in a Sequential, beside any module without lifted parameters."),
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

    private Tensor Convolve(Conv2d convolution, Tensor input, bool hasParticles)
    {
        var (weight, bias) = (run[convolution.weight], convolution.bias is { } own ? run[own] : null);
        if (particles is not { } count)
        {
            return One(convolution, input, weight, bias);
        }

        return stack([.. Enumerable.Range(0, (int)count).Select(particle => One(
            convolution,
            hasParticles ? input[particle] : WithAxes(input, depth + 3),
            weight.dim() > 4 ? weight[particle].reshape(weight.shape[^4..]) : weight,
            bias?.dim() > 1 ? bias[particle].reshape(bias.shape[^1..]) : bias))]);
    }

    private static Tensor One(Conv2d convolution, Tensor input, Tensor weight, Tensor? bias)
    {
        if (convolution.padding_mode != TorchSharp.PaddingModes.Zeros)
        {
            throw new ModelException($"s.Call: a Conv2d with lifted parameters pads with {convolution.padding_mode}; only padding with zeros is possible there.");
        }

        var batch = input.shape[..^3];
        var images = input.reshape([-1, .. input.shape[^3..]]);
        var result = convolution.padding_type is { } type
            ? functional.conv2d_padding(images, weight, bias, convolution.stride, type, convolution.dilation, convolution.groups)
            : functional.conv2d(images, weight, bias, convolution.stride, convolution.padding, convolution.dilation, convolution.groups);
        return result.reshape([.. batch, .. result.shape[^3..]]);
    }

    // What works on single numbers takes any axes; another module sees one particle at a time, with the axes that it has without particles.
    private Tensor Each(Tensor input, Module<Tensor, Tensor> module)
    {
        if (IsElementwise(module) || module is Linear)
        {
            return module.call(input);
        }

        var missing = depth - plates;
        var results = Enumerable.Range(0, (int)particles!.Value).Select(particle => module.call(input[particle].reshape(input.shape[(1 + missing)..]))).ToList();
        var stacked = stack(results);
        return missing == 0 ? stacked : stacked.reshape([stacked.shape[0], .. Enumerable.Repeat(1L, missing), .. stacked.shape[1..]]);
    }

    private static Tensor WithAxes(Tensor input, int rank) => input.reshape([.. Enumerable.Repeat(1L, Math.Max(0, rank - input.shape.Length)), .. input.shape]);

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
