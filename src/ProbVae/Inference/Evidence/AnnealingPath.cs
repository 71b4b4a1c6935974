namespace ProbVae;

/// <summary>How annealed importance sampling gets from where its chains start to the posterior.</summary>
/// <param name="Temperatures">How many steps β takes from 0 to 1; more give less variance. Range: at least 1.</param>
/// <param name="Leapfrogs">How many gradients each Hamiltonian transition follows. Range: at least 1.</param>
/// <param name="Power">β is (t / T) to this power: above 1 the steps are finer near the start, where a prior changes most. Range: above 0.</param>
public sealed record AnnealingPath(int Temperatures = 200, int Leapfrogs = 5, double Power = 4)
{
    internal double Beta(int step) => Math.Pow((double)step / Temperatures, Power);

    internal void ThrowIfImpossible()
    {
        if (Temperatures < 1 || Leapfrogs < 1 || !(Power > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(AnnealingPath), $"AnnealingPath: {Temperatures} temperatures, {Leapfrogs} leapfrogs and power {Power} were given; temperatures and leapfrogs must be at least 1, the power above 0.");
        }
    }
}
