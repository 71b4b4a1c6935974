using System;
using System.Linq;
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                RequireFloatingPoint(dtype);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                _toEpilog(deviceType, deviceIndex, non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                RequireFloatingPoint(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking) => _to(other.device, other.dtype, non_blocking);

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                foreach (var child in children())
                {
                    MoveChild(child, dtype, device, non_blocking);
                }
                foreach (var (parameterName, parameter) in named_parameters(false).ToList())
                {
                    if (ReplaceParameter(dtype, device, parameter, out var moved))
                    {
                        SetComponent(parameterName, moved!);
                        ConditionallyRegisterParameter(parameterName, moved);
                        parameter.Dispose();
                    }
                }
                foreach (var bufferName in _internal_buffers.keys().ToArray())
                {
                    var (buffer, persistent) = _internal_buffers[bufferName];
                    if (ReplaceBuffer(dtype, device, buffer, out var moved))
                    {
                        SetComponent(bufferName, moved!);
                        ConditionallyRegisterBuffer(bufferName, moved, persistent);
                        buffer.Dispose();
                    }
                }
                RememberDevice(device);
            }

            /// <summary>Gives the parameter converted, with its gradient; false where it already has that type and device.</summary>
            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
            {
                var target = ConvertedType(param, dtype);
                if (!NeedsCopy(param, target, device))
                {
                    p = null;
                    return false;
                }
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                p = new Parameter(param.to(target, device ?? param.device), param.requires_grad);
                p.DetachFromDisposeScope();
                if (param.grad is { } grad)
                {
                    p.grad = grad.to(target, device ?? param.device);
                }
                return true;
            }

            /// <summary>Gives the buffer converted; false where it already has that type and device.</summary>
            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
            {
                var target = ConvertedType(buffer, dtype);
                if (!NeedsCopy(buffer, target, device))
                {
                    result = null;
                    return false;
                }
                result = buffer.to(target, device ?? buffer.device).DetachFromDisposeScope();
                return true;
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null) =>
                (device ?? get_default_device(), dtype ?? get_default_dtype());

            internal void RememberDevice(Device? device)
            {
                if (device is not null)
                {
                    _deviceType = device.type;
                    _deviceIndex = device.index;
                }
            }

            private static void RequireFloatingPoint(ScalarType dtype)
            {
                if (!IsFloatingOrComplex(dtype))
                {
                    throw new ArgumentException($"A module can only be converted to a floating point or complex type, not to {dtype}.", nameof(dtype));
                }
            }

            private static void MoveChild(Module child, ScalarType? dtype, Device? device, bool nonBlocking)
            {
                if (device is null)
                {
                    child._to(dtype!.Value, nonBlocking);
                }
                else if (dtype is null)
                {
                    child._to(device.type, device.index, nonBlocking);
                }
                else
                {
                    child._to(device, dtype.Value, nonBlocking);
                }
            }

            // Integer tensors (counters) keep their type.
            private static ScalarType ConvertedType(Tensor tensor, ScalarType? dtype) =>
                dtype is { } target && IsFloatingOrComplex(tensor.dtype) ? target : tensor.dtype;

            private static bool NeedsCopy(Tensor tensor, ScalarType dtype, Device? device) =>
                tensor.dtype != dtype || (device is not null && !SameDevice(tensor, device));

            private static bool SameDevice(Tensor tensor, Device device) =>
                tensor.device_type == device.type && (tensor.device_index == device.index || device.index < 0);

            private static bool IsFloatingOrComplex(ScalarType dtype) => dtype is
                ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64
                or ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

            // Puts a converted component where the module's code reads it: into the field that it was registered from.
            private void SetComponent(string componentName, Tensor value)
            {
                var field = ComponentFields(GetType()).FirstOrDefault(field => field.ComponentName() == componentName);
                if (field is not null && field.FieldType.IsInstanceOfType(value))
                {
                    field.SetValue(this, value);
                    return;
                }
                var property = GetType().GetProperty(componentName, BindingFlags.Public | BindingFlags.Instance);
                if (property is { CanWrite: true } && property.PropertyType.IsInstanceOfType(value))
                {
                    property.SetValue(this, value);
                }
            }
        }
    }
}
