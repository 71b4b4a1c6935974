using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Differentiation of what was computed.</summary>
    public static partial class autograd
    {
        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            nint[] of = Handles(tensors), grads = Handles(grad_tensors), leaves = Handles(inputs);
            fixed (nint* t = of, g = grads, i = leaves)
            {
                NativeMethods.Check(NativeMethods.shim_backward(t, of.Length, g, grads.Length, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, i, leaves.Length));
            }

            KeepAlive(tensors, grad_tensors, inputs);
        }

        /// <summary>The gradients with respect to the inputs; null for an input that was not used, where that is allowed.</summary>
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            nint[] from = Handles(outputs), to = Handles(inputs), grads = Handles(grad_outputs), found = new nint[to.Length];
            fixed (nint* o = from, i = to, g = grads, f = found)
            {
                NativeMethods.Check(NativeMethods.shim_grad(o, from.Length, i, to.Length, g, grads.Length, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, f));
            }

            KeepAlive(outputs, inputs, grad_outputs);
            return Array.ConvertAll(found, handle => handle == 0 ? null! : new Tensor(handle));
        }

        private static nint[] Handles(IList<Tensor>? tensors) => tensors?.Select(tensor => tensor?.Handle ?? 0).ToArray() ?? [];
        private static void KeepAlive(params object?[] objects) => GC.KeepAlive(objects);

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);
        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }

    public static bool is_grad_enabled() => NativeMethods.shim_grad_enabled() != 0;
    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>Sets whether gradients are recorded on this thread, and puts back what was set before.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly int before = NativeMethods.shim_grad_enabled();

        public GradMode(bool enabled) => NativeMethods.shim_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => NativeMethods.shim_set_grad_enabled(before);
    }
}

/// <summary>Has the backward pass report where a gradient that is not a number came from.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool enabledBefore = IsEnabled;
    private readonly bool checkedBefore = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => NativeMethods.shim_set_anomaly(enabled ? 1 : 0, check_nan ? 1 : 0);

    public static bool IsEnabled => NativeMethods.shim_anomaly_enabled() != 0;
    public static bool ShouldCheckNaN => NativeMethods.shim_anomaly_checks_nan() != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => NativeMethods.shim_set_anomaly(enabledBefore ? 1 : 0, checkedBefore ? 1 : 0);
}
