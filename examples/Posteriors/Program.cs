// Seven posteriors of posteriordb, each beside the moments of long Markov chains. The program ends with a check: exit code 0 where
// AutoMultivariateNormal keeps its bounds on every parameter.
//
//     dotnet run -c Release --project examples/Posteriors -- [NAME|all] [--guide NAME,...|all] [--file PATH] [--seed NUMBER]
using ProbVae;
using ProbVae.Examples.Posteriors;
using ProbVae.Examples.Posteriors.Fitting;
using ProbVae.Examples.Posteriors.Models;
using ProbVae.Examples.Posteriors.Reference;

if (Options.Parse(args) is not { } options)
{
    return 2;
}

var file = PosteriorFile.Find(options.File);
if (file is null)
{
    Console.WriteLine(PosteriorFile.Missing);
    Console.WriteLine("The eight schools follow: their eight numbers are published, and a quadrature gives their posterior.");
}

IReadOnlyList<ReferencePosterior> references = file is null ? [EightSchoolsReference.Solve()] : PosteriorFile.Read(file);
var chosen = references.Where(reference => options.Takes(reference.Name)).ToList();
if (chosen.Count == 0)
{
    var names = string.Join(", ", references.Select(reference => reference.Name));
    Console.Error.WriteLine($"There is no posterior '{options.Name}' here; there are {names}. The beginning of a name is enough.");
    return 2;
}

if (options.Families.Count > 1)
{
    Report.Head();

    // The first steps of a process are slow, and no guide is to be charged with them.
    WarmUp();
}

var agreed = true;
foreach (var reference in chosen)
{
    if (Catalogue.Of(reference.Name, reference.Data) is not { } problem)
    {
        Console.WriteLine($"{reference.Name} is in the file, but there is no model for it in examples/Posteriors/Models.");
        continue;
    }

    var unit = TimeSpan.Zero;
    foreach (var family in options.Families)
    {
        FittedPosterior fit;
        try
        {
            fit = Recipe.Fit(problem, family, options.Seed);
        }
        catch (ModelException problemFound) when (family == Family.AutoLaplace)
        {
            Console.WriteLine($"{reference.Name}, {family}: {problemFound.Message}");
            continue;
        }

        var comparisons = fit.Against(reference);
        agreed &= family != Family.AutoMultivariateNormal || comparisons.All(row => row.Holds);
        unit = unit == TimeSpan.Zero ? fit.Time : unit;
        if (options.Families.Count > 1)
        {
            Report.Line(reference.Name, family, fit, comparisons, unit);
        }
        else
        {
            Report.Parameters(reference.Name, family, fit, comparisons);
        }
    }
}

return agreed ? 0 : 1;

static void WarmUp()
{
    var schools = EightSchoolsReference.Solve();
    foreach (var family in new[] { Family.AutoMultivariateNormal, Family.AutoNormal, Family.AutoIaf })
    {
        Recipe.Fit(Catalogue.Of(schools.Name, schools.Data)!, family, steps: 400);
    }
}
