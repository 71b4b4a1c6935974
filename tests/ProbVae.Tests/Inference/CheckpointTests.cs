using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>A file that is no fit checkpoint is refused in a sentence, and nothing is changed.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public void ACheckpointThatIsCutOffAnywhereIsRefusedAndChangesNothing()
    {
        using var vae = new SmallVae();
        using var svi = Trained(vae);
        var (file, before) = (Inferences.Snapshot(svi), Continue(vae, svi));
        // 97 is coprime to every field's length, so that cuts fall into all of them.
        foreach (var length in Enumerable.Range(0, file.Length).Where(length => length < 120 || length % 97 == 0 || length > file.Length - 40))
        {
            AssertRefused(svi, file[..length], before, "it is cut off");
        }
    }

    [Fact]
    public void ADamagedCheckpointIsRefusedAndChangesNothing()
    {
        using var vae = new SmallVae();
        using var svi = Trained(vae);
        var (file, before) = (Inferences.Snapshot(svi), Continue(vae, svi));
        for (var place = 0; place < file.Length; place += 13)
        {
            var damaged = file.ToArray();
            damaged[place] ^= 0x10;
            AssertRefused(svi, damaged, before, "");
        }
    }

    [Fact]
    public void ACheckpointOfAnotherModelIsRefused()
    {
        using SmallVae vae = new(), other = new(name: "other-vae");
        using Svi<Tensor> svi = Trained(vae), stranger = Trained(other);
        AssertRefused(svi, Inferences.Snapshot(stranger), Inferences.Snapshot(svi), "it is of the model 'other-vae', not of 'small-vae'");
    }

    [Fact]
    public void ACheckpointOfOtherShapesIsRefused()
    {
        using Svi<Tensor> svi = OfOne(zeros(3), "loc"), wider = OfOne(zeros(4), "loc"), doubled = OfOne(zeros([3], ScalarType.Float64), "loc"), renamed = OfOne(zeros(3), "other");
        var before = Inferences.Snapshot(svi);
        AssertRefused(svi, Inferences.Snapshot(wider), before, "its tensor 'loc' is Float32 (4), the model's Float32 (3)");
        AssertRefused(svi, Inferences.Snapshot(doubled), before, "its tensor 'loc' is Float64 (3), the model's Float32 (3)");
        AssertRefused(svi, Inferences.Snapshot(renamed), before, "it has a tensor 'other', which the model has not");
    }

    [Fact]
    public void ACheckpointWithAnotherNumberOfTensorsIsRefused()
    {
        using Svi<Tensor> svi = OfOne(zeros(3), "loc"), larger = OfTwo();
        AssertRefused(svi, Inferences.Snapshot(larger), Inferences.Snapshot(svi), "it has 2 tensors, the model 1");
    }

    [Theory]
    [InlineData("Adam", "SGD")]
    [InlineData("SGD", "Adam")]
    [InlineData("Adam", "RMSProp")]
    [InlineData("RMSProp", "AdamW")]
    [InlineData("Adam", "AdamW")]
    public void ACheckpointOfAnotherOptimizerIsRefused(string writer, string reader)
    {
        using var vae = new SmallVae();
        using Svi<Tensor> from = With(vae, writer), to = With(vae, reader);
        Trained(vae, from);
        Trained(vae, to);
        AssertRefused(to, Inferences.Snapshot(from), Inferences.Snapshot(to), "");
    }

    [Theory]
    [InlineData("")]
    [InlineData("PNG")]
    [InlineData("ProbVae checkpoint 9 and much more text than that")]
    public void AFileThatIsNoCheckpointIsRefused(string text)
    {
        using var vae = new SmallVae();
        using var svi = Trained(vae);
        AssertRefused(svi, System.Text.Encoding.UTF8.GetBytes(text), Inferences.Snapshot(svi), "");
    }

    private static void AssertRefused(Svi<Tensor> svi, byte[] file, byte[] before, string sentence)
    {
        var refusal = Assert.Throws<CheckpointException>(() => svi.Load(new MemoryStream(file)));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Inferences.Snapshot(svi));
    }

    private static Svi<Tensor> Trained(SmallVae vae) => Trained(vae, vae.Svi());

    private static Svi<Tensor> Trained(SmallVae vae, Svi<Tensor> svi)
    {
        using var batch = vae.Batch(0);
        svi.Step(batch);
        svi.Step(batch);
        return svi;
    }

    // One more step, so that the file and the present differ.
    private static byte[] Continue(SmallVae vae, Svi<Tensor> svi)
    {
        Trained(vae, svi);
        return Inferences.Snapshot(svi);
    }

    private static Svi<Tensor> With(SmallVae vae, string optimizer) => ProbVae.Svi.For(vae.Model, vae.Guide, Elbo.MeanField(), parameters => optimizer switch
    {
        "Adam" => optim.Adam(parameters),
        "AdamW" => optim.AdamW(parameters),
        "RMSProp" => optim.RMSProp(parameters),
        _ => optim.SGD(parameters, learningRate: 0.01),
    });

    private static Svi<Tensor> OfOne(Tensor start, string name)
    {
        var z = new Latent("z");
        var model = Model.Program<Tensor>("one", (p, _) => p.Sample(z, new Normal(zeros_like(start), 1)));
        return Inferences.Svi(model, name == "loc" ? OfLoc(model, z, new(start)) : OfOther(model, z, new(start)));
    }

    // The captured local's name is the parameter's.
    private static Guide<Tensor> OfLoc(Model<Tensor> model, Latent z, Parameter loc) => Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build();

    private static Guide<Tensor> OfOther(Model<Tensor> model, Latent z, Parameter other) => Guide.For(model).Sample(z, _ => new Normal(other, 1)).Build();

    private static Svi<Tensor> OfTwo()
    {
        var z = new Latent("z");
        Parameter loc = new(zeros(3)), scale = new(ones(3));
        var model = Model.Program<Tensor>("one", (p, _) => p.Sample(z, new Normal(zeros(3), 1)));
        return Inferences.Svi(model, Guide.For(model).Sample(z, _ => new Normal(loc, scale)).Build());
    }
}
