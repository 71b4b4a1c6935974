using System.Globalization;

namespace ProbVae;

/// <summary>The chains of a run of the sampler on disk: whose they are, and each at the point that it had come to.</summary>
internal sealed class NutsCheckpoint<TData>
{
    private const string Magic = "ProbVae chains 1";

    private readonly CheckpointFile _file;
    private readonly UnconstrainedPosterior<TData> _density;
    private readonly (string What, string Value)[] _run;
    private readonly int _warmup;
    private readonly int _draws;
    private string _refusal = "";
    private long _written = -1;

    /// <summary>Names the file of a run; nothing is read or written yet.</summary>
    /// <exception cref="ArgumentException">One file cannot hold so many draws.</exception>
    public NutsCheckpoint(string path, string model, RandomKey key, int chains, (int Warmup, int Draws) lengths, NutsOptions options, UnconstrainedPosterior<TData> density)
    {
        (_file, _density, _warmup, _draws) = (new(path, options.CheckpointEvery), density, lengths.Warmup, lengths.Draws);
        var numbers = ((double)_draws * (density.Dimension + 2)) + (density.Dimension * (options.MassMatrix == MassMatrix.Dense ? 2.0 * density.Dimension : 2)) + ((5.0 + (1 << options.MaxDepth)) * (density.Dimension + 1));
        if (chains * numbers * sizeof(double) > 0.99 * int.MaxValue)
        {
            throw new ArgumentException($"Nuts: {chains} chains of {_draws} draws of {density.Dimension} numbers are more than a checkpoint can hold, which is 2 GiB. Take fewer draws, or no NutsOptions.Checkpoint.");
        }

        _run =
        [
            ("model", $"'{model}'"),
            ("list of sites", string.Join(", ", density.Sites.Select(site => $"{site.Handle} {site.BatchShape + site.EventShape}"))),
            ("count of unconstrained numbers", Words(density.Dimension)),
            ("key", Words(key.Value)),
            ("count of chains", Words(chains)),
            ("warmup", Words(_warmup)),
            (nameof(options.TargetAcceptance), Words(options.TargetAcceptance)),
            (nameof(options.MaxDepth), Words(options.MaxDepth)),
            (nameof(options.MassMatrix), Words(options.MassMatrix)),
            (nameof(options.Vectorized), Words(options.Vectorized)),
        ];
    }

    /// <summary>Whether there is one to go on from.</summary>
    public bool Exists => _file.Exists;

    /// <summary>Why the model could not be computed at a point, the first time, in this run or before.</summary>
    public string? Refusal => _density.Refusal?.Message ?? (_refusal.Length == 0 ? null : _refusal);

    /// <summary>Writes chains if that is due and one of them had an iteration since it was written last.</summary>
    public void SaveIfDue(IReadOnlyList<NutsChain> chains)
    {
        if (_file.IsDue)
        {
            Save(chains);
        }
    }

    /// <summary>Writes chains, unless they are as they were written last.</summary>
    public void Save(IReadOnlyList<NutsChain> chains)
    {
        var iterations = chains.Sum(chain => (long)chain.Iteration);
        if (iterations == _written)
        {
            return;
        }

        using var payload = new MemoryStream();
        var state = new KeptState(payload, restores: false);
        Array.ForEach(_run, part => state.Text(part.Value));
        state.Value(Math.Max(0, chains.Max(chain => chain.Iteration) - _warmup));
        state.Value(_density.IsVectorized);
        state.Text(Refusal ?? "");
        foreach (var chain in chains)
        {
            chain.Keep(state);
        }

        _file.Write(stream => Checkpoint.Frame(stream, Magic, payload.GetBuffer().AsSpan(0, (int)payload.Length)));
        _written = iterations;
    }

    /// <summary>Puts chains where they were.</summary>
    /// <param name="chains">As many, not begun yet.</param>
    /// <exception cref="CheckpointException">The file is damaged, or of another run; it stays as it is.</exception>
    public void Load(IReadOnlyList<NutsChain> chains)
    {
        try
        {
            using var stream = File.OpenRead(_file.Path);
            Load(chains, new KeptState(new MemoryStream(Checkpoint.Payload(stream, Magic)), restores: true));
        }
        catch (Exception failure) when (failure is EndOfStreamException or ArgumentException or OverflowException)
        {
            throw new CheckpointException($"Nuts, {_file.Path}: the contents are not what this version writes. Name another file in NutsOptions.Checkpoint, or delete this one to begin anew.", failure);
        }
        catch (CheckpointException refusal)
        {
            throw new CheckpointException($"Nuts, {_file.Path}: {refusal.Message} Name another file in NutsOptions.Checkpoint, or delete this one to begin anew.", refusal);
        }

        _written = chains.Sum(chain => (long)chain.Iteration);
    }

    private void Load(IReadOnlyList<NutsChain> chains, KeptState state)
    {
        foreach (var (what, value) in _run)
        {
            var kept = state.Text("");
            Checkpoint.Require(kept == value, $"its {what} is {kept}, and here it is {value}");
        }

        var draws = state.Value(0);
        Checkpoint.Require(draws <= _draws, $"one of its chains has {draws} draws, and {_draws} are asked for; ask for as many or more");
        var together = state.Value(false);
        _refusal = state.Text("");
        foreach (var chain in chains)
        {
            chain.Keep(state);
        }

        Checkpoint.Require(
            _density.FindsAgain([.. chains.Select(chain => chain.Here)], together),
            "the log density where its chains are is not what it was, so the data or the model's numbers are others");
    }

    private static string Words<T>(T value) => string.Create(CultureInfo.InvariantCulture, $"{value}");
}
