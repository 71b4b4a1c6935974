using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>
/// What an amortized guide makes of rows of data at one latent variable z: moments and a draw of q(z | x_n) for each row, in double
/// precision and main memory. The tensors outlive every dispose scope, and go when this is disposed of.
/// </summary>
/// <param name="Mean">E_q[z | x_n], of shape [rows, numbers].</param>
/// <param name="Deviation">The standard deviation of z given x_n, of the same shape.</param>
/// <param name="Drawn">One draw of z given x_n for each row, of the same shape.</param>
/// <param name="MomentDraws">How many draws each moment comes from; 0 where the moments are exact.</param>
/// <param name="AreNormal">Whether q(z | x) is a Normal distribution of independent numbers, with these very moments.</param>
/// <param name="LogPrior">log p(z) at each row's draw, of shape [rows]; null where the prior depends on other latent variables.</param>
/// <param name="Kl">
/// KL(q(z | x_n) ‖ p(z)) of each number in nats, of shape [rows, numbers], given a draw of what either depends on; null unless both are
/// Normal distributions of independent numbers.
/// </param>
public sealed record LatentCodes(Tensor Mean, Tensor Deviation, Tensor Drawn, int MomentDraws, bool AreNormal, Tensor? LogPrior = null, Tensor? Kl = null) : IDisposable
{
    /// <summary>The variance of E_q[z | x] over rows above which a number counts as active (Burda, Grosse and Salakhutdinov 2016).</summary>
    public const double ActiveVariance = 0.01;

    private const int RowsAtOnce = 500;

    /// <summary>How many rows there are.</summary>
    public int Rows => (int)Mean.shape[0];

    /// <summary>How many numbers a row's code has.</summary>
    public int Numbers => (int)Mean.shape[1];

    /// <summary>Encodes rows, batch by batch. Networks run in the mode they are in: call <c>eval()</c> first.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model, which tells the prior.</param>
    /// <param name="guide">The guide, in which the variable stands in one plate, that of the rows.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="batches">The rows, each batch a minibatch as in training; asked for one after another.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="momentDraws">Draws for the moments where q(z | x) has none in closed form, or depends on other draws. Range: at least 2.</param>
    /// <param name="cancellation">Asked before each batch.</param>
    /// <exception cref="ModelException">The guide has no such variable, or it does not stand in one plate.</exception>
    public static LatentCodes Of<TData>(
        Model<TData> model, Guide<TData> guide, Latent site, IEnumerable<TData> batches, RandomKey key, int momentDraws = 32, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfLessThan(momentDraws, 2);
        using var gathered = new CodeGathering<TData>(model, guide, [site], momentDraws);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            gathered.Add(gathered.Encode(batch, key.Fold(gathered.Rows)));
        }

