using static TorchSharp.torch;

namespace MnistVae;

/// <content>What a trained model makes.</content>
public sealed partial class Vae
{
    /// <summary>The likelihood's means at codes that the guide draws for the images.</summary>
    public Tensor Reconstruct(ImageBatch batch, RandomKey key) =>
        InParts(batch, key, (part, own) => Generative.Trace(part, own, Recognition.Trace(part, own))[Pixels].Distribution.Mean);

    /// <summary>The likelihood's means at codes from the prior; a conditional model draws the digits in turn, each style in all ten of them.</summary>
    public Tensor Imagine(int count, RandomKey key)
    {
        int digits = ReadsLabels ? ImageBatch.Classes : 1;
        var codes = DrawCodes((count + digits - 1) / digits, key);
        return Decode(codes.repeat_interleave(digits, 0)).narrow(0, 0, count);
    }

    /// <summary>What the prior of the code is where it depends on no other.</summary>
    public Distribution PriorOfCode() => Generative.Trace(Blank(1), new RandomKey(0))[Code].Distribution;

    /// <summary>Codes from the prior, of shape [count, latent].</summary>
    public Tensor DrawCodes(int count, RandomKey key) => cat([.. Enumerable.Range(0, count).Chunk(images)
        .Select(chunk => Generative.Trace(Blank(chunk.Length), key.Fold(chunk[0]))[Code].Value)]);

    /// <summary>Codes of images: the guide's means, or draws where it is no Normal.</summary>
    public Tensor Encode(ImageBatch batch, RandomKey key) => InParts(batch, key, (part, own) =>
    {
        var site = Recognition.Trace(part, own)[Code];
        return site.Distribution is Normal normal ? normal.Mean.expand(site.Value.shape) : site.Value;
    });

    /// <summary>What the guide makes of images at a latent variable; the caller disposes of it.</summary>
    /// <param name="size">Images at a time, of which a run has no more than there were to train with.</param>
    public LatentCodes CodesOf(Latent latent, DigitSet of, int size, RandomKey key, CancellationToken cancellation = default) =>
        LatentCodes.Of(Generative, Recognition, latent, of.Batches(Math.Min(size, images), Device), key, cancellation: cancellation);

    /// <summary>The likelihood's means at codes; a conditional model's labels run through the digits unless one is given.</summary>
    /// <param name="codes">Of shape [codes, latent].</param>
    /// <param name="digit">The label of all of them, where the model reads labels.</param>
    public Tensor Decode(Tensor codes, int? digit = null)
    {
        // Of as many codes as labels run on in the next part.
        int most = ReadsLabels ? images - (images % ImageBatch.Classes) : images;
        return cat([.. codes.split(most).Select(part =>
        {
            // A run observes pixels; these stand in for the ones that are to be imagined.
            var given = Generative.With(Code, _ => new Delta(part));
            return given.Trace(Blank((int)part.shape[0], digit), new RandomKey(0))[Pixels].Distribution.Mean;
        })]);
    }

    /// <summary>
    /// Fills hidden pixels in: by turns, a code is drawn for the image as it stands, and the hidden pixels are drawn for that code, so
    /// that the chain comes to p(hidden | visible) where the guide is right (Rezende, Mohamed and Wierstra 2014, appendix F). The last
    /// round gives the means.
    /// </summary>
    /// <param name="hidden">True where a pixel is hidden, of shape [784].</param>
    /// <param name="rounds">How many turns; at least 1.</param>
    public Tensor Complete(ImageBatch batch, Tensor hidden, int rounds, RandomKey key, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        return InParts(batch, key, (part, own) => CompletePart(part, hidden, rounds, own, cancellation));
    }

    private Tensor CompletePart(ImageBatch batch, Tensor hidden, int rounds, RandomKey key, CancellationToken cancellation)
    {
        var filled = batch.Images.masked_fill(hidden, 0);
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var now = batch with { Images = filled };
            var turn = key.Fold(round);
            var pixels = Generative.Trace(now, turn, Recognition.Trace(now, turn))[Pixels].Distribution;
            // A cross-entropy of grey pixels is no likelihood to draw from.
            var guess = round == rounds - 1 || IsGrey ? pixels.Mean : pixels.Sample(turn.Fold("pixels"));
            filled = where(hidden, guess, batch.Images);
        }

        return filled;
    }

    // A run has no more images at a time than there were to train with.
    private Tensor InParts(ImageBatch batch, RandomKey key, Func<ImageBatch, RandomKey, Tensor> make)
    {
        if (batch.Count <= images)
        {
            return make(batch, key);
        }

        var (pixels, labels) = (batch.Images.split(images), batch.Labels?.split(images));
        return cat([.. pixels.Select((part, i) => make(new ImageBatch(part, labels?[i]), key.Fold(i)))]);
    }

    private ImageBatch Blank(int count, int? digit = null)
    {
        var digits = digit is { } one ? full(count, one, ScalarType.Int64) : arange(count, ScalarType.Int64).remainder(ImageBatch.Classes);
        return new(zeros(count, DigitSet.PixelCount, device: Device), ReadsLabels ? ImageBatch.OneHot(digits, Device) : null);
    }
}
