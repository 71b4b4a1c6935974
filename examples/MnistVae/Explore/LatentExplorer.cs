using ProbVae;
using ProbVae.Training;
using static TorchSharp.torch;

namespace MnistVae;

/// <summary>What the page is about; the bounds are three standard deviations of the prior around its mean, a number of the code each.</summary>
/// <param name="Code">The latent variable whose numbers these are: the one that the decoder reads.</param>
/// <param name="Above">The latent variables that it depends on.</param>
/// <param name="Conditional">Whether the model reads labels.</param>
/// <param name="Binary">Whether it sees pixels as zeros and ones.</param>
/// <param name="GridSide">How many images a grid has in a row.</param>
/// <param name="FirstAcross">One of the two numbers of the code that change the image most from one bound to the other.</param>
/// <param name="FirstUp">The other; the same where there is one only.</param>
public sealed record ModelFacts(
    string Run, string Description, string Code, string[] Above, long Steps, bool Conditional, bool Binary, int GridSide, int FirstAcross, int FirstUp, double[] Centre, double[] Low, double[] High);

/// <summary>One site's share of an image's ELBO, in nats.</summary>
public sealed record TermFigure(string Site, bool IsKl, double Value);

/// <summary>What the model makes of an image.</summary>
/// <param name="Seen">The pixels that it saw, 0 to 255.</param>
/// <param name="Reconstruction">The likelihood's means at the mean code, 0 to 255.</param>
/// <param name="Elbo">In nats, averaged over <paramref name="Draws"/> draws.</param>
public sealed record Encoded(byte[] Seen, byte[] Reconstruction, double[] Mean, double[] Deviation, double Elbo, TermFigure[] Terms, int Draws);

/// <summary>A trained model, asked one point or one image at a time; numbers in, numbers out. For one thread at a time.</summary>
public sealed class LatentExplorer
{
    /// <summary>How many images a grid has in a row.</summary>
    public const int GridSide = 13;

    private const int PriorDraws = 1000;
    private const int NumbersAtOnce = 64;
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
        key = new RandomKey(unchecked((ulong)options.Seed)).Fold("explore");
        var (centre, deviation) = MomentsOfPrior();
        string description = $"{Name(options.Structure)} model, {centre.Length} latent numbers, {Name(options.Likelihood)} pixels, {Name(options.Prior)} prior";
        Facts = new(
            Path.GetFileName(run.Folder),
            description,
            $"{vae.Code}",
            [.. vae.Latents.Where(latent => latent != vae.Code).Select(latent => $"{latent}")],
            session.Svi.StepCount,
            vae.ReadsLabels,
            options.Binarize != Binarization.None,
            GridSide,
            0,
            0,
            centre,
            [.. centre.Zip(deviation, (at, spread) => at - (Reach * spread))],
            [.. centre.Zip(deviation, (at, spread) => at + (Reach * spread))]);

        int[] first = [.. ByInfluence().Take(2).Order()];
        Facts = Facts with { FirstAcross = first[0], FirstUp = first[^1] };

