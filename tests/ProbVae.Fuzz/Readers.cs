using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MnistVae;
using ProbVae.Training;
using static TorchSharp.torch;

namespace ProbVae.Fuzz;

/// <summary>Everything that reads a file or a request, with whole files of a small run.</summary>
public sealed class Readers : IDisposable
{
    private const int Images = 48;
    private const int Side = 28;

    // Which question a body is of, by a field that it alone has.
    private static readonly (string Name, string Question)[] Fields = [("across", "/grid"), ("code", "/decode"), ("number", "/draw"), ("pixels", "/encode")];

    private readonly string folder = Directory.CreateTempSubdirectory("probvae-fuzz-").FullName;
    private readonly Session session;
    private readonly RunFolder run;
    private readonly ExploreSite site;
    private readonly HttpClient client = new();

    public Readers()
    {
        var options = new TrainOptions { Binarize = Binarization.Static, Latent = 2, Hidden = [4], Activation = Activation.Elu, Epochs = 1, Batch = 16, Seed = 5, Threads = 1 };
        var source = new DataSource("drawn", DataOrigin.Procedural, "seed 3", "grey", Images, 0, Images, [new DataFile("train", "0", Images, false)], ["A notice."]);
        run = RunFolder.Create(Path.Combine(folder, "run"), RunRecord.Start(options, source), overwrite: false);
        session = new Session(options, Images, DeviceKind.Cpu, threads: 1);
        var (train, _) = ProceduralDigits.Draw(seed: 3, Images, 1);
        var loop = TrainingLoop.For(
            session.Svi, train.DrawnOnce(new RandomKey(1)).ToLearn(options.Batch, CPU, new RandomKey(options.Seed), ahead: 0), run.Training, new() { Passes = 1 });
        loop.Run();
        site = ExploreSite.StartAsync(0, new LatentExplorer(session, run)).GetAwaiter().GetResult();
        All =
        [
            OfFile("idx images", false, [Idx(2051, 3, Side, Side), Idx(2051, 1, Side, Side)], path => IdxFile.Images(path, UnpackedFile.Read(path), Side, Side), typeof(InvalidDataException)),
            OfFile("idx labels", false, [Idx(2049, 30), Idx(2049, 4)], path => IdxFile.Labels(path, UnpackedFile.Read(path), classes: 10), typeof(InvalidDataException)),
            OfFile("amat", true, [Amat(3), Amat(1)], path => AmatFile.Pixels(path, UnpackedFile.Read(path)), typeof(InvalidDataException)),
            OfFile("gzip", false, [Gzip(Idx(2049, 30)), [.. Gzip(Idx(2049, 30)[..10]), .. Gzip(Idx(2049, 30)[10..])], Gzip(Amat(1))], path => IdxFile.Labels(path, UnpackedFile.Read(path), classes: 10), typeof(InvalidDataException)),
            Checkpoint("checkpoint", Saved(), bytes => bytes),
            Forged(Saved()),
            new("training checkpoint", false, [File.ReadAllBytes(run.PathOf(TrainingFolder.LastName))], ReadTraining, typeof(CheckpointException)),
            new("safetensors", true, Tensors(), ReadTensors, typeof(SafetensorsException)),
            new("parameters in safetensors", true, [Parameters()], bytes => session.Svi.Parameters.LoadSafetensors(new MemoryStream(bytes)), typeof(SafetensorsException)),
            OfFile("config", true, Records(), path => RunRecord.Read(path, $"--config {path}")),
            OfFile("run.json", true, Records(), path => RunRecord.Read(path)),
            OfFile("history.csv", true, [History()], path => new TrainingHistory<EpochRow>(path).Read(), typeof(InvalidDataException)),
            OfFile("validation.csv", true, [Validation()], path => new TrainingHistory<ValidationRow>(path).Read(), typeof(InvalidDataException)),
            Table(),
            Explorer(),
        ];
    }

    /// <summary>The readers.</summary>
    public IReadOnlyList<Reader> All { get; }

    public void Dispose()
    {
        client.Dispose();
        site.DisposeAsync().AsTask().GetAwaiter().GetResult();
        session.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private Reader OfFile(string name, bool isText, IReadOnlyList<byte[]> whole, Action<string> read, Type? refusal = null)
    {
        string path = Path.Combine(folder, name.Replace(' ', '-'));
        return new(name, isText, whole, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            read(path);
        }, refusal ?? typeof(UserError));
    }

    private Reader Table()
    {
        var path = Path.Combine(folder, "table.csv");
        return new("table", true, [Encoding.UTF8.GetBytes("area,town,garden\n60.5,\"Ely, Cambs\",true\n-4e1,Bath,false\n")], bytes =>
        {
            using var scope = NewDisposeScope();
            File.WriteAllBytes(path, bytes);
            CsvFile.Read(path);
        }, typeof(InvalidDataException));
    }

    private Reader Checkpoint(string name, byte[] whole, Func<byte[], byte[]> finish) =>
        new(name, false, [whole], bytes => session.Svi.Load(new MemoryStream(bytes)), typeof(CheckpointException)) { Finish = finish };

