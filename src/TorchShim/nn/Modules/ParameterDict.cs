using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters by name.</summary>
public class ParameterDict : nn.Module, IDictionary<string, Parameter>, IList<(string, Parameter)>
{
    private readonly OrderedDict<string, Parameter> _entries = new();
    private bool _registered;

    public ParameterDict()
        : base(nameof(ParameterDict))
    {
    }

    public int Count => _entries.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => _entries.Keys;

    public ICollection<Parameter> Values => _entries.Values;

    public Parameter this[string key]
    {
        get => _entries[key];
        set => _entries[key] = Owned(value);
    }

    public (string, Parameter) this[int index]
    {
        get => _entries[index];
        set => _entries[index] = (value.Item1, Owned(value.Item2));
    }

    public IEnumerable<string> keys() => _entries.keys();

    public IEnumerable<Parameter> values() => _entries.values();

    public IEnumerator<(string, Parameter)> items() => _entries.items();

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse) => _entries;

    public override bool has_parameter(string target) => _entries.ContainsKey(target);

    public override Parameter? get_parameter(string target) => _entries.TryGetValue(target, out var parameter) ? parameter : null;

    public void Add(string key, Parameter value) => _entries.Add(key, Owned(value));

    public void Add((string, Parameter) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<string, Parameter> item) => Add(item.Key, item.Value);

    public void Insert(int index, (string, Parameter) item) => _entries.Insert(index, (item.Item1, Owned(item.Item2)));

    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    public bool Contains((string, Parameter) item) => _entries.TryGetValue(item.Item1, out var value) && ReferenceEquals(value, item.Item2);

    public bool Contains(KeyValuePair<string, Parameter> item) => Contains((item.Key, item.Value));

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Parameter value) => _entries.TryGetValue(key, out value);

    public int IndexOf((string, Parameter) item)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_entries[i].Item1 == item.Item1 && ReferenceEquals(_entries[i].Item2, item.Item2))
            {
                return i;
            }
        }
        return -1;
    }

    public bool Remove(string key) => _entries.Remove(key);

    public bool Remove((string, Parameter) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<string, Parameter> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index) => _entries.RemoveAt(index);

    public void Clear() => _entries.Clear();

    public void clear() => Clear();

    public void CopyTo((string, Parameter)[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<string, Parameter>[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<(string, Parameter)> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator<KeyValuePair<string, Parameter>> IEnumerable<KeyValuePair<string, Parameter>>.GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, Parameter>>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        if (_registered)
        {
            return;
        }
        foreach (var (key, value) in _entries)
        {
            register_parameter(key, value);
        }
        _registered = true;
    }

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        for (var i = 0; i < Count; i++)
        {
            var (key, parameter) = _entries[i];
            if (!ReplaceParameter(dtype, device, parameter, out var moved))
            {
                continue;
            }
            parameter.Dispose();
            _entries[key] = moved!;
            if (_registered)
            {
                ConditionallyRegisterParameter(key, moved);
            }
        }
        RememberDevice(device);
    }

    // The dictionary owns its parameters, whatever scope they were made in.
    private static Parameter Owned(Parameter parameter)
    {
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
