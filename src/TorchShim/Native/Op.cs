using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp.Native;

/// <summary>An ATen operator, resolved by name at its first call.</summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int MaxArguments = 20;
    private const int MaxResults = 8;
    private nint id;

    /// <summary>Calls an operator that returns one tensor.</summary>
    public torch.Tensor Call(params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return new torch.Tensor((nint)result.Bits);
    }

    /// <summary>Calls an operator whose results are of no interest, such as one that works in place, and returns the tensor given first.</summary>
    public torch.Tensor InPlace(torch.Tensor self, params ReadOnlySpan<Arg> rest)
    {
        Span<Arg> args = [self, default, default, default, default, default, default, default];
        rest.CopyTo(args[1..]);
        Invoke(args[..(rest.Length + 1)], null, 0);
        return self;
    }

    public void Run(params ReadOnlySpan<Arg> args) => Invoke(args, null, 0);

    public (torch.Tensor, torch.Tensor) Call2(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[2];
        Invoke(args, results, 2);
        return (Tensor(results[0]), Tensor(results[1]));
    }

    public (torch.Tensor, torch.Tensor, torch.Tensor) Call3(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[3];
        Invoke(args, results, 3);
        return (Tensor(results[0]), Tensor(results[1]), Tensor(results[2]));
    }

    public torch.Tensor[] CallMany(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[MaxResults];
        var count = Invoke(args, results, MaxResults);
        if (count == 1 && results[0].Tag == ValueTag.TensorList) return TakeList(results[0]);
        var tensors = new torch.Tensor[count];
        for (var i = 0; i < count; i++) tensors[i] = Tensor(results[i]);
        return tensors;
    }

    public bool CallBool(params ReadOnlySpan<Arg> args) => CallValue(args).Bits != 0;
    public long CallLong(params ReadOnlySpan<Arg> args) => CallValue(args).Bits;
    public double CallDouble(params ReadOnlySpan<Arg> args) => BitConverter.Int64BitsToDouble(CallValue(args).Bits);

    private NativeValue CallValue(ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return result;
    }

    private static torch.Tensor Tensor(NativeValue value) => new((nint)value.Bits);

    private static torch.Tensor[] TakeList(NativeValue list)
    {
        var handles = (nint*)list.Bits;
        var tensors = new torch.Tensor[list.Count];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = new torch.Tensor(handles[i]);
        NativeMethods.shim_free(handles);
        return tensors;
    }

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Arg> args, NativeValue* results, int capacity)
    {
        var values = stackalloc NativeValue[MaxArguments];
        var marshaller = new Marshaller(stackalloc long[64]);
        try
        {
            for (var i = 0; i < args.Length; i++) marshaller.Write(args[i], ref values[i]);
            var count = NativeMethods.shim_call(id == 0 ? Resolve() : id, values, args.Length, results, capacity);
            if (count < 0) throw NativeMethods.Failure();
            return count;
        }
        finally
        {
            marshaller.Free();
        }
    }

    private nint Resolve()
    {
        var found = NativeMethods.shim_operator("aten::" + name, overload);
        if (found == 0) throw NativeMethods.Failure();
        return id = found;
    }

    /// <summary>Lays arguments out for native code; short lists go to scratch space on the stack, longer ones to native memory.</summary>
    private ref struct Marshaller(Span<long> scratch)
    {
        private Span<long> free = scratch;
        private void* overflow = null;

        public void Write(in Arg arg, ref NativeValue value)
        {
            value.Tag = arg.Tag;
            value.Count = arg.Count;
            value.Bits = arg.Tag switch
            {
                ValueTag.Tensor => ((torch.Tensor)arg.Reference!).Handle,
                ValueTag.Generator => ((torch.Generator)arg.Reference!).Handle,
                ValueTag.IntList => List((long[])arg.Reference!, ref value.Count),
                ValueTag.DoubleList => List(MemoryMarshal.Cast<double, long>((double[])arg.Reference!), ref value.Count),
                ValueTag.Complex => List(MemoryMarshal.Cast<double, long>((double[])arg.Reference!), ref value.Count),
                ValueTag.TensorList => Handles((torch.Tensor?[])arg.Reference!, ref value.Count),
                ValueTag.String => Text((string)arg.Reference!, ref value.Count),
                _ => arg.Bits,
            };
        }

        private long List(ReadOnlySpan<long> items, ref int count)
        {
            count = items.Length;
            var room = Take(count);
            items.CopyTo(new Span<long>(room, count));
            return (long)room;
        }

        private long Handles(torch.Tensor?[] tensors, ref int count)
        {
            count = tensors.Length;
            var room = Take(count);
            for (var i = 0; i < count; i++) room[i] = tensors[i]?.Handle ?? 0;
            return (long)room;
        }

        private long Text(string text, ref int count)
        {
            count = Encoding.UTF8.GetByteCount(text);
            var room = Take(count / sizeof(long) + 1);
            Encoding.UTF8.GetBytes(text, new Span<byte>(room, count));
            return (long)room;
        }

        private long* Take(int count)
        {
            if (count <= free.Length)
            {
                var room = (long*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(free));
                free = free[count..];
                return room;
            }

            // A block begins with the address of the one before it, so that Free finds them all.
            var block = (long*)NativeMemory.Alloc((nuint)count + 1, sizeof(long));
            *block = (long)overflow;
            overflow = block;
            return block + 1;
        }

        public void Free()
        {
            while (overflow != null)
            {
                var next = (void*)*(long*)overflow;
                NativeMemory.Free(overflow);
                overflow = next;
            }
        }
    }
}
