namespace MnistVae.Data;

/// <summary>Reads the .amat format of static binarized MNIST: a line of 784 zeros and ones for each image.</summary>
public static class AmatFile
{
    private const int ChunkSize = 1 << 16;

    /// <summary>The pixels of all images, as 0 and 255, and the MD5 of the uncompressed file.</summary>
    public static (byte[] Pixels, string Md5) Read(string path)
    {
        using var file = DataFileReader.Open(path);
        var parser = new Parser(path);
        byte[] chunk = new byte[ChunkSize];
        int filled;
        do
        {
            filled = file.Fill(chunk);
            parser.Add(chunk.AsSpan(0, filled));
        }
        while (filled == ChunkSize);

        return (parser.Finish(), file.Md5());
    }

    private sealed class Parser(string path)
    {
        private readonly List<byte> pixels = [];
        private int column;
        private int line = 1;

        public void Add(ReadOnlySpan<byte> text)
        {
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
                        throw new UserError($"{path} has {Describe(character)} in line {line}, but only 0 and 1 with spaces between may stand there; get the file again or remove it.");
                }
            }
        }

        public byte[] Finish()
        {
            EndLine();
            return pixels.Count > 0
                ? [.. pixels]
                : throw new UserError($"{path} holds no images; get the file again or remove it.");
        }

        private void EndLine()
        {
            if (column is not 0 and not DigitSet.PixelCount)
            {
                throw new UserError($"{path} has {column} values in line {line}, but an image has {DigitSet.PixelCount}; get the file again or remove it.");
            }

            column = 0;
            line++;
        }

        private static string Describe(byte character) =>
            character is > 32 and < 127 ? $"the character '{(char)character}'" : $"the byte {character}";
    }
}
