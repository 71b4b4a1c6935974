using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Training.Tests;

/// <summary>40 rows in minibatches of 16, so that a pass has three steps and the last is smaller; x | z ~ Normal(gain z, 1) with z ~ Normal(0, 1).</summary>
internal sealed class SmallTraining : IDisposable
{
    public const int Rows = 40;
    public const int Size = 16;

    private readonly Parameter _gain = new(tensor(0.1f));
    private readonly Parameter _slope = new(tensor(0.1f));
    private readonly Parameter _logScale = new(tensor(0f));
    private readonly Tensor _rows = new Normal(0, 2).Sample(new RandomKey(1), Rows);
    private readonly Tensor _heldOut = new Normal(0, 2).Sample(new RandomKey(2), 10);

    public SmallTraining(string folder, double rate = 0.05)
    {
        Folder = new(folder);
        var model = Model.Given<Tensor>("small").Plate("rows", total: Rows, batch: x => x.shape[0])
            .Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s => new Normal(s[z].mul(_gain), 1), out _)
            .Build();
        var guide = Guide.For(model).Sample(z, x => new Normal(x.mul(_slope), _logScale.exp())).Build();
        Svi = ProbVae.Svi.For(model, guide, Elbo.MeanField(), parameters => optim.Adam(parameters, rate), seed: 3);
        Data = Minibatches.Shuffled(_rows, Size, new RandomKey(4));
        HeldOut = Minibatches.InOrder(_heldOut, 4);
    }

    public Svi<Tensor> Svi { get; }

    public TrainingFolder Folder { get; }

    public Minibatches<Tensor> Data { get; }

    public Minibatches<Tensor> HeldOut { get; }

    /// <summary>A validation every two steps, the held-out rows after each pass, 14 steps.</summary>
    public TrainingOptions<Tensor> Options => new() { Steps = 14, Validation = HeldOut, ValidateEvery = 2, Test = HeldOut, CheckpointEvery = TimeSpan.FromHours(1) };

    /// <summary>All that a further step depends on.</summary>
    public byte[] State
    {
        get
        {
            using var stream = new MemoryStream();
            Svi.Save(stream);
            return stream.ToArray();
        }
    }

    public TrainingLoop<Tensor> Loop(TrainingOptions<Tensor>? options = null) => TrainingLoop.For(Svi, Data, Folder, options ?? Options);

    public void Dispose()
    {
        Svi.Dispose();
        _rows.Dispose();
        _heldOut.Dispose();
    }
}
