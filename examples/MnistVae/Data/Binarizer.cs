namespace MnistVae.Data;

/// <summary>Draws zeros and ones with the grey levels as probabilities, the same ones whatever the order of batches.</summary>
public static class Binarizer
{
    /// <summary>The seed of the one draw that stands in for the static files, fixed so that all runs see the same digits.</summary>
    public const int StaticSeed = 28;

    private const int StaticEpoch = -1;

    /// <summary>Fills <paramref name="binary"/> with 0 and 1 for one image.</summary>
    public static void Draw(ReadOnlySpan<byte> grey, long seed, int epoch, int image, Span<float> binary)
    {
        var random = SplitMix.For(seed, epoch, image);
        for (int i = 0; i < grey.Length; i++)
        {
            binary[i] = IsSet(ref random, grey[i]) ? 1f : 0f;
        }
    }

    /// <summary>Every pixel drawn once, as 0 or 255.</summary>
    /// <param name="stream">Keeps the draws of training and test images apart.</param>
    public static DigitSet DrawOnce(DigitSet grey, int stream)
    {
        ArgumentNullException.ThrowIfNull(grey);
        byte[] binary = new byte[grey.Pixels.Length];
        for (int image = 0; image < grey.Count; image++)
        {
            var random = SplitMix.For(StaticSeed + stream, StaticEpoch, image);
            var source = grey.Image(image);
            var target = binary.AsSpan(image * DigitSet.PixelCount, DigitSet.PixelCount);
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = IsSet(ref random, source[i]) ? byte.MaxValue : byte.MinValue;
            }
        }

        return new DigitSet(binary, grey.HasLabels ? grey.Labels.ToArray() : null);
    }

    // Black stays black and white stays white: the draw lies in 0..254.
    private static bool IsSet(ref SplitMix random, byte grey) => random.Below(byte.MaxValue) < grey;
}
