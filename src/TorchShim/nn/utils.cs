using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients down together so that their common norm does not exceed max_norm; returns the norm found.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var gradients = Gradients(tensors);
                if (gradients.Count == 0)
                {
                    return 0.0;
                }
                var norms = stack(gradients.Select(gradient => gradient.norm((float)norm_type)));
                var total = norms.norm((float)norm_type).to(ScalarType.Float64).item<double>();
                // The small constant keeps PyTorch's results to the last digit.
                var scale = max_norm / (total + 1e-6);
                if (scale < 1.0)
                {
                    gradients.ForEach(gradient => gradient.mul_(scale));
                }
                return total;
            }

            /// <summary>Clamps every element of every gradient to [-clip_value, clip_value].</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                Gradients(tensors).ForEach(gradient => gradient.clamp_(-clip_value, clip_value));
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(tensor => tensor.reshape(-1)).ToArray(), 0).MoveToOuterDisposeScope();
            }

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var start = 0L;
                foreach (var tensor in tensors)
                {
                    var length = tensor.numel();
                    tensor.copy_(vec.narrow(0, start, length).view(tensor.shape));
                    start += length;
                }
                if (start != vec.numel())
                {
                    throw new ArgumentException($"The vector has {vec.numel()} elements, but the parameters have {start}.", nameof(vec));
                }
            }

            private static List<Tensor> Gradients(IEnumerable<Parameter> parameters) =>
                parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        }
    }
}