        // The first of a kind is slow, as much is compiled only then.
        Encode(Decode(Single(centre), 0), 0);
        if (Latent > 1)
        {
            Grid(Single(centre), 0, 1, 0);
        }
    }

    public ModelFacts Facts { get; }

    /// <summary>How many numbers a code has.</summary>
    public int Latent => Facts.Centre.Length;

    /// <summary>The likelihood's means at a code, 0 to 255.</summary>
    public byte[] Decode(float[] code, int digit)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Bytes(Decode(code, 1, digit));
    }

    /// <summary>The images of a plane through a code: two of its numbers run over their bounds, one to the right and one upwards, row after row.</summary>
    public byte[] Grid(float[] code, int across, int up, int digit)
    {
        float[] codes = new float[GridSide * GridSide * code.Length];
        for (int cell = 0; cell < GridSide * GridSide; cell++)
        {
            var row = codes.AsSpan(cell * code.Length, code.Length);
            code.CopyTo(row);
            row[across] = (float)Between(across, cell % GridSide);
            row[up] = (float)Between(up, GridSide - 1 - (cell / GridSide));
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Bytes(Decode(codes, GridSide * GridSide, digit));
    }

    /// <summary>A code from the prior.</summary>
    /// <param name="number">Which of the draws there are.</param>
    public float[] Draw(int number)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Floats(vae.DrawCodes(1, key.Fold("draw").Fold(number)));
    }

    /// <summary>What the guide and the model make of an image.</summary>
    /// <param name="pixels">784 grey levels; a model of zeros and ones sees 1 from 128 up.</param>
    public Encoded Encode(byte[] pixels, int digit)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        float[] levels = [.. pixels.Select(level => Facts.Binary ? level >= 128 ? 1f : 0f : level / 255f)];
        using var batch = new ImageBatch(
            tensor(levels, [1, DigitSet.PixelCount], device: vae.Device), vae.ReadsLabels ? ImageBatch.OneHot([(byte)digit], vae.Device) : null);
        using var codes = LatentCodes.Of(vae.Generative, vae.Recognition, vae.Code, [batch], key.Fold("encode"));
        var (mean, deviation) = (codes.Mean.to(ScalarType.Float32).to(vae.Device), codes.Deviation.to(ScalarType.Float32));
        var step = session.Svi.Evaluate(batch, Elbo.MeanField(particles: ElboDraws), key.Fold("elbo"));

        // The engine scales a term to the whole training data, and here one image stands for it.
        TermFigure[] terms = [.. step.Terms.Select(term => new TermFigure(term.Site, term.IsKl, term.Value / images))];
        return new(
            Bytes(batch.Images),
            Bytes(vae.Decode(mean, digit)),
            [.. Floats(mean).Select(value => (double)value)],
            [.. Floats(deviation).Select(value => (double)value)],
            step.Elbo / images,
            terms,
            ElboDraws);
    }

    private double Between(int number, int place) => Facts.Low[number] + ((Facts.High[number] - Facts.Low[number]) * place / (GridSide - 1));

    // A trained model makes no use of some of its numbers, and a walk along those is dull.
    private int[] ByInfluence()
    {
        using var noGrad = no_grad();
        var influence = Enumerable.Range(0, Latent).Chunk(NumbersAtOnce).SelectMany(numbers =>
        {
            using var scope = NewDisposeScope();
            return Floats((At(numbers, Facts.High) - At(numbers, Facts.Low)).abs().sum(dim: -1));
        }).ToArray();
        return [.. Enumerable.Range(0, Latent).OrderByDescending(number => influence[number])];

        Tensor At(int[] numbers, double[] bound) => Decode([.. numbers.SelectMany(number =>
        {
            float[] code = Single(Facts.Centre);
            code[number] = (float)bound[number];
            return code;
        })], numbers.Length, 0);
    }

    private Tensor Decode(float[] codes, int count, int digit) => vae.Decode(tensor(codes, [count, codes.Length / count], device: vae.Device), digit);

    private (double[] Mean, double[] Deviation) MomentsOfPrior()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var codes = vae.DrawCodes(PriorDraws, key.Fold("bounds")).to(ScalarType.Float64).cpu();
        return (codes.mean([0]).data<double>().ToArray(), codes.std(0).data<double>().ToArray());
    }

    private static float[] Single(double[] values) => [.. values.Select(value => (float)value)];

    private static string Name(Enum value) => OptionTable.Spell(value);

    private static float[] Floats(Tensor values) => values.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();

    private static byte[] Bytes(Tensor values)
    {
        float[] levels = Floats(values);
        return Array.TrueForAll(levels, float.IsFinite)
            ? [.. levels.Select(level => (byte)MathF.Round(255 * Math.Clamp(level, 0, 1)))]
            : throw new UserError("The model's answer is not finite here; move nearer to the middle of the latent space.");
    }
}
