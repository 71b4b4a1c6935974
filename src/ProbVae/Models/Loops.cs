using System.Globalization;
using System.Text.RegularExpressions;

namespace ProbVae;

/// <summary>The rows that a loop gives in tables, formulas and errors, as one: <c>z[3]</c> beside <c>z[2]</c> and <c>z[4]</c> is <c>z[t]</c>.</summary>
internal static class Loops
{
    // Two rows are read faster than a range.
    private const int Least = 3;
    private const char Parting = '\u001F';

    private const string Letters = "tuvw";

    /// <summary>Joins rows that are the same but for their place in a loop.</summary>
    /// <param name="rows">Each with a site's name first, or a sentence that names it before any other.</param>
    public static IReadOnlyList<Loop> Grouped(IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<Loop> loops = [.. rows.Select(row => new Loop(row[0], row, ""))];
        foreach (var letter in Letters)
        {
            // The last index first: z[i][j] in two loops becomes z[i][0..4], then z[0..9][0..4].
            var joined = Joined(loops, letter);
            if (joined.Count == loops.Count)
            {
                break;
            }

            loops = joined;
        }

        return loops;
    }

    /// <summary>A table in which a loop is one row.</summary>
    public static string Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) =>
        TextTable.Render(header, Grouped(rows).Select(loop => (IReadOnlyList<string>)[loop.Name, .. loop.Cells.Skip(1)]));

    /// <summary>Names with the ranges of their indices.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", Grouped(names.Select(name => new[] { name })).Select(loop => loop.Name));

    /// <summary>A list for a line: the first of many, and how many more there are.</summary>
    public static string Some(IReadOnlyList<string> items)
    {
        const int Most = 12;
        var loops = Grouped(items.Select(item => new[] { item })).Select(loop => loop.Name).ToList();
        return loops.Count <= Most ? string.Join(", ", loops) : $"{string.Join(", ", loops.Take(Most))} and {loops.Count - Most} more";
    }

    private static IReadOnlyList<Loop> Joined(IReadOnlyList<Loop> loops, char letter)
    {
        List<Open> groups = [];
        Dictionary<string, Open> last = [];
        foreach (var loop in loops)
        {
            var row = Parsed.Of(loop);
            if (row is null || !last.TryGetValue(row.Skeleton, out var open) || !open.Takes(row))
            {
                open = new Open();
                groups.Add(open);
                if (row is not null)
                {
                    last[row.Skeleton] = open;
                }
            }

            open.Add(loop, row);
        }

        // A loop stands where its first row stood, and what is too short for one where each of its rows did.
        var at = new Dictionary<Loop, int>(ReferenceEqualityComparer.Instance);
        foreach (var loop in loops)
        {
            at.Add(loop, at.Count);
        }

        List<(Loop Loop, int At)> placed = [];
        foreach (var group in groups)
        {
            placed.AddRange(group.Count >= Least ? [(group.Joined(letter), at[group.First])] : group.All.Select(loop => (loop, at[loop])));
        }

        return [.. placed.OrderBy(entry => entry.At).Select(entry => entry.Loop)];
    }

    private static Regex Index { get; } = new(@"\[(\d{1,9})\]", RegexOptions.CultureInvariant);

    /// <summary>A row with its numbers in brackets apart.</summary>
    private sealed record Parsed(string Skeleton, long[] Numbers, int Own)
    {
        public static Parsed? Of(Loop loop)
        {
            var text = string.Join(Parting, loop.Cells.Prepend(loop.Name));
            long[] numbers = [.. Index.Matches(text).Select(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
            // The site's own brackets are those that stand side by side first.
            var first = Index.Match(text);
            if (!first.Success || first.Index > text.IndexOf(Parting, StringComparison.Ordinal))
            {
                return null;
            }

            var own = 0;
            for (var (match, end) = (first.NextMatch(), first.Index + first.Length); match.Success && match.Index == end; match = match.NextMatch())
            {
                (own, end) = (own + 1, match.Index + match.Length);
            }

            return new(Index.Replace(text, "[]"), numbers, own);
        }

        public long Place => Numbers[Own];
    }

    /// <summary>Rows of one loop so far.</summary>
    private sealed class Open
    {
        private readonly List<Loop> _loops = [];
        private readonly List<Parsed> _rows = [];

        public int Count => _loops.Count;

        public Loop First => _loops[0];

        public IEnumerable<Loop> All => _loops;

        // The second row tells the step, and of every other number whether it goes with the loop or stays.
        public bool Takes(Parsed row)
        {
            if (_rows.Count < 2)
            {
                var first = _rows[0];
                return row.Place > first.Place && row.Own == first.Own && row.Numbers.Zip(first.Numbers).All(pair => pair.First == pair.Second || pair.First - pair.Second == row.Place - first.Place);
            }

            var (one, two) = (_rows[0], _rows[1]);
            var step = two.Place - one.Place;
            return row.Place - _rows[^1].Place == step
                && row.Numbers.Select((number, i) => number - _rows[^1].Numbers[i] == two.Numbers[i] - one.Numbers[i]).All(same => same);
        }

        public void Add(Loop loop, Parsed? row)
        {
            _loops.Add(loop);
            if (row is not null)
            {
                _rows.Add(row);
            }
        }

        public Loop Joined(char letter)
        {
            var (one, two) = (_rows[0], _rows[1]);
            var step = two.Place - one.Place;
            var range = step == 1 ? $"{one.Place}..{_rows[^1].Place}" : $"{one.Place}, {two.Place}, …, {_rows[^1].Place}";
            var number = -1;
            var text = Index.Replace(string.Join(Parting, First.Cells.Prepend(First.Name)), match =>
            {
                number++;
                return number == one.Own ? $"[{range}]" : one.Numbers[number] == two.Numbers[number] ? match.Value : $"[{letter}{Offset(one.Numbers[number] - one.Place)}]";
            });
            var cells = text.Split(Parting);
            return new(cells[0], cells[1..], $"Σ_{letter}={range} {First.Sums}");
        }

        private static string Offset(long offset) => offset == 0 ? "" : offset > 0 ? $"+{offset}" : $"−{-offset}";
    }
}

/// <summary>A row, or the rows of a loop as one.</summary>
/// <param name="Name">The site's name, with the range of a loop's indices.</param>
/// <param name="Cells">The row, in which a loop's index is a letter.</param>
/// <param name="Sums">The sums over a loop's indices, for a formula; empty for a single row.</param>
internal sealed record Loop(string Name, IReadOnlyList<string> Cells, string Sums);
