namespace MnistVae;

/// <summary>Draws zeros and ones with the grey levels as probabilities, the same ones whatever the order of batches.</summary>
public static class Binarizer
{
    /// <summary>The seed of the one draw that stands in for the static files, fixed so that all runs see the same digits.</summary>
    public const int StaticSeed = 28;

    private const int StaticEpoch = -1;

    /// <summary>Which of an image's pixels are set.</summary>
    public static bool[] Draw(ReadOnlySpan<byte> grey, long seed, int epoch, int image)
    {
        var random = SplitMix.For(seed, epoch, image);
        bool[] isSet = new bool[grey.Length];
        for (int i = 0; i < grey.Length; i++)
        {
            // Black stays black and white stays white: the draw lies in 0..254.
            isSet[i] = random.Below(byte.MaxValue) < grey[i];
        }

        return isSet;
    }

    /// <summary>Every pixel drawn once, as 0 or 255.</summary>
    /// <param name="stream">Keeps the draws of training and test images apart.</param>
    public static DigitSet DrawOnce(DigitSet grey, int stream)
    {
        var drawn = Enumerable.Range(0, grey.Count).SelectMany(image => Draw(grey.Image(image), StaticSeed + stream, StaticEpoch, image));
        return new([.. drawn.Select(isSet => isSet ? byte.MaxValue : byte.MinValue)], grey.HasLabels ? grey.Labels.ToArray() : null);
    }
}
