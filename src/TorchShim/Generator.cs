using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers.</summary>
    public class Generator : IDisposable
    {
        private nint handle;

        private Generator(nint handle, Device device) => (this.handle, this.device) = (handle, device);

        public Generator(ulong seed = 0, Device? device = null)
            : this(NativeMethods.shim_generator_new(seed, (int)(device ?? CPU).type, (device ?? CPU).index), device ?? CPU)
        {
            if (handle == 0) throw NativeMethods.Failure();
        }

        ~Generator() => Dispose(false);

        public static Generator Default { get; } = new(NativeMethods.shim_generator_default(), CPU);

        public nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(Generator));
        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            NativeMethods.shim_generator_set_seed(Handle, (ulong)seed);
            return this;
        }

        public long seed() => (long)NativeMethods.shim_generator_seed(Handle);
        public long initial_seed() => (long)NativeMethods.shim_generator_initial_seed(Handle);
        public Tensor get_state() => new(NativeMethods.shim_generator_get_state(Handle));
        public void set_state(Tensor value) => NativeMethods.Check(NativeMethods.shim_generator_set_state(Handle, value.Handle));

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle != 0) NativeMethods.shim_generator_free(handle);
            handle = 0;
        }
    }

    public static Generator manual_seed(long seed)
    {
        NativeMethods.shim_manual_seed(seed);
        return Generator.Default;
    }

    public static long seed() => Generator.Default.seed();
    public static long initial_seed() => Generator.Default.initial_seed();
    public static Tensor get_rng_state() => Generator.Default.get_state();
    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
}