        return gathered.Rows == 0
            ? throw new ArgumentException("LatentCodes: there is no batch; give at least one.", nameof(batches))
            : gathered.Codes(site.Name);
    }

    /// <summary>Var_x(E_q[z | x]) of each number, over the rows; 0 for fewer than 2 rows. What the moments' own draws add is taken off.</summary>
    public IReadOnlyList<double> Activity()
    {
        if (Rows < 2)
        {
            return new double[Numbers];
        }

        using var scope = NewDisposeScope();
        var variance = Mean.var(0);
        if (MomentDraws > 0)
        {
            // Means of draws vary by themselves, by as much as this.
            variance = variance - Deviation.square().mean([0]).div(MomentDraws);
        }

        return variance.contiguous().data<double>().ToArray();
    }

    /// <summary>How many numbers depend on the row: those whose <see cref="Activity"/> is above a threshold (Burda, Grosse and Salakhutdinov 2016).</summary>
    /// <param name="above">The threshold.</param>
    public int ActiveUnits(double above = ActiveVariance) => Activity().Count(variance => variance > above);

    /// <summary>The mean over rows of each number's KL(q ‖ p), in nats; null where <see cref="Kl"/> is.</summary>
    public IReadOnlyList<double>? KlByNumber()
    {
        if (Kl is null)
        {
            return null;
        }

        using var mean = Kl.mean([0]);
        return mean.data<double>().ToArray();
    }

    /// <summary>
    /// The mean codes in the plane of the two directions in which they vary most, around their middle (Pearson 1901), and the share of the whole
    /// variance along each. What is missing of a second direction is 0.
    /// </summary>
    public (IReadOnlyList<(double X, double Y)> Points, double FirstShare, double SecondShare) PrincipalComponents()
    {
        using var scope = NewDisposeScope();
        var (u, s, _) = linalg.svd(Mean - Mean.mean([0]), fullMatrices: false);
        var variances = s.square().data<double>().ToArray();
        var scores = (u * s).narrow(1, 0, Math.Min(2, s.shape[0])).contiguous().data<double>().ToArray();
        var total = Math.Max(variances.Sum(), double.Epsilon);
        var points = scores.Chunk(scores.Length / Rows).Select(score => (score[0], score.ElementAtOrDefault(1)));
        return ([.. points], variances[0] / total, variances.ElementAtOrDefault(1) / total);
    }

    /// <summary>
    /// I_q(x; z) in nats, the mutual information of a row and its code under the guide: (1/N) Σ_n log q(z_n | x_n) − log q(z_n), with one
    /// draw z_n a row and the aggregate posterior q(z) = (1/N) Σ_m q(z | x_m) over the same N rows (Hoffman and Johnson 2016). It is at most
    /// log N, and so tells nothing of how much larger I(x; z) is beyond the rows where it comes near. Null where q(z | x) is no
    /// Normal: its density at other rows' codes would cost too much.
    /// </summary>
    public double? MutualInformation() => MeanOverRows((own, aggregate, _) => own.sub(aggregate));

    /// <summary>
    /// KL(q(z) ‖ p(z)) in nats, of the aggregate posterior over the rows: (1/N) Σ_n log q(z_n) − log p(z_n). With <see cref="MutualInformation"/>
    /// it makes up the mean KL(q(z | x_n) ‖ p(z)) (Hoffman and Johnson 2016). Null where that is null, or the prior depends on other variables.
    /// </summary>
    public double? MarginalKl() => LogPrior is null ? null : MeanOverRows((_, aggregate, prior) => aggregate.sub(prior!));

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Mean.Dispose();
        Deviation.Dispose();
        Drawn.Dispose();
        LogPrior?.Dispose();
        Kl?.Dispose();
    }

    // The mean of what is made of log q(z_n | x_n), log q(z_n) and log p(z_n).
    private double? MeanOverRows(Func<Tensor, Tensor, Tensor?, Tensor> part)
    {
        if (!AreNormal)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        long rows = Rows;

        // log q(z | x_m) as products of matrices: −½ Σ (z − μ)² / σ² − Σ log σ, and a constant.
        var precision = Deviation.pow(-2);
        var (square, linear, rest) = (precision.mul(-0.5).t(), Mean.mul(precision).t(), -0.5 * Numbers * Math.Log(2 * Math.PI));
        var constant = Mean.square().mul(precision).mul(-0.5).sub(Deviation.log()).sum(dim: -1).add(rest);
        var own = (Drawn - Mean).div(Deviation).square().mul(-0.5).sub(Deviation.log()).sum(dim: -1).add(rest);
        var total = 0.0;
        for (var start = 0L; start < rows; start += RowsAtOnce)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(RowsAtOnce, rows - start);
            var z = Drawn.narrow(0, start, count);
            var aggregate = z.square().matmul(square).add(z.matmul(linear)).add(constant).logsumexp(-1).sub(Math.Log(rows));
            total += part(own.narrow(0, start, count), aggregate, LogPrior?.narrow(0, start, count)).sum().item<double>();
        }

        return total / rows;
    }
}
