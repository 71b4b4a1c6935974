using System;
using System.Globalization;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A device, such as cpu or cuda:0.</summary>
    public class Device
    {
        public DeviceType type { get; }
        public int index { get; } = -1;

        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            var colon = description.IndexOf(':', StringComparison.Ordinal);
            type = Parse(colon < 0 ? description : description[..colon]);
            if (colon >= 0) index = int.Parse(description.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        }

        public Device(string deviceType, int index = -1) => (type, this.index) = (Parse(deviceType), index);
        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index);
        public Device(int index) => (type, this.index) = (DeviceType.CUDA, index);

        private static DeviceType Parse(string name) => Enum.Parse<DeviceType>(name, ignoreCase: true);

        public override string ToString()
        {
            if (type == DeviceType.CPU) return "cpu";
            var name = Enum.GetName(type)!.ToLowerInvariant();
            return index < 0 ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);
    }

    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device META = new(DeviceType.META);
    public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA));
    public static Device MPS => InitializeDevice(new Device(DeviceType.MPS));

    public static Device device(string description) => InitializeDevice(new Device(description));
    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
    public static Device device(int index) => new(index);

    private static Device defaultDevice = CPU;

    public static Device get_default_device() => defaultDevice;
    public static void set_default_device(Device device) => defaultDevice = device;
    public static void set_default_device(string device) => defaultDevice = new Device(device);

    /// <summary>The device given, or the default one, after a check that this machine has it.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= defaultDevice;
        InitializeDeviceType(device.type);
        return device;
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType)) throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CPU or DeviceType.META => true,
        DeviceType.CUDA => cuda.is_available(),
        _ => false,
    };

    public static bool cuda_is_available() => cuda.is_available();
    public static bool mps_is_available() => false;

    /// <summary>What CUDA offers on this machine.</summary>
    public static partial class cuda
    {
        public static bool is_available() => NativeMethods.shim_cuda_available() != 0;
        public static bool is_cudnn_available() => NativeMethods.shim_cudnn_available() != 0;
        public static int device_count() => NativeMethods.shim_cuda_count();
        public static void manual_seed(long seed) => NativeMethods.Check(NativeMethods.shim_cuda_seed(seed, -1));

        public static void manual_seed_all(long seed)
        {
            for (var i = 0; i < device_count(); i++) NativeMethods.Check(NativeMethods.shim_cuda_seed(seed, i));
        }

        public static void synchronize(Device? device = null) => NativeMethods.Check(NativeMethods.shim_cuda_synchronize(device?.index ?? -1));
    }
}
