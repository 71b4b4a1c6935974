namespace ProbVae;

/// <summary>What a program, a guide and a swap name a site by. The name is for people; the handle itself is the identity.</summary>
public abstract class SiteHandle : IEquatable<SiteHandle>
{
    private readonly SiteHandle? _family;
    private readonly long _index;

    private protected SiteHandle(string name, SiteHandle? family = null, long index = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, _family, _index) = (name, family, index);
    }

    /// <summary>The site's name, unique in its model.</summary>
    public string Name { get; }

    /// <summary>The model that declared the handle, where a builder made it; a program's handles belong to who uses them.</summary>
    internal ModelIdentity? Owner { get; init; }

    /// <inheritdoc/>
    public bool Equals(SiteHandle? other) =>
        ReferenceEquals(this, other) || (_family is not null && other is not null && _family.Equals(other._family) && _index == other._index);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as SiteHandle);

    /// <inheritdoc/>
    public sealed override int GetHashCode() =>
        _family is null ? base.GetHashCode() : HashCode.Combine(_family, _index);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The handle of a latent variable: a site whose value is inferred.</summary>
public sealed class Latent : SiteHandle
{
    /// <summary>A latent variable for a program; the fluent form makes its own.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    public Latent(string name)
        : base(name)
    {
    }

    private Latent(Latent family, long index)
        : base($"{family.Name}[{index}]", family, index) => Owner = family.Owner;

    /// <summary>One of a family of latent variables, for sites in a loop: <c>z[t]</c> is called <c>z[3]</c>.</summary>
    /// <param name="index">The place in the family.</param>
    public Latent this[long index] => new(this, index);
}

/// <summary>The handle of an observation: a site whose value is data.</summary>
public sealed class Observed : SiteHandle
{
    /// <summary>An observation for a program; the fluent form makes its own.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    public Observed(string name)
        : base(name)
    {
    }

    private Observed(Observed family, long index)
        : base($"{family.Name}[{index}]", family, index) => Owner = family.Owner;

    /// <summary>One of a family of observations, for sites in a loop.</summary>
    /// <param name="index">The place in the family.</param>
    public Observed this[long index] => new(this, index);
}

/// <summary>The handle of a quantity that is computed from latent variables and kept under a name.</summary>
public sealed class Deterministic : SiteHandle
{
    /// <summary>A computed quantity for a program; the fluent form makes its own.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    public Deterministic(string name)
        : base(name)
    {
    }

    private Deterministic(Deterministic family, long index)
        : base($"{family.Name}[{index}]", family, index) => Owner = family.Owner;

    /// <summary>One of a family of computed quantities, for sites in a loop.</summary>
    /// <param name="index">The place in the family.</param>
    public Deterministic this[long index] => new(this, index);
}

/// <summary>What a model and all that <c>With</c> makes of it have in common.</summary>
internal sealed class ModelIdentity(string name)
{
    public string Name { get; } = name;
}
