using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// An automatic guide over all unconstrained numbers at once, as one vector: it draws the vector at a site of its own, and each latent
/// variable is the image of its part. It has a parameter "loc", the vector's location.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public abstract class JointGuide<TData> : AutoGuide<TData>
{
    private readonly Latent _vector;
    private readonly Dictionary<Latent, long> _offsets = [];

    /// <summary>Learns from the model what the guide covers, and puts "loc" where the options say.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="options">Start, choice of sites, seed.</param>
    /// <exception cref="ModelException">There is nothing to cover, or a site cannot be covered; the message lists why.</exception>
    protected JointGuide(Model<TData> model, TData data, AutoGuideOptions? options)
        : base(model, data, options)
    {
        foreach (var site in Sites)
        {
            _offsets.Add(site.Handle, Dimension);
            Dimension += site.BatchShape.Count * site.Dimension;
        }

        // Two joint guides in one composition are told apart by their first latent variable.
        _vector = new Latent($"{Family}({Sites[0].Handle}{(Sites.Count > 1 ? ", …" : "")})");
        using var scope = NewDisposeScope();
        Loc = NewParameter("joint", "loc", Vector(Starts));
    }

    /// <summary>How many unconstrained numbers there are.</summary>
    public long Dimension { get; }

    /// <summary>The location of the vector.</summary>
    protected Parameter Loc { get; }

    /// <summary>The distribution of the vector of all unconstrained numbers.</summary>
    /// <returns>A distribution without batch axes over vectors of <see cref="Dimension"/> numbers.</returns>
    protected abstract Distribution Joint();

    /// <summary>Makes a parameter of the joint distribution that is trained with the guide.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">Its first value, which is copied.</param>
    protected Parameter NewParameter(string name, Tensor start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return NewParameter("joint", name, start);
    }


    /// <summary>The middle of the joint distribution.</summary>
    private protected virtual Tensor Middle => Loc;

    /// <summary>Puts the middle of the joint distribution at a vector.</summary>
    private protected virtual void MoveTo(Tensor start)
    {
        using var noGrad = no_grad();
        Loc.copy_(start);
    }

    private protected sealed override void Recentre(IReadOnlyDictionary<Latent, Tensor> starts) => MoveTo(Vector(starts));

    // In the widest type of the sites.
    private Tensor Vector(IReadOnlyDictionary<Latent, Tensor> starts)
    {
        var widest = Sites.Any(site => site.DType == ScalarType.Float64) ? ScalarType.Float64 : Sites[0].DType;
        return cat([.. Sites.Select(site => starts[site.Handle].reshape(-1).to(widest, Sites[0].Device))], 0);
    }

    private protected sealed override Action KeepMiddle()
    {
        var middle = Middle.detach().clone();
        return () => MoveTo(middle);
    }

    private protected sealed override void Begin(Run run) => run.SampleAuxiliary(_vector, Joint());

    private protected sealed override void Sample(Run run, AutoSite site) => run.Sample(site.Handle, new Source(
        () =>
        {
            var part = Part(run[_vector], site);
            var leading = (int)part.dim() - site.BatchShape.Rank - site.UnconstrainedShape.Rank;
            return new ImageOfPoint(site.InRun(part, run.Plates.Open, leading), site.Bijection, site.EventShape.Rank);
        },
        DeclaresReads: true));

    private protected sealed override Tensor Centre(AutoSite site) => Part(Middle, site);

    // The site's numbers in the vector, for the whole of its plates; a vector's particles stay its first axes.
    private Tensor Part(Tensor vector, AutoSite site)
    {
        var particles = new Shape(vector.shape)[..^1];
        var leading = particles.Rank == 0 ? particles : particles[..^site.BatchShape.Rank];
        return vector.narrow(-1, _offsets[site.Handle], site.BatchShape.Count * site.Dimension)
            .reshape((leading + site.BatchShape + site.UnconstrainedShape).ToArray()).to(site.DType, site.Device);
    }
}
