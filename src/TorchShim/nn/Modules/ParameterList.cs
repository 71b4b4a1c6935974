using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters named by their places.</summary>
public class ParameterList : nn.Module, IList<Parameter>
{
    private readonly List<Parameter> _list = [];
    private bool _registered;

    public ParameterList(params Parameter[] parameters)
        : base(nameof(ParameterList)) => extend(parameters);

    public int Count => _list.Count;

    public bool IsReadOnly => false;

    public Parameter this[int index]
    {
        get => _list[index];
        set => _list[index] = Owned(value);
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
    {
        for (var i = 0; i < Count; i++)
        {
            yield return (Name(i), _list[i]);
        }
    }

    public override bool has_parameter(string target) => get_parameter(target) is not null;

    public override Parameter? get_parameter(string target) =>
        int.TryParse(target, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < Count ? _list[index] : null;

    public void append(params Parameter[] parameters) => extend(parameters);

    public void extend(IEnumerable<Parameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            Add(parameter);
        }
    }

    public void Add(Parameter item) => _list.Add(Owned(item));

    public void Insert(int index, Parameter item) => _list.Insert(index, Owned(item));

    public bool Remove(Parameter item)
    {
        var index = IndexOf(item);
        if (index >= 0)
        {
            RemoveAt(index);
        }
        return index >= 0;
    }

    public void RemoveAt(int index) => _list.RemoveAt(index);

    public void Clear() => _list.Clear();

    public bool Contains(Parameter item) => IndexOf(item) >= 0;

    public int IndexOf(Parameter item) => _list.FindIndex(parameter => ReferenceEquals(parameter, item));

    public void CopyTo(Parameter[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        if (_registered)
        {
            return;
        }
        for (var i = 0; i < Count; i++)
        {
            register_parameter(Name(i), _list[i]);
        }
        _registered = true;
    }

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        for (var i = 0; i < Count; i++)
        {
            if (!ReplaceParameter(dtype, device, _list[i], out var moved))
            {
                continue;
            }
            _list[i].Dispose();
            _list[i] = moved!;
            if (_registered)
            {
                ConditionallyRegisterParameter(Name(i), moved);
            }
        }
        RememberDevice(device);
    }

    private static string Name(int index) => index.ToString(CultureInfo.InvariantCulture);

    // The list owns its parameters, whatever scope they were made in.
    private static Parameter Owned(Parameter parameter)
    {
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
