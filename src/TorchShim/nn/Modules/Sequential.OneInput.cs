using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A row of modules from one input to a result; derived classes say how the modules' types fit together.</summary>
public abstract class Sequential<T, TResult> : nn.Module<T, TResult>
{
    protected Sequential(params (string name, nn.Module submodule)[] modules)
        : base(nameof(Sequential))
    {
        foreach (var (moduleName, module) in modules)
        {
            Add(moduleName, module);
        }
    }

    protected Sequential(params nn.Module[] modules)
        : base(nameof(Sequential))
    {
        foreach (var module in modules)
        {
            Add(module);
        }
    }

    public int Count => _internal_submodules.Count;

    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _internal_submodules[index].Item2;

    [IndexerName("SequentialItems")]
    public Sequential<T, TResult> this[Range index]
    {
        get
        {
            var (start, length) = index.GetOffsetAndLength(Count);
            return Slice(start, start + length);
        }
    }

    [IndexerName("SequentialItems")]
    public Sequential<T, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    public Sequential<T, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    protected internal void Add(nn.Module module) => Add(Count.ToString(CultureInfo.InvariantCulture), module);

    protected internal void Add(string name, nn.Module sm) => _internal_submodules.Add(name, sm);

    protected virtual Sequential<T, TResult> Slice(int start, int end) =>
        throw new NotSupportedException($"{GetType().Name} cannot be sliced; override Slice to say what a part of it is.");
}
