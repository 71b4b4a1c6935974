using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>The bytes are those of the format; what is not well-formed is refused in sentences.</summary>
public sealed class SafetensorsTests
{
    [Fact]
    public void TheBytesAreThoseOfTheFormat()
    {
        using var one = tensor(new float[] { 1, -2 });
        using var two = tensor(new short[] { 3 });
        using var bytes = new MemoryStream();
        Safetensors.Save(bytes, new Dictionary<string, Tensor> { ["b"] = two, ["a"] = one }, new Dictionary<string, string> { ["made by"] = "a test" });
        const string Header = """{"__metadata__":{"made by":"a test"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I16","shape":[1],"data_offsets":[8,10]}}""";
        // 146 bytes of header, padded with spaces to a multiple of eight; then 1.0f, -2.0f and 3 in little-endian bytes.
        byte[] data = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 3, 0];
        Assert.Equal(File(Header.PadRight((Header.Length + 7) / 8 * 8), data), bytes.ToArray());
    }

    public static TheoryData<ScalarType> Types { get; } = [ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64,
        ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64, ScalarType.ComplexFloat32];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTypeAndShapeComesBackBitForBit(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var numbers = (arange(24) - 7).to(ScalarType.Float32).div(3).to(type);
        var tensors = new Dictionary<string, Tensor> { ["matrix"] = numbers.view(4, 6), ["turned"] = numbers.view(4, 6).t(), ["scalar"] = numbers[5], ["none"] = zeros([0, 3], type), ["ünïcode \"name\""] = numbers };
        using var file = new MemoryStream();
        Safetensors.Save(file, tensors);
        file.Position = 0;
        var back = Safetensors.Load(file);
        Assert.Empty(back.Metadata);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), back.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(type, back.Tensors[name].dtype);
            Assert.Equal(tensor.shape, back.Tensors[name].shape);
            Assert.Equal(tensor.contiguous().bytes.ToArray(), back.Tensors[name].bytes.ToArray());
        }
    }

    [Fact]
    public void WhatTheFormatCannotHoldIsRefusedBeforeAFileIsTouched()
    {
        using var complex = zeros([1], ScalarType.ComplexFloat64);
        using var real = zeros(1);
        using var bytes = new MemoryStream();
        Assert.Contains("'z' is ComplexFloat64", Assert.Throws<ArgumentException>(() => Safetensors.Save(bytes, new Dictionary<string, Tensor> { ["z"] = complex })).Message, StringComparison.Ordinal);
        Assert.Contains("keeps for texts", Assert.Throws<ArgumentException>(() => Safetensors.Save(bytes, new Dictionary<string, Tensor> { ["__metadata__"] = real })).Message, StringComparison.Ordinal);
        Assert.Equal(0, bytes.Length);
    }

    [Fact]
    public void AFileThatCouldNotBeWrittenLeavesTheOldOne()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var real = ones(3);
        using var complex = zeros([1], ScalarType.ComplexFloat64);
        Safetensors.Save(path, new Dictionary<string, Tensor> { ["x"] = real });
        Assert.Throws<ArgumentException>(() => Safetensors.Save(path, new Dictionary<string, Tensor> { ["x"] = complex }));
        Assert.Equal([1, 1, 1], Inferences.Numbers(Safetensors.Load(path).Tensors["x"]));
        System.IO.File.Delete(path);
        Assert.False(System.IO.File.Exists(path + ".unfinished"));
    }

    [Fact]
    public void AFileThatIsCutOffAnywhereIsRefused()
    {
        using var tensors = tensor(new float[] { 1, 2, 3 });
        using var whole = new MemoryStream();
        Safetensors.Save(whole, new Dictionary<string, Tensor> { ["x"] = tensors });
        var bytes = whole.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Contains("cut off", Refusal(bytes[..length]).Message, StringComparison.Ordinal);
            Assert.Contains("cut off", Assert.Throws<SafetensorsException>(() => Safetensors.Load(new Pipe(bytes[..length]))).Message, StringComparison.Ordinal);
        }

        Assert.Equal([1, 2, 3], Inferences.Numbers(Safetensors.Load(new Pipe(bytes)).Tensors["x"]));
        Assert.Contains("12 bytes, and 13 are there", Refusal([.. bytes, 0]).Message, StringComparison.Ordinal);
        Assert.Contains("Bytes follow", Assert.Throws<SafetensorsException>(() => Safetensors.Load(new Pipe([.. bytes, 0]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "Tensor 'x' is F32 (2), which its 4 bytes do not fill exactly.")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 8, "Tensor 'x' is F32 (1), which its 8 bytes do not fill exactly.")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,4]}}""", 4, "do not fill exactly")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "Tensor 'x' has no shape of whole numbers that are not negative.")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "Tensor 'x' has no shape")]
    [InlineData("""{"x":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "Tensor 'x' has no shape")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", 4, "Tensor 'x' has no data_offsets")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "Tensor 'x' has data_offsets [0]; expected a begin and an end that is not before it.")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "Tensor 'x' has data_offsets [4, 0]")]
    [InlineData("""{"x":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "Tensor 'x' has the dtype 'F8_E4M3', which cannot be read here; expected one of U8, I8,")]
    [InlineData("""{"x":{"shape":[4],"data_offsets":[0,4]}}""", 4, "Tensor 'x' has no dtype.")]
    [InlineData("""{"x":{"dtype":7,"shape":[4],"data_offsets":[0,4]}}""", 4, "Tensor 'x' has no dtype.")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"stride":[1]}}""", 4, "Tensor 'x' has a field 'stride', which the format does not know.")]
    [InlineData("""{"x":[1]}""", 0, "The header's entry 'x' is not an object")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "Tensor 'y' begins at byte 2 of the data and overlaps the tensor before it, which ends at 4.")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}""", 10, "Tensor 'y' begins at byte 6 of the data, and the bytes from 4 on belong to no tensor.")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "the bytes from 0 on belong to no tensor")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"x":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", 8, "Its header is not well-formed JSON")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}""", 4, "Its header is not well-formed JSON")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "Its __metadata__ is not an object of texts.")]
    [InlineData("""{"__metadata__":"a"}""", 0, "Its __metadata__ is not an object of texts.")]
    [InlineData("""[1]""", 0, "Its header does not begin with '{'")]
    [InlineData("""  {}""", 0, "Its header does not begin with '{'")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 7, "Its tensors' data should be 4 bytes, and 7 are there; it is damaged.")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "cut off: its tensors' data should be 4 bytes, and 3 are there")]
    public void AMalformedFileIsRefusedInASentence(string header, int data, string sentence) =>
        Assert.Contains(sentence, Refusal(File(header, new byte[data])).Message, StringComparison.Ordinal);

    [Fact]
    public void EveryProblemOfAHeaderIsListed() => Assert.Equal(3, Refusal(File(
        """{"x":{"dtype":"F33","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[-1],"data_offsets":[4,8]},"z":3}""", new byte[8])).Problems.Count);

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    public void AnImpossibleHeaderLengthIsRefusedWithoutReadingOn(ulong length)
    {
        var file = File("{}", []);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains($"Its header would be {length} bytes long", Refusal(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyFileAndOneWithoutTensorsDiffer()
    {
        Assert.Contains("cut off", Refusal([]).Message, StringComparison.Ordinal);
        Assert.Empty(Safetensors.Load(new MemoryStream(File("{}      ", []))).Tensors);
    }

    private static SafetensorsException Refusal(byte[] file) => Assert.Throws<SafetensorsException>(() => Safetensors.Load(new MemoryStream(file)));

    private static byte[] File(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data];
    }

    // A stream that cannot tell its length and gives a few bytes at a time.
    private sealed class Pipe(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer.Length > 3 ? buffer[..3] : buffer);
    }
}
