using System;
using System.Collections.Generic;
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            private const BindingFlags InstanceFields =
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

            private bool _componentsRegistered;

            public virtual void register_parameter(string name, Parameter param)
            {
                ArgumentNullException.ThrowIfNull(param);
                if (_internal_params.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Module {GetName()} already has a parameter named '{name}'; register this one under another name.");
                }
                param.DetachFromDisposeScope();
                _internal_params.Add(name, param);
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                ArgumentNullException.ThrowIfNull(tensor);
                if (_internal_buffers.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Module {GetName()} already has a buffer named '{name}'; register this one under another name.");
                }
                tensor.DetachFromDisposeScope();
                _internal_buffers.Add(name, (tensor, persistent));
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    _internal_submodules.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name) || name.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException($"A submodule's name must be non-empty and without dots, but it is '{name}'.", nameof(name));
                }
                if (_internal_submodules.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Module {GetName()} already has a submodule named '{name}'; register this one under another name.");
                }
                submodule.RegisterComponents();
                _internal_submodules.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Registers every field that holds a module, a parameter or a tensor under the field's name.</summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered)
                {
                    return;
                }
                foreach (var field in ComponentFields(GetType()))
                {
                    RegisterComponent(field.ComponentName(), field.GetValue(this));
                }
                _componentsRegistered = true;
            }

            protected void ConditionallyRegisterParameter(string name, Tensor? value) =>
                ConditionallyRegisterParameter(name, value as Parameter);

            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null)
                {
                    _internal_params.Remove(name);
                    return;
                }
                value.DetachFromDisposeScope();
                _internal_params[name] = value;
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                {
                    _internal_buffers.Remove(name);
                    return;
                }
                value.DetachFromDisposeScope();
                _internal_buffers[name] = (value, persistent);
            }

            // The module owns its components: one that is replaced is disposed of.
            internal void ReplaceParameterField(ref Parameter? field, Parameter? value, string componentName)
            {
                if (!ReferenceEquals(field, value))
                {
                    field?.Dispose();
                    field = value;
                }
                ConditionallyRegisterParameter(componentName, value);
            }

            internal void ReplaceBufferField(ref Tensor? field, Tensor? value, string componentName)
            {
                if (!ReferenceEquals(field, value))
                {
                    field?.Dispose();
                    field = value;
                }
                ConditionallyRegisterBuffer(componentName, value);
            }

            protected void ClearModules() => _internal_submodules.Clear();

            // Fields of the most derived class first; a hidden field of the same name in a base class is left out.
            private static IEnumerable<FieldInfo> ComponentFields(Type moduleType)
            {
                var seen = new HashSet<string>();
                for (var type = moduleType; type is not null && type != typeof(Module); type = type.BaseType)
                {
                    foreach (var field in type.GetFields(InstanceFields))
                    {
                        if (seen.Add(field.Name))
                        {
                            yield return field;
                        }
                    }
                }
            }

            private void RegisterComponent(string componentName, object? value)
            {
                if (_internal_submodules.ContainsKey(componentName) || _internal_params.ContainsKey(componentName) || _internal_buffers.ContainsKey(componentName))
                {
                    return;
                }
                switch (value)
                {
                    case Module module:
                        register_module(componentName, module);
                        break;
                    case Parameter parameter:
                        register_parameter(componentName, parameter);
                        break;
                    case Tensor tensor:
                        register_buffer(componentName, tensor);
                        break;
                    default:
                        break;
                }
            }
        }
    }
}
