namespace ProbVae.Training;

/// <summary>
/// What was measured of a model and an amortized guide on rows of data, say those of a test set. Terms are in nats a row; null stands for
/// what cannot be told.
/// </summary>
/// <param name="Plate">The plate of the rows.</param>
/// <param name="Rows">How many rows there are.</param>
/// <param name="Steps">Steps that the inference had taken.</param>
/// <param name="Elbo"><paramref name="Reconstruction"/> − <paramref name="Kl"/>.</param>
/// <param name="Ascended">What the inference ascends: the ELBO, unless its objective is another bound or weighs its terms.</param>
/// <param name="Reconstruction">E_q log p(x | z).</param>
/// <param name="Kl">KL(q(z | x) ‖ p(z)), or its estimate.</param>
/// <param name="LogEvidence">log p(x) by importance sampling with the guide: on average at most the true one.</param>
/// <param name="LogEvidenceStandardError">Of the mean over rows: what another sample of rows would change. Null for one row.</param>
/// <param name="LogEvidenceMonteCarloError">What other draws of the latent variables would change. Null for one draw.</param>
/// <param name="Draws">K, the importance samples of a row.</param>
/// <param name="EffectiveSampleSize">(Σ w)² / Σ w² of a row, averaged. Range: 0 to <paramref name="Draws"/>.</param>
/// <param name="LowestEffectiveSampleSize">The lowest of any row.</param>
/// <param name="ParetoK">k̂ of a row, averaged; null where a row has too few draws for one (21 are needed).</param>
/// <param name="ParetoKAboveLimit">The share of rows whose k̂ is above <see cref="ParetoLimit"/>.</param>
/// <param name="Codes">How each latent variable is used, in the guide's order.</param>
public sealed record ModelEvaluation(
    string Plate,
    int Rows,
    long Steps,
    double Elbo,
    double Ascended,
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
    IReadOnlyList<CodeUse> Codes)
{
    /// <summary>A k̂ above it says that importance sampling converges too slowly to be trusted (Vehtari et al. 2024).</summary>
    public const double ParetoLimit = 0.7;

    /// <summary>
    /// Evaluates an inference's model and guide. Networks run in the mode they are in: call <c>eval()</c> first on those with dropout or
    /// batch normalization. All tensors that are made on the way are freed; no parameter changes. The processes of <see cref="Svi{TData}.Group"/>
    /// deal the batches out among themselves, and all get the figures of one process.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">The inference.</param>
    /// <param name="batches">The rows, each batch a minibatch as in training and each row once; asked for one after another. The same on all processes.</param>
    /// <param name="key">Where all randomness comes from; the same key and batches give the same figures.</param>
    /// <param name="options">How; the defaults unless given.</param>
    /// <param name="cancellation">Asked before each batch, and before each batch of importance samples.</param>
    /// <exception cref="ArgumentException">There is no batch.</exception>
    /// <exception cref="ModelException">The rows are not independent, or an estimate would be wrong; the message says why.</exception>
    /// <exception cref="NonFiniteException">The ELBO or an importance weight is NaN or infinite.</exception>
    public static ModelEvaluation Of<TData>(
        Svi<TData> svi, IEnumerable<TData> batches, RandomKey key, EvaluationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(batches);
        options ??= new EvaluationOptions();
        options.ThrowIfImpossible();
        using var measured = new EvaluationPass<TData>(svi, options, key);
        measured.Run(batches, cancellation);
        return measured.Result();
    }

    /// <summary>The figures as JSON: <c>format</c>, which grows when a name changes its meaning, and under <c>figures</c> the names here in camelCase; null for what there is not.</summary>
    public string ToJson() => EvaluationDocument.Write(this);

    /// <summary>The figures as a table, a figure a line.</summary>
    public override string ToString() => EvaluationTable.Render(this);
}

/// <summary>How a latent variable is used, over the rows of an evaluation.</summary>
/// <param name="Site">Its name.</param>
/// <param name="Numbers">How many numbers a row's code has.</param>
/// <param name="ActiveUnits">How many of them depend on the row (Burda, Grosse and Salakhutdinov 2016); see <see cref="LatentCodes.ActiveUnits"/>.</param>
/// <param name="MutualInformation">Of a row and its code under the guide; see <see cref="LatentCodes.MutualInformation"/>.</param>
/// <param name="MarginalKl">KL(q(z) ‖ p(z)) of the aggregate posterior; see <see cref="LatentCodes.MarginalKl"/>.</param>
public sealed record CodeUse(string Site, int Numbers, int ActiveUnits, double? MutualInformation, double? MarginalKl);
