using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A module of one input without parameters and buffers, which conversions leave alone.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name)
        : base(name)
    {
    }

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuses("parameter", name);

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuses("buffer", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(name, submodule);
        base.register_module(name, submodule);
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;
}

/// <summary>A module of two inputs without parameters and buffers, which conversions leave alone.</summary>
public abstract class ParameterLessModule<T1, T2, TResult> : nn.Module<T1, T2, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name)
        : base(name)
    {
    }

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuses("parameter", name);

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuses("buffer", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(name, submodule);
        base.register_module(name, submodule);
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;
}

/// <summary>A module of three inputs without parameters and buffers, which conversions leave alone.</summary>
public abstract class ParameterLessModule<T1, T2, T3, TResult> : nn.Module<T1, T2, T3, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name)
        : base(name)
    {
    }

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuses("parameter", name);

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuses("buffer", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(name, submodule);
        base.register_module(name, submodule);
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;
}

internal static class ParameterLess
{
    public static InvalidOperationException Refuses(string kind, string name) =>
        new($"A parameter-less module cannot have the {kind} '{name}'; derive from torch.nn.Module instead.");

    public static void Require(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
        {
            throw new InvalidOperationException($"A parameter-less module can only have parameter-less submodules, and '{name}' is none; derive from torch.nn.Module instead.");
        }
    }
}
