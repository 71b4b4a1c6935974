using MnistVae.Commands;
using MnistVae.Data;
using ProbVae;

namespace MnistVae.Training;

/// <summary>What was measured of a trained model on test images. Terms are in nats an image; null where there is no such number.</summary>
/// <param name="Images">How many images there are.</param>
/// <param name="Steps">Gradient steps taken before.</param>
/// <param name="Elbo">Reconstruction minus KL.</param>
/// <param name="ImportanceWeightedBound">The bound that was ascended, where that was Iwae's.</param>
/// <param name="BoundDraws">Its draws.</param>
/// <param name="Reconstruction">E_q log p(x | z).</param>
/// <param name="Kl">KL(q(z | x) ‖ p(z)).</param>
/// <param name="LogEvidence">log p(x), estimated by importance sampling with the guide.</param>
/// <param name="LogEvidenceStandardError">Of the mean over images: what another sample of images would change.</param>
/// <param name="LogEvidenceMonteCarloError">What other draws of the code would change.</param>
/// <param name="Draws">K, the importance samples of an image.</param>
/// <param name="EffectiveSampleSize">(Σ w)² / Σ w² of an image, averaged.</param>
/// <param name="LowestEffectiveSampleSize">The lowest of any image.</param>
/// <param name="ParetoK">k̂ of an image, averaged; null with fewer than 21 draws.</param>
/// <param name="ParetoKAboveLimit">The share of images whose k̂ is above 0.7, where an estimate is not to be trusted.</param>
/// <param name="Latent">How many numbers the code has that the decoder reads.</param>
/// <param name="ActiveUnits">How many of them depend on the image.</param>
/// <param name="MutualInformation">Of an image and its code under the guide.</param>
public sealed record Evaluation(
    int Images,
    long Steps,
    double Elbo,
    double? ImportanceWeightedBound,
    int? BoundDraws,
    double Reconstruction,
    double Kl,
    double LogEvidence,
    double? LogEvidenceStandardError,
    double? LogEvidenceMonteCarloError,
    int Draws,
    double EffectiveSampleSize,
    double LowestEffectiveSampleSize,
    double? ParetoK,
    double? ParetoKAboveLimit,
    int Latent,
    int ActiveUnits,
    double? MutualInformation)
{
    /// <summary>Above it, importance sampling converges too slowly to be trusted (Vehtari et al. 2024).</summary>
    public const double ParetoLimit = 0.7;

    /// <summary>Measures a session's model.</summary>
    /// <param name="total">How many training images the run has.</param>
    public static Evaluation Of(Session session, TrainOptions trained, Batches test, int total, EvaluateOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        // A plate of so many images has no room for more at once.
        var size = Math.Min(options.Batch, total);
        var sums = session.Measure(test, size, total, cancellation);
        var images = Weigh(session, test, size, options, cancellation);
        using var codes = TestCodes.Of(session.Vae, test, size, options.Seed, cancellation);
        var iwae = trained.Objective == Objective.Iwae;
        var mean = images.Average(image => image.LogEvidence);
        var judged = images.All(image => !double.IsNaN(image.ParetoK));
        return new(
            test.Count,
            session.Svi.StepCount,
            (sums.LogLikelihood - sums.Kl) / sums.Images,
            iwae ? sums.Elbo / sums.Images : null,
            iwae ? trained.Particles : null,
            sums.LogLikelihood / sums.Images,
            sums.Kl / sums.Images,
            mean,
            images.Count > 1 ? Math.Sqrt(images.Sum(image => Math.Pow(image.LogEvidence - mean, 2)) / (images.Count - 1) / images.Count) : null,
            Finite(Math.Sqrt(images.Sum(image => image.StandardError * image.StandardError)) / images.Count),
            options.Particles,
            images.Average(image => image.EffectiveSampleSize),
            images.Min(image => image.EffectiveSampleSize),
            judged ? Finite(images.Average(image => image.ParetoK)) : null,
            judged ? images.Count(image => image.ParetoK > ParetoLimit) / (double)images.Count : null,
            (int)codes.Mean.shape[1],
            codes.ActiveUnits(),
            codes.MutualInformation());
    }

    // Images are independent given the parameters, so each has a log p(x) of its own, whatever batch it comes in.
    private static List<EvidenceElement> Weigh(Session session, Batches test, int size, EvaluateOptions options, CancellationToken cancellation)
    {
        var key = new RandomKey(unchecked((ulong)options.Seed)).Fold("evidence");
        var images = new List<EvidenceElement>();
        foreach (var chosen in test.InOrder(size))
        {
            using var batch = test.Load(chosen, epoch: 0, session.Vae.Device);
            images.AddRange(ProbVae.Evidence.ByImportance(
                session.Vae.Generative, session.Vae.Recognition, batch, key.Fold(chosen[0]), options.Particles, cancellation: cancellation).Elements);
        }

        return images;
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
