using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Applies modules one after the other.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.IModule<Tensor, Tensor>> _steps = [];

    internal Sequential()
        : base(nameof(Sequential))
    {
    }

    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
        : this()
    {
        foreach (var (moduleName, module) in modules)
        {
            append(moduleName, module);
        }
    }

    protected Sequential(params nn.Module<Tensor, Tensor>[] modules)
        : this()
    {
        foreach (var module in modules)
        {
            append(module);
        }
    }

    public int Count => _steps.Count;

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _steps[index];

    [IndexerName("SequentialItems")]
    public Sequential this[Range index]
    {
        get
        {
            var (start, length) = index.GetOffsetAndLength(Count);
            return Part(start, start + length);
        }
    }

    [IndexerName("SequentialItems")]
    public Sequential this[(int? start, int? end) index] => Part(index.start ?? 0, index.end ?? Count);

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append(Count.ToString(CultureInfo.InvariantCulture), module);

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        _internal_submodules.Add(name, (nn.Module)module);
        _steps.Add(module);
        return this;
    }

    public override Tensor forward(Tensor tensor)
    {
        // A new handle: whoever called may dispose of the result without losing the input.
        if (Count == 0)
        {
            return tensor.alias();
        }
        var value = _steps[0].call(tensor);
        for (var i = 1; i < Count; i++)
        {
            using var previous = value;
            value = _steps[i].call(previous);
        }
        return value;
    }

    private Sequential Part(int start, int end)
    {
        var part = new Sequential();
        for (var i = start; i < end; i++)
        {
            part.append(_internal_submodules[i].Item1, _steps[i]);
        }
        return part;
    }
}
