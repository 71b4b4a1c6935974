using MnistVae.Commands;
using MnistVae.Data;
using ProbVae;
using ProbVae.Training;

namespace MnistVae.Training;

/// <summary>What was measured of a trained model on test images, under the names that <c>evaluate --json</c> prints. Terms are in nats an image; null where there is no such number.</summary>
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
    /// <summary>Measures a session's model.</summary>
    /// <param name="total">How many training images the run has.</param>
    public static Evaluation Of(Session session, TrainOptions trained, Batches test, int total, EvaluateOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        // A plate of so many images has no room for more at once.
        var batches = test.LoadInOrder(Math.Min(options.Batch, total), session.Vae.Device);
        var figures = ModelEvaluation.Of(
            session.Svi, batches, new RandomKey(options.Seed), new EvaluationOptions(options.Particles) { Codes = [session.Vae.Code] }, cancellation);
        var code = figures.Codes[0];
        var iwae = trained.Objective == Objective.Iwae;
        return new(
            figures.Rows,
            figures.Steps,
            figures.Elbo,
            iwae ? figures.Ascended : null,
            iwae ? trained.Particles : null,
            figures.Reconstruction,
            figures.Kl,
            figures.LogEvidence,
            figures.LogEvidenceStandardError,
            figures.LogEvidenceMonteCarloError,
            figures.Draws,
            figures.EffectiveSampleSize,
            figures.LowestEffectiveSampleSize,
            figures.ParetoK,
            figures.ParetoKAboveLimit,
            code.Numbers,
            code.ActiveUnits,
            code.MutualInformation);
    }
}
