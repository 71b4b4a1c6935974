namespace MnistVae.Reports;

/// <summary>The two directions in which codes vary most, found by power iteration (Golub and Van Loan 2013, section 7.3).</summary>
public static class PrincipalComponents
{
    private const int MostRounds = 300;
    private const double Enough = 1e-9;

    /// <summary>The codes in the plane of their first two principal components.</summary>
    /// <param name="codes">As many numbers each; at least one code.</param>
    /// <returns>A point a code, and the share of the whole variance along each of the two axes.</returns>
    public static (IReadOnlyList<(double X, double Y)> Points, double FirstShare, double SecondShare) Of(IReadOnlyList<float[]> codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        var centred = Centre(codes);
        var total = Squares(centred);
        var x = Strip(centred);
        var y = Strip(centred);
        return ([.. x.Scores.Zip(y.Scores)], Share(x.Scores, total), Share(y.Scores, total));
    }

    private static double Share(double[] scores, double total) => total > 0 ? scores.Sum(score => score * score) / total : 0;

    private static double[][] Centre(IReadOnlyList<float[]> codes)
    {
        var length = codes[0].Length;
        var mean = new double[length];
        foreach (float[] code in codes)
        {
            for (var i = 0; i < length; i++)
            {
                mean[i] += (double)code[i] / codes.Count;
            }
        }

        return [.. codes.Select(code => code.Select((value, i) => value - mean[i]).ToArray())];
    }

    // Finds the direction of most variance, takes it out of the rows and gives each row's place along it.
    private static (double[] Direction, double[] Scores) Strip(double[][] rows)
    {
        // The longest row is not at right angles to the direction that is looked for, but in cases made up for it.
        var direction = Unit([.. rows.MaxBy(row => Dot(row, row))!]);
        var scores = new double[rows.Length];
        for (var round = 0; round < MostRounds; round++)
        {
            var next = new double[direction.Length];
            for (var row = 0; row < rows.Length; row++)
            {
                scores[row] = Dot(rows[row], direction);
                Add(next, rows[row], scores[row]);
            }

            next = Unit(next);
            var isDone = 1 - Math.Abs(Dot(next, direction)) < Enough;
            direction = next;
            if (isDone)
            {
                break;
            }
        }

        for (var row = 0; row < rows.Length; row++)
        {
            scores[row] = Dot(rows[row], direction);
            Add(rows[row], direction, -scores[row]);
        }

        return (direction, scores);
    }

    private static double[] Unit(double[] vector)
    {
        var length = Math.Sqrt(Dot(vector, vector));
        return length > 0 ? [.. vector.Select(value => value / length)] : vector;
    }

    private static double Squares(double[][] rows) => rows.Sum(row => Dot(row, row));

    private static double Dot(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    private static void Add(double[] target, double[] row, double factor)
    {
        for (var i = 0; i < row.Length; i++)
        {
            target[i] += factor * row[i];
        }
    }
}
