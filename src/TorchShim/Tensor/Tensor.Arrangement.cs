using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Views, splits and moves whose arguments differ from the ATen operator's.
    public partial class Tensor
    {
        public Tensor T => Aten.numpy_T.Call(this);
        public Tensor mT => Aten.mT.Call(this);
        public Tensor mH => Aten.mH.Call(this);
        public Tensor H => Aten.matrix_H.Call(this);
        public Tensor real => Aten.real.Call(this);
        public Tensor imag => Aten.imag.Call(this);

        public Tensor squeeze(long? dim = null) => dim is { } d ? Aten.squeeze_dim.Call(this, d) : Aten.squeeze.Call(this);
        public Tensor squeeze_(long? dim = null) => dim is { } d ? Aten.squeeze__dim.InPlace(this, d) : Aten.squeeze_.InPlace(this);
        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);
        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);
        public Tensor permute(params long[] permutation) => Aten.permute.Call(this, permutation);
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.expand.Call(this, sizes, isImplicit);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Aten.expand.Call(this, sizes, isImplicit);
        public Tensor expand(Size sizes, bool isImplicit = false) => Aten.expand.Call(this, sizes, isImplicit);
        public Tensor expand(params long[] sizes) => Aten.expand.Call(this, sizes);

        public Tensor roll(long shifts, long? dims = null) => Aten.roll.Call(this, shifts, dims is { } d ? [d] : Array.Empty<long>());
        public Tensor roll(long[] shifts) => Aten.roll.Call(this, shifts);
        public Tensor roll(long[] shifts, long[] dims) => Aten.roll.Call(this, shifts, dims);
        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) => Aten.roll.Call(this, shifts, dims);
        public Tensor roll((long, long) shifts, (long, long) dims) => roll([shifts.Item1, shifts.Item2], [dims.Item1, dims.Item2]);
        public Tensor roll((long, long, long) shifts, (long, long, long) dims) => roll([shifts.Item1, shifts.Item2, shifts.Item3], [dims.Item1, dims.Item2, dims.Item3]);
        public Tensor rot90(long k = 1, (long, long)? dims = null) => Aten.rot90.Call(this, k, dims is { } d ? [d.Item1, d.Item2] : new long[] { 0, 1 });

        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.CallMany(this, size, dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_with_sizes.CallMany(this, sizes, dim);
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Aten.split_with_sizes.CallMany(this, sizes, dim);
        public Tensor[] split(params long[] sizes) => Aten.split_with_sizes.CallMany(this, sizes);
        public Tensor[] tensor_split(long size, long dim = 0L) => Aten.tensor_split_sections.CallMany(this, size, dim);
        public Tensor[] tensor_split(long[] sizes, long dim = 0L) => Aten.tensor_split_indices.CallMany(this, sizes, dim);
        public Tensor[] tensor_split(Tensor indices, long dim = 0L) => Aten.tensor_split_tensor_indices_or_sections.CallMany(this, indices, dim);
        public Tensor[] hsplit(long size) => Aten.hsplit_int.CallMany(this, size);
        public Tensor[] hsplit(params long[] sizes) => Aten.hsplit_array.CallMany(this, sizes);
        public Tensor[] hsplit(Tensor indices) => hsplit(indices.Longs());
        public Tensor[] vsplit(long size) => Aten.vsplit_int.CallMany(this, size);
        public Tensor[] vsplit(params long[] sizes) => Aten.vsplit_array.CallMany(this, sizes);
        public Tensor[] vsplit(Tensor indices) => vsplit(indices.Longs());
        public Tensor[] dsplit(long size) => Aten.dsplit_int.CallMany(this, size);
        public Tensor[] dsplit(params long[] sizes) => Aten.dsplit_array.CallMany(this, sizes);
        public Tensor[] dsplit(Tensor indices) => dsplit(indices.Longs());
        public Tensor[] dsplit((long, long) indices_or_sections) => dsplit([indices_or_sections.Item1, indices_or_sections.Item2]);
        public Tensor[] dsplit((long, long, long) indices_or_sections) => dsplit([indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3]);
        public Tensor[] dsplit((long, long, long, long) indices_or_sections) => dsplit([indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3, indices_or_sections.Item4]);
        public Tensor[] unbind(long dimension = 0L) => Aten.unbind_int.CallMany(this, dimension);
        public Tensor[] chunk(long chunks, long dim = 0L) => Aten.chunk.CallMany(this, chunks, dim);
        public IList<Tensor> nonzero_as_list() => Aten.nonzero_numpy.CallMany(this);

        public Tensor unflatten(long dim, params long[] sizes) => view(Replaced(dim, sizes));
        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);
        public Tensor take_along_dim(Tensor indices) => Aten.take_along_dim.Call(this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Call(this, indices, dim);
        public Tensor take_along_dim(IEnumerable<long> indices) => take_along_dim(tensor(indices.ToArray(), device: device));
        public Tensor take_along_dim(IEnumerable<long> indices, long dim) => take_along_dim(tensor(indices.ToArray(), device: device), dim);
        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) => Aten.repeat_interleave_self_Tensor.Call(this, repeats, dim, output_size);
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) => Aten.repeat_interleave_self_int.Call(this, repeats, dim, output_size);
        public Tensor slice_scatter(Tensor src, long dim = 0L, long? start = null, long? end = null, long step = 1L) => Aten.slice_scatter.Call(this, src, dim, start, end, step);

        public Tensor tensordot(Tensor b, long dims = 2) => tensordot(b, Range(ndim - dims, dims), Range(0, dims));
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Aten.tensordot.Call(this, b, dims1, dims2);
        public Tensor tensordot(Tensor b, (long, long)[] dims) => tensordot(b, Array.ConvertAll(dims, d => d.Item1), Array.ConvertAll(dims, d => d.Item2));
        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Aten.linalg_pinv.Call(this, rcond, hermitian);

        private static long[] Range(long start, long count) => Enumerable.Range((int)start, (int)count).Select(i => (long)i).ToArray();

        private long[] Longs()
        {
            using var wide = to_type(ScalarType.Int64);
            using var elements = wide.data<long>();
            return elements.ToArray();
        }

        private long[] Replaced(long dim, long[] sizes)
        {
            var at = (int)(dim < 0 ? dim + ndim : dim);
            var whole = shape;
            return [.. whole[..at], .. sizes, .. whole[(at + 1)..]];
        }
    }
}
