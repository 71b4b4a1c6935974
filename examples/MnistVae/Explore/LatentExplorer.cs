using static TorchSharp.torch;

namespace MnistVae;

/// <summary>What the page is about; the bounds are three standard deviations of the prior around its mean, a number of the code each.</summary>
/// <param name="Code">The latent variable whose numbers these are: the one that the decoder reads.</param>
/// <param name="Above">The latent variables that it depends on.</param>
/// <param name="Conditional">Whether the model reads labels.</param>
/// <param name="Binary">Whether it sees pixels as zeros and ones.</param>
/// <param name="FirstAcross">One of the two numbers of the code that change the image most from one bound to the other.</param>
/// <param name="FirstUp">The other; the same where there is one only.</param>
public sealed record ModelFacts(
    string Run, string Description, string Code, string[] Above, long Steps, bool Conditional, bool Binary, int GridSide,
    int FirstAcross, int FirstUp, float[] Centre, float[] Low, float[] High);

/// <summary>One site's share of an image's ELBO, in nats.</summary>
public sealed record TermFigure(string Site, bool IsKl, double Value);

/// <summary>What the model makes of an image.</summary>
/// <param name="Seen">The pixels that it saw, 0 to 255.</param>
/// <param name="Reconstruction">The likelihood's means at the mean code, 0 to 255.</param>
/// <param name="Elbo">In nats, averaged over <paramref name="Draws"/> draws.</param>
public sealed record Encoded(byte[] Seen, byte[] Reconstruction, float[] Mean, float[] Deviation, double Elbo, TermFigure[] Terms, int Draws);

/// <summary>A trained model, asked one point or one image at a time; numbers in, numbers out. For one thread at a time.</summary>
public sealed class LatentExplorer
{
    private const int GridSide = 13;
    private const int PriorDraws = 1000;
    private const int ElboDraws = 16;
    private const double Reach = 3;

    private readonly Session session;
    private readonly Vae vae;
    private readonly int images;
    private readonly RandomKey key;

    public LatentExplorer(Session session, RunFolder run)
    {
        (this.session, vae, images) = (session, session.Vae, run.Record.Data.TrainCount);
        var options = run.Record.Options;
        key = new RandomKey(options.Seed).Fold("explore");
        Facts = Asked(() =>
        {
            var draws = vae.DrawCodes(PriorDraws, key.Fold("bounds"));
            var (centre, spread) = (draws.mean([0]), draws.std(0) * Reach);
            int[] first = [.. ByInfluence(centre, spread).Take(2).Order()];
            string kind = $"{OptionTable.Spell(options.Structure)} model, {centre.shape[0]} latent numbers, {OptionTable.Spell(options.Likelihood)} pixels, {OptionTable.Spell(options.Prior)} prior";
            string[] above = [.. vae.Latents.Where(latent => latent != vae.Code).Select(latent => $"{latent}")];
            return new ModelFacts(
                Path.GetFileName(run.Folder), kind, $"{vae.Code}", above, session.Svi.StepCount, vae.ReadsLabels, options.Binarize != Binarization.None, GridSide,
                first[0], first[^1], Floats(centre), Floats(centre - spread), Floats(centre + spread));
        });

        // The first of a kind is slow, as much is compiled only then.
        Encode(Decode(Facts.Centre, 0), 0);
        Grid(Facts.Centre, 0, Latent - 1, 0);
    }

    public ModelFacts Facts { get; }

    /// <summary>How many numbers a code has.</summary>
    public int Latent => Facts.Centre.Length;

    /// <summary>The likelihood's means at a code, 0 to 255.</summary>
    public byte[] Decode(float[] code, int digit) => Asked(() => Bytes(vae.Decode(Row(code), digit)));

    /// <summary>The images of a plane through a code: two of its numbers run over their bounds, one to the right and one upwards, row after row.</summary>
    public byte[] Grid(float[] code, int across, int up, int digit) => Asked(() =>
    {
        var codes = Row(code).repeat(GridSide * GridSide, 1);
        codes.select(1, across).copy_(linspace(Facts.Low[across], Facts.High[across], GridSide).repeat(GridSide));
        codes.select(1, up).copy_(linspace(Facts.High[up], Facts.Low[up], GridSide).repeat_interleave(GridSide));
        return Bytes(vae.Decode(codes, digit));
    });

    /// <summary>A code from the prior.</summary>
    /// <param name="number">Which of the draws there are.</param>
    public float[] Draw(int number) => Asked(() => Floats(vae.DrawCodes(1, key.Fold("draw").Fold(number))));

    /// <summary>What the guide and the model make of an image.</summary>
    /// <param name="pixels">784 grey levels; a model of zeros and ones sees 1 from 128 up.</param>
    public Encoded Encode(byte[] pixels, int digit) => Asked(() =>
    {
        float[] levels = [.. pixels.Select(level => Facts.Binary ? level >= 128 ? 1f : 0f : level / 255f)];
        using var batch = new ImageBatch(Row(levels), vae.ReadsLabels ? ImageBatch.OneHot(tensor(new[] { digit }), vae.Device) : null);
        using var codes = LatentCodes.Of(vae.Generative, vae.Recognition, vae.Code, [batch], key.Fold("encode"));
        var mean = codes.Mean.to(ScalarType.Float32).to(vae.Device);
        var step = session.Svi.Evaluate(batch, Elbo.MeanField(particles: ElboDraws), key.Fold("elbo"));

        // The engine scales a term to the whole training data, and here one image stands for it.
        TermFigure[] terms = [.. step.Terms.Select(term => new TermFigure(term.Site, term.IsKl, term.Value / images))];
        return new Encoded(Bytes(batch.Images), Bytes(vae.Decode(mean, digit)), Floats(mean), Floats(codes.Deviation), step.Elbo / images, terms, ElboDraws);
    });

    // The numbers of a code by what they change: a trained model makes no use of some, and a walk along those is dull.
    private int[] ByInfluence(Tensor centre, Tensor spread)
    {
        var steps = spread.diag();
        float[] influence = Floats((vae.Decode(centre + steps, 0) - vae.Decode(centre - steps, 0)).abs().sum(dim: -1));
        return [.. Enumerable.Range(0, influence.Length).OrderByDescending(number => influence[number])];
    }

    private Tensor Row(float[] values) => tensor(values, [1, values.Length], device: vae.Device);

    private static T Asked<T>(Func<T> answer)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return answer();
    }

    private static float[] Floats(Tensor values) => values.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();

    private static byte[] Bytes(Tensor values)
    {
        float[] levels = Floats(values);
        return Array.TrueForAll(levels, float.IsFinite)
            ? [.. levels.Select(level => (byte)MathF.Round(255 * Math.Clamp(level, 0, 1)))]
            : throw new UserError("The model's answer is not finite here; move nearer to the middle of the latent space.");
    }
}
