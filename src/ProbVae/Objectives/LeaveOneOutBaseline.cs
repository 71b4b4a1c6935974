namespace ProbVae;

/// <summary>The mean cost of the other particles.</summary>
internal sealed class LeaveOneOutBaseline : Baseline
{
    public override string ToString() => "leave-one-out baseline";

    internal override BaselineValue At(BaselineCase costs)
    {
        var particles = costs.Cost.shape[0];
        return particles > 1
            ? new(costs.Cost.sum(dim: 0, keepdim: true).sub(costs.Cost).div(particles - 1), [], () => { })
            : throw new ModelException($"Site '{costs.Site.Name}': the leave-one-out baseline is the mean of the other particles, and a run has one; use at least 2 particles, vectorized.");
    }
}
