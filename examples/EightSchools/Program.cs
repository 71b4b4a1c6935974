// Eight schools (Rubin 1981; Gelman et al., Bayesian Data Analysis, section 5.5): how much did coaching help in each school?
// SVI's mean-field posterior stands beside the exact one, which a quadrature over mu and tau gives.
using ProbVae.Examples.EightSchools;
using Spectre.Console;

var exact = Quadrature.Solve(Schools.Effects, Schools.StandardErrors);
using var inference = new Inference();
Console.WriteLine(inference.Explain());
Console.WriteLine();
inference.Train(steps: 4000);
var found = inference.Posterior(draws: 20_000);

var table = new Table().Title("Posterior mean ± standard deviation").AddColumns("quantity", "exact", "SVI, mean field");
foreach (var (name, reference) in exact)
{
    table.AddRow(name, reference.ToString(), found[name].ToString());
}

AnsiConsole.Write(table);
Console.WriteLine("A mean-field guide cannot bend with the funnel of tau and theta, so SVI's sd of tau is too small; the means agree.");
return exact.All(entry => Math.Abs(entry.Value.Mean - found[entry.Key].Mean) < 0.35 * entry.Value.StandardDeviation) ? 0 : 1;
