// Three models whose exact posterior and evidence are known. SVI's stand beside them, and the program ends with a check:
// exit code 0 where every mean and standard deviation is within 1 % and every ELBO within 0.01 nats.
using ProbVae.Examples.Conjugate;
using Spectre.Console;

var table = new Table().Title("SVI beside the exact posterior").AddColumns("model", "quantity", "exact", "SVI", "difference", "");
var agreed = true;
foreach (var fit in new[] { Fits.NormalMean(), Fits.CoinBias(), Fits.ExponentialRate() })
{
    foreach (var row in fit.Compare())
    {
        agreed &= row.Agrees;
        table.AddRow(fit.Model, row.Quantity, row.Exact, row.Found, row.Difference, row.Agrees ? "[green]ok[/]" : "[red]off[/]");
    }

    table.AddEmptyRow();
}

AnsiConsole.Write(table);
return agreed ? 0 : 1;
