using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Serialization;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>What all optimizers share: groups, states by parameter, and their storage.</summary>
public abstract class OptimizerHelper : Optimizer
{
    protected OptimizerOptions _defaults = new();
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public OptimizerHelper()
    {
    }

    public override IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

    public override void zero_grad()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var parameter in parameters())
        {
            parameter.grad?.zero_();
        }
    }

    public override void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

    public void to(Device device)
    {
        foreach (var state in _state.values())
        {
            state.to(device);
        }
    }

    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            var first = result.State.Count;
            result.Options.Add(group.Options);
            result.State.AddRange(group.Parameters.Select(parameter => _state[parameter.Handle]));
            result.StateIndexRef.Add(Enumerable.Range(first, result.State.Count - first).ToList());
        }
        return result;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        RequireCounts(own, state_dict.Options.Count, state_dict.State.Count);
        foreach (var (options, source) in own.Options.Zip(state_dict.Options).Where(pair => !ReferenceEquals(pair.First, pair.Second)))
        {
            options.LoadStateDict(source);
        }
        foreach (var (state, source) in own.State.Zip(state_dict.State).Where(pair => !ReferenceEquals(pair.First, pair.Second)))
        {
            state.LoadStateDict(source);
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var own = state_dict();
        writer.Write(GetType().Name);
        writer.WriteLeb128(own.Options.Count);
        writer.WriteLeb128(own.State.Count);
        own.Options.ForEach(options => options.SaveStateDict(writer));
        own.State.ForEach(state => state.SaveStateDict(writer));
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var optimizerName = reader.ReadString();
        if (optimizerName != GetType().Name)
        {
            throw new InvalidDataException($"The stream holds the state of the optimizer {optimizerName}, but this one is {GetType().Name}.");
        }
        var own = state_dict();
        RequireCounts(own, reader.ReadLeb128(), reader.ReadLeb128());
        own.Options.ForEach(options => options.LoadStateDict(reader));
        own.State.ForEach(state => state.LoadStateDict(reader));
    }

    /// <summary>Runs the body on each group without recording gradients; its temporaries are gone afterwards.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor>? loss_closure = null)
        where T : ParamGroup
    {
        var loss = Loss(loss_closure);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var group in _parameter_groups)
        {
            body((T)group);
        }
        // Without a closure there is no loss; TorchSharp declares the result without a question mark.
        return loss!;
    }

    /// <summary>Completes the group's options from the optimizer's and gives each of its parameters a state.</summary>
    internal void AddGroup<TOptions>(ParamGroup group, Action<TOptions> complete, Func<Parameter, OptimizerState> newState)
        where TOptions : OptimizerOptions, new()
    {
        // An enumeration of a module's parameters walks the whole module tree each time.
        group.Parameters = group.Parameters.ToArray();
        group.Options ??= new TOptions();
        group.Options.LearningRate ??= _defaults.LearningRate;
        group.Options.InitialLearningRate = group.Options.LearningRate!.Value;
        complete((TOptions)group.Options);
        _parameter_groups.Add(group);
        foreach (var parameter in group.Parameters)
        {
            var state = newState(parameter);
            state.Initialize(group.Options);
            _state[parameter.Handle] = state;
        }
    }

    /// <summary>Lists the group's parameters that have a gradient, with their states.</summary>
    internal IEnumerable<(Parameter Parameter, Tensor Gradient, TState State)> Trained<TState>(ParamGroup group)
        where TState : OptimizerState
    {
        foreach (var parameter in group.Parameters)
        {
            if (parameter.grad is { } gradient)
            {
                yield return (parameter, gradient, (TState)_state[parameter.Handle]);
            }
        }
    }

    internal void DisposeStates()
    {
        foreach (var state in _state.values())
        {
            (state as IDisposable)?.Dispose();
        }
        _state.Clear();
    }

    private static Tensor? Loss(Func<Tensor>? closure)
    {
        if (closure is null)
        {
            return null;
        }
        using var grad = enable_grad();
        return closure();
    }

    private static void RequireCounts(StateDictionary own, long groups, long states)
    {
        if (groups != own.Options.Count || states != own.State.Count)
        {
            throw new ArgumentException($"The state is of {groups} groups and {states} parameters, but the optimizer has {own.Options.Count} and {own.State.Count}.");
        }
    }
}
