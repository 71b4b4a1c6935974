using System;
using System.Collections.Generic;
using System.Threading;
using TorchSharp.Native;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A multi-dimensional array of numbers that records the gradient of what is done with it.</summary>
    public partial class Tensor : IDisposable
    {
        private static long totalCount;
        private static long peakCount;

        /// <summary>A native TensorImpl that owns one reference; zero once disposed.</summary>
        internal nint handle;

        internal Tensor(nint handle, bool register = true)
        {
            this.handle = handle;
            var count = Interlocked.Increment(ref totalCount);
            if (count > peakCount) peakCount = count;
            if (register) DisposeScopeManager.ThreadSingleton.Register(this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? OwningDisposeScope { get; set; }
        internal int PlaceInScope { get; set; }

        public static long TotalCount => totalCount;
        public static long PeakCount => peakCount;
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public string? name { get; set; }
        public nint Handle => handle != 0 ? handle : throw new InvalidOperationException("The tensor has been disposed: its handle is empty.");
        public bool IsInvalid => handle == 0;

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0) return;
            DisposeScopeManager.ThreadSingleton.CountDisposal(this);
            OwningDisposeScope?.Remove(this);
            NativeMethods.shim_tensor_free(MoveHandle());
        }

        /// <summary>Gives the native tensor to the caller and leaves this object empty.</summary>
        internal nint MoveHandle()
        {
            var moved = Handle;
            handle = 0;
            Interlocked.Decrement(ref totalCount);
            return moved;
        }

        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            return MoveHandle();
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);
        public bool Equals(Tensor target) => Aten.equal.CallBool(this, target);
        public override int GetHashCode() => base.GetHashCode();

        public long Dimensions => NativeMethods.shim_tensor_dim(Handle);
        public long ndim => Dimensions;
        public long dim() => Dimensions;
        public long NumberOfElements => NativeMethods.shim_tensor_numel(Handle);
        public long numel() => NumberOfElements;
        public long ElementSize => dtype.ElementSize();
        public long element_size() => ElementSize;
        public long[] size() => shape;
        public long size(int dim) => shape[dim < 0 ? dim + ndim : dim];
        public long stride(int dim) => stride()[dim < 0 ? dim + ndim : dim];
        public long storage_offset() => NativeMethods.shim_tensor_storage_offset(Handle);
        public ScalarType dtype => (ScalarType)NativeMethods.shim_tensor_dtype(Handle);
        public DeviceType device_type => DeviceParts().Type;
        public int device_index => DeviceParts().Index;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_sparse => NativeMethods.shim_tensor_is_sparse(Handle) != 0;
        public bool is_contiguous() => NativeMethods.shim_tensor_is_contiguous(Handle) != 0;
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_complex() => torch.is_complex(dtype);
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_nonzero() => Aten.is_nonzero.CallBool(this);

        public Device device
        {
            get
            {
                var (type, index) = DeviceParts();
                return type == DeviceType.CPU ? CPU : new Device(type, index);
            }
        }

        private unsafe (DeviceType Type, int Index) DeviceParts()
        {
            int type, index;
            NativeMethods.shim_tensor_device(Handle, &type, &index);
            return ((DeviceType)type, index);
        }

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[ndim];
                fixed (long* first = sizes) NativeMethods.shim_tensor_sizes(Handle, first);
                return sizes;
            }
        }

        public unsafe long[] stride()
        {
            var strides = new long[ndim];
            fixed (long* first = strides) NativeMethods.shim_tensor_strides(Handle, first);
            return strides;
        }

        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            if (ToScalarType(typeof(T)) != dtype) throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}.");
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public unsafe T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException($"item() needs a tensor of one element; this one has {NumberOfElements}.");
            if (ToScalarType(typeof(T)) != dtype) throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}.");
            if (device_type == DeviceType.CPU) return *(T*)DataPointer();
            using var copy = cpu();
            return *(T*)copy.DataPointer();
        }

        /// <summary>The address of the first element, which must lie in main memory.</summary>
        internal nint DataPointer()
        {
            var data = NativeMethods.shim_tensor_data(Handle);
            return data != 0 || NumberOfElements == 0 ? data : throw NativeMethods.Failure();
        }

        public Scalar ToScalar()
        {
            if (NumberOfElements != 1) throw new ArgumentException($"ToScalar() needs a tensor of one element; this one has {NumberOfElements}.");
            return is_floating_point() ? this.ToDouble() : is_complex() ? this.ToComplexFloat64() : dtype == ScalarType.Bool ? this.ToBoolean() : this.ToInt64();
        }

        /// <summary>The elements' memory, for a contiguous tensor on the CPU.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                CheckBytes();
                return new Span<byte>((void*)DataPointer(), checked((int)(NumberOfElements * ElementSize)));
            }
            set
            {
                if (value.Length != NumberOfElements * ElementSize) throw new ArgumentException($"The tensor has {NumberOfElements * ElementSize} bytes; {value.Length} were given.");
                value.CopyTo(bytes);
            }
        }

        private void CheckBytes()
        {
            if (device_type != DeviceType.CPU) throw new InvalidOperationException($"The bytes of a tensor on {device} cannot be read; move it to the CPU first.");
            if (!is_contiguous()) throw new InvalidOperationException("The bytes of a tensor that is not contiguous cannot be read; call contiguous() first.");
        }

        public unsafe void WriteBytesToStream(System.IO.Stream stream, int bufferSize = 1024)
        {
            CheckBytes();
            var total = NumberOfElements * ElementSize;
            for (long done = 0; done < total; done += bufferSize)
            {
                stream.Write(new ReadOnlySpan<byte>((byte*)DataPointer() + done, (int)Math.Min(bufferSize, total - done)));
            }
        }

        public unsafe void ReadBytesFromStream(System.IO.Stream stream, int bufferSize = 1024)
        {
            CheckBytes();
            var total = NumberOfElements * ElementSize;
            for (long done = 0; done < total; done += bufferSize)
            {
                stream.ReadExactly(new Span<byte>((byte*)DataPointer() + done, (int)Math.Min(bufferSize, total - done)));
            }
        }

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(Aten.to_dtype.Call(this, type, non_blocking, copy), disposeAfter);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(dtype, device, copy, disposeAfter, non_blocking);
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(dtype, new Device(device), copy, disposeAfter, non_blocking);
        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(Aten.to_device.Call(this, InitializeDevice(device), type, non_blocking, copy), disposeAfter);

        private Tensor Moved(Tensor result, bool disposeAfter)
        {
            if (disposeAfter) Dispose();
            return result;
        }

        public Tensor cpu() => to(CPU);
        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);
        public Tensor type(ScalarType dtype) => to_type(dtype);
        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);
        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);
        public Tensor @bool() => to_type(ScalarType.Bool);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @char() => to_type(ScalarType.Int8);
        public Tensor @short() => to_type(ScalarType.Int16);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor half() => to_type(ScalarType.Float16);
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);
        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);
        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);

        public Tensor set_(Tensor source)
        {
            NativeMethods.Check(NativeMethods.shim_tensor_set_data(Handle, source.Handle));
            return this;
        }

        public bool is_leaf => NativeMethods.shim_tensor_is_leaf(Handle) != 0;

        public bool requires_grad
        {
            get => NativeMethods.shim_tensor_requires_grad(Handle) != 0;
            set => NativeMethods.Check(NativeMethods.shim_tensor_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);
        public void retain_grad() => NativeMethods.Check(NativeMethods.shim_tensor_retain_grad(Handle));

        public Tensor? grad
        {
            get => NativeMethods.shim_tensor_grad(Handle) is var found and not 0 ? new Tensor(found) : null;
            set => NativeMethods.Check(NativeMethods.shim_tensor_set_grad(Handle, value?.Handle ?? 0));
        }

        public void backward() => autograd.backward(this);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