    private Reader Explorer()
    {
        string[] bodies =
        [
            """{"code":[0.5,-1.25]}""",
            """{"code":[0.5,-1.25],"across":0,"up":1}""",
            """{"number":7}""",
            $$"""{"pixels":[{{string.Join(',', Enumerable.Range(0, DigitSet.PixelCount).Select(i => i % 256))}}]}""",
        ];
        return new("explorer's JSON", true, [.. bodies.Select(Encoding.UTF8.GetBytes)], bytes =>
        {
            string question = Array.Find(Fields, field => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(field.Name)) >= 0).Question ?? "/decode";
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(site.Address, question)) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } } };
            using var reply = client.Send(request);
            using var answer = System.Text.Json.JsonDocument.Parse(reply.Content.ReadAsStream());
            if (reply.StatusCode == HttpStatusCode.BadRequest)
            {
                throw new UserError(answer.RootElement.GetProperty("error").GetString()!);
            }

            if (reply.StatusCode != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"The status is {reply.StatusCode}.");
            }
        }, typeof(UserError));
    }

    private void ReadTraining(byte[] bytes)
    {
        File.WriteAllBytes(run.PathOf(TrainingFolder.LastName), bytes);
        new TrainingFolder(run.Folder).Load(session.Svi);
    }

    private static void ReadTensors(byte[] bytes)
    {
        using var scope = NewDisposeScope();
        // One that can be sought in tells its length, one that cannot does not.
        Safetensors.Load(bytes.Length % 2 == 0 ? new MemoryStream(bytes) : new BufferedStream(new Unseekable(bytes)));
    }

    private static byte[][] Tensors()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        Safetensors.Save(stream, new Dictionary<string, Tensor> { ["a"] = arange(6).reshape(2, 3), ["b"] = zeros(4), ["c"] = ones(3, ScalarType.Bool), ["empty"] = zeros(0, 5) }, new Dictionary<string, string> { ["made by"] = "a test" });
        string header = """{"x":{"dtype":"F32","shape":[0,1],"data_offsets":[0,0]}}""";
        return [stream.ToArray(), [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header)]];
    }

    private byte[] Parameters()
    {
        using var stream = new MemoryStream();
        session.Svi.Parameters.SaveSafetensors(stream);
        return stream.ToArray();
    }

    private byte[] Saved()
    {
        using var stream = new MemoryStream();
        session.Svi.Save(stream);
        return stream.ToArray();
    }

    // A checksum that is right again lets what is behind it be read. The optimizer's part stays whole: TorchSharp's own reader takes it
    // on trust, and a forged one can end the process.
    private Reader Forged(byte[] whole)
    {
        int frame = 1 + "ProbVae checkpoint 1".Length;
        int payload = frame + sizeof(int) + SHA256.HashSizeInBytes;
        using var reader = new BinaryReader(new MemoryStream(whole[payload..]));
        (_, _, _, _) = (reader.ReadString(), reader.ReadString(), reader.ReadInt64(), reader.ReadInt64());
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            (_, _) = (reader.ReadString(), reader.ReadString());
            reader.ReadBytes(reader.ReadInt32());
        }

        int head = (int)reader.BaseStream.Position;
        return Checkpoint("checkpoint, checksum right", whole[payload..(payload + head)], changed =>
        {
            byte[] forged = [.. whole];
            forged.AsSpan(payload, head).Clear();
            changed.AsSpan(0, Math.Min(head, changed.Length)).CopyTo(forged.AsSpan(payload));
            SHA256.HashData(forged.AsSpan(payload)).CopyTo(forged, frame + sizeof(int));
            return forged;
        });
    }

    private byte[][] Records()
    {
        byte[] record = File.ReadAllBytes(run.PathOf(RunFolder.RecordName));
        return [record, Encoding.UTF8.GetBytes("""{"options":{"latent":3,"hidden":[8,4],"prior":"Mixture"}}""")];
    }

    private static byte[] History() => Encoding.UTF8.GetBytes(string.Join('\n', [
        "epoch,elbo,reconstruction,kl,test_elbo,test_reconstruction,test_kl,gradient_norm,images_per_second,seconds",
        .. Enumerable.Range(1, 5).Select(epoch => $"{epoch},-100.5,-80.25,20.25,{(epoch % 2 == 0 ? "-101" : "")},-81,20,3.5,12000.5,1.25"), ""]));

    private static byte[] Validation() => Encoding.UTF8.GetBytes(string.Join('\n', [
        "step,elbo,reconstruction,kl,seconds", .. Enumerable.Range(1, 5).Select(step => $"{step}00,-100.5,-80.25,20.25,1.25"), ""]));

    private static byte[] Amat(int rows) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(string.Join(' ', Enumerable.Range(0, DigitSet.PixelCount).Select(i => i % 3 == 0 ? '1' : '0')) + "\n", rows)));

    private static byte[] Idx(int magic, params int[] sizes)
    {
        byte[] bytes = new byte[(sizeof(int) * (1 + sizes.Length)) + sizes.Aggregate(1, (product, size) => product * size)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, magic);
        for (int i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(sizeof(int) * (1 + i)), sizes[i]);
        }

        for (int i = sizeof(int) * (1 + sizes.Length); i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i % 10);
        }

        return bytes;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanSeek => false;
    }
}
