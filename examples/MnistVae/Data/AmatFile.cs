namespace MnistVae;

/// <summary>Reads the .amat format of static binarized MNIST: a line of 784 zeros and ones for each image.</summary>
public static class AmatFile
{
    /// <summary>The pixels of all images, as 0 and 255.</summary>
    /// <param name="text">The file's content, unpacked.</param>
    public static byte[] Pixels(string path, byte[] text)
    {
        var pixels = new List<byte>(text.Length / 2);
        int column = 0, line = 1;
        foreach (byte character in text)
        {
            switch (character)
            {
                case (byte)'0' or (byte)'1':
                    pixels.Add(character == '1' ? byte.MaxValue : byte.MinValue);
                    column++;
                    break;
                case (byte)'\n':
                    EndLine();
                    break;
                case (byte)' ' or (byte)'\r' or (byte)'\t':
                    break;
                default:
                    string found = character is > 32 and < 127 ? $"the character '{(char)character}'" : $"the byte {character}";
                    throw new InvalidDataException($"{path} has {found} in line {line}, but only 0 and 1 with spaces between may stand there; get the file again or remove it.");
            }
        }

        EndLine();
        return pixels.Count > 0 ? [.. pixels] : throw new InvalidDataException($"{path} holds no images; get the file again or remove it.");

        void EndLine()
        {
            (int values, column) = (column, 0);
            if (values is not (0 or DigitSet.PixelCount))
            {
                throw new InvalidDataException($"{path} has {values} values in line {line}, but an image has {DigitSet.PixelCount}; get the file again or remove it.");
            }

            line++;
        }
    }
}
