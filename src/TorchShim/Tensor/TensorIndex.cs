using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One index of a tensor: a number, a slice, a new axis, an ellipsis, a boolean or a tensor.</summary>
    public struct TensorIndex
    {
        internal enum Kind
        {
            None,
            Single,
            Null,
            Ellipsis,
            Bool,
            Tensor,
            Slice,
        }

        internal Kind Is;
        internal long? First;
        internal long? Stop;
        internal long? Step;
        internal Tensor? Value;

        public static readonly TensorIndex Ellipsis = new() { Is = Kind.Ellipsis };
        public static readonly TensorIndex None = new() { Is = Kind.None };
        public static readonly TensorIndex Null = new() { Is = Kind.Null };
        public static readonly TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new() { Is = Kind.Slice, First = start, Stop = stop, Step = step };
        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);
        public static TensorIndex Slice(Range range) => Slice(FromStart(range.Start), range.End.IsFromEnd && range.End.Value == 0 ? null : FromStart(range.End));
        public static TensorIndex Bool(bool value) => new() { Is = Kind.Bool, First = value ? 1 : 0 };
        public static TensorIndex Single(long? index) => new() { Is = Kind.Single, First = index };
        public static TensorIndex Tensor(Tensor tensor) => new() { Is = Kind.Tensor, Value = tensor };

        private static long FromStart(Index index) => index.IsFromEnd ? -index.Value : index.Value;

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex(Index index) => Single(FromStart(index));
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);
        public static implicit operator Tensor(TensorIndex value) => throw new InvalidOperationException("An index is not a tensor.");
    }
}
