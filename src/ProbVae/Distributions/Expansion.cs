namespace ProbVae;

/// <summary>A function of two parameters a and b and a point x, with its first and second derivatives there.</summary>
internal readonly record struct Expansion(
    double Value, double A = 0, double B = 0, double X = 0, double AA = 0, double AB = 0, double BB = 0, double AX = 0, double BX = 0, double XX = 0)
{
    /// <summary>1 − f.</summary>
    public Expansion Complement(double value) => new(value, -A, -B, -X, -AA, -AB, -BB, -AX, -BX, -XX);

    /// <summary>The function x(a, b, p) that f(a, b, x) = p defines, by implicit differentiation at a root.</summary>
    /// <param name="x">The root; this is f there.</param>
    public Expansion Inverse(double x)
    {
        if (X == 0 || !double.IsFinite(X))
        {
            return new(x);
        }

        var (a, b, p) = (-A / X, -B / X, 1 / X);
        return new(
            x, a, b, p,
            -(XX * a * a + 2 * AX * a + AA) / X,
            -(XX * a * b + AX * b + BX * a + AB) / X,
            -(XX * b * b + 2 * BX * b + BB) / X,
            -(XX * a + AX) * p / X,
            -(XX * b + BX) * p / X,
            -XX * p * p / X);
    }
}
