using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Reading and writing parts of a tensor.
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Put(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => At(i1);
            set => Put(value, i1);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At(i1, i2);
            set => Put(value, i1, i2);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At(i1, i2, i3);
            set => Put(value, i1, i2, i3);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At(i1, i2, i3, i4);
            set => Put(value, i1, i2, i3, i4);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At(i1, i2, i3, i4, i5);
            set => Put(value, i1, i2, i3, i4, i5);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At(i1, i2, i3, i4, i5, i6);
            set => Put(value, i1, i2, i3, i4, i5, i6);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var selection = new Selection(this, indices);
            return selection.Tensors.Count == 0 ? selection.Take() : selection.Via(view => Aten.index_Tensor.Call(view, selection.Indices));
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.Call(this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);
        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);
        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) => Aten.index_put_.InPlace(this, indices, value, accumulate);
        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(Like(value), indices, false);
        public Tensor index_put_(Scalar value, params TensorIndex[] indices) => index_put_(Like(value), indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var selection = new Selection(this, indices);
            if (selection.Tensors.Count > 0) selection.Via(view => Aten.index_put_.InPlace(view, selection.Indices, value, accumulate));
            else if (accumulate) selection.Via(view => view.add_(value));
            else selection.Via(view => view.copy_(value));
            return this;
        }

        private Tensor Like(Scalar value) => full([], value, dtype, device);

        private Tensor At(params long[] indices) => index(indices.Select(i => (TensorIndex)i).ToArray());
        private void Put(Tensor value, params long[] indices) => index_put_(value, indices.Select(i => (TensorIndex)i).ToArray());

        /// <summary>A basic view of a tensor together with the tensors that index its dimensions, as Python's indexing builds them.</summary>
        private sealed class Selection
        {
            private readonly List<Tensor> views = [];
            private readonly Tensor source;
            private Tensor view;

            public Selection(Tensor source, TensorIndex[] indices)
            {
                this.source = view = source;
                var dim = 0;
                foreach (var index in indices) dim = Apply(index, dim, indices);
            }

            public List<Tensor?> Tensors { get; } = [];
            public Tensor?[] Indices => [.. Tensors];

            /// <summary>The view itself; a new object even where nothing was selected.</summary>
            public Tensor Take()
            {
                if (views.Count == 0) return source.alias();
                views.RemoveAt(views.Count - 1);
                Release();
                return view;
            }

            public Tensor Via(System.Func<Tensor, Tensor> action)
            {
                var result = action(view);
                Release();
                return result;
            }

            private void Release()
            {
                foreach (var intermediate in views) intermediate.Dispose();
                views.Clear();
            }

            private int Apply(TensorIndex index, int dim, TensorIndex[] all)
            {
                switch (index.Is)
                {
                    case TensorIndex.Kind.Single:
                        Step(view.select(dim, index.First!.Value));
                        return dim;
                    case TensorIndex.Kind.Slice:
                        Step(Aten.slice_Tensor.Call(view, dim, index.First, index.Stop, index.Step ?? 1));
                        return dim + 1;
                    case TensorIndex.Kind.Ellipsis:
                        return dim + (int)view.ndim - dim - RemainingDimensions(all);
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        Step(view.unsqueeze(dim));
                        return dim + 1;
                    case TensorIndex.Kind.Bool:
                        Step(view.unsqueeze(dim));
                        return dim + Record(torch.tensor(index.First == 1, device: view.device).unsqueeze(0), dim, 1);
                    default:
                        var tensor = index.Value!;
                        return dim + Record(tensor, dim, tensor.dtype is ScalarType.Bool or ScalarType.Byte ? (int)tensor.ndim : 1);
                }
            }

            /// <summary>How many dimensions of the source the indices behind the ellipsis take.</summary>
            private static int RemainingDimensions(TensorIndex[] all)
            {
                var count = 0;
                for (var i = all.Length - 1; all[i].Is != TensorIndex.Kind.Ellipsis; i--)
                {
                    count += all[i].Is switch
                    {
                        TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                        TensorIndex.Kind.Tensor => all[i].Value!.dtype is ScalarType.Bool or ScalarType.Byte ? (int)all[i].Value!.ndim : 1,
                        _ => 0,
                    };
                }

                return count;
            }

            private void Step(Tensor next)
            {
                views.Add(next);
                view = next;
            }

            private int Record(Tensor index, int dim, int dimensions)
            {
                while (Tensors.Count < dim) Tensors.Add(null);
                Tensors.Add(index);
                return dimensions;
            }
        }
    }
}
