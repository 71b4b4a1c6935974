namespace ProbVae;

/// <summary>A number with its first and second derivatives in two variables a and b: arithmetic on it differentiates series and continued fractions.</summary>
/// <param name="V">The number.</param>
/// <param name="A">∂/∂a.</param>
/// <param name="B">∂/∂b.</param>
/// <param name="AA">∂²/∂a².</param>
/// <param name="AB">∂²/∂a∂b.</param>
/// <param name="BB">∂²/∂b².</param>
internal readonly record struct Jet(double V, double A = 0, double B = 0, double AA = 0, double AB = 0, double BB = 0)
{
    public static implicit operator Jet(double number) => new(number);

    public static Jet operator +(Jet x, Jet y) => new(x.V + y.V, x.A + y.A, x.B + y.B, x.AA + y.AA, x.AB + y.AB, x.BB + y.BB);

    public static Jet operator -(Jet x, Jet y) => new(x.V - y.V, x.A - y.A, x.B - y.B, x.AA - y.AA, x.AB - y.AB, x.BB - y.BB);

    public static Jet operator *(Jet x, Jet y) => new(
        x.V * y.V,
        x.A * y.V + x.V * y.A,
        x.B * y.V + x.V * y.B,
        x.AA * y.V + 2 * x.A * y.A + x.V * y.AA,
        x.AB * y.V + x.A * y.B + x.B * y.A + x.V * y.AB,
        x.BB * y.V + 2 * x.B * y.B + x.V * y.BB);

    public static Jet operator *(double c, Jet x) => new(c * x.V, c * x.A, c * x.B, c * x.AA, c * x.AB, c * x.BB);

    public static Jet operator /(Jet x, Jet y) => x * y.Of(1 / y.V, -1 / (y.V * y.V), 2 / (y.V * y.V * y.V));

    /// <summary>eˣ.</summary>
    public Jet Exp()
    {
        var e = Math.Exp(V);
        return Of(e, e, e);
    }

    /// <summary>The same with a and b exchanged.</summary>
    public Jet Exchanged() => new(V, B, A, BB, AB, AA);

    /// <summary>Whether the derivatives are all smaller than a bound: a factor of a continued fraction has converged with its derivatives.</summary>
    public bool IsConstantWithin(double bound) => Math.Abs(A) + Math.Abs(B) + Math.Abs(AA) + Math.Abs(AB) + Math.Abs(BB) <= bound;

    /// <summary>f(x) by f, f′ and f″ at x.</summary>
    private Jet Of(double f, double slope, double curvature) => new(
        f, slope * A, slope * B, slope * AA + curvature * A * A, slope * AB + curvature * A * B, slope * BB + curvature * B * B);
}
