using System.CommandLine;
using System.Globalization;
using ProbVae.Fuzz;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var inputs = new Option<int>("--inputs") { Description = "Broken files for each reader.", DefaultValueFactory = _ => 100_000 };
var seed = new Option<long>("--seed") { Description = "Another seed makes other files." };
var only = new Option<string?>("--reader") { Description = "One reader by its name; all of them without it." };
var program = new RootCommand("Gives every reader broken files; each must read or refuse with a sentence of its own. Exit code 1 where one does anything else.") { inputs, seed, only };
program.SetAction(parsed =>
{
    set_num_threads(1);
    using var readers = new Readers();
    bool isSound = true;
    Console.WriteLine($"{"reader",-28}{"inputs",10}{"read",10}{"refused",10}{"slowest ms",12}{"most KiB",10}{"faults",8}");
    foreach (var reader in readers.All.Where(reader => parsed.GetValue(only) is not { } name || reader.Name == name))
    {
        var outcome = Outcome.Of(reader, parsed.GetValue(inputs), parsed.GetValue(seed));
        Console.WriteLine($"{reader.Name,-28}{outcome.Inputs,10}{outcome.Accepted,10}{outcome.Refused,10}{outcome.Slowest.TotalMilliseconds,12:F1}{outcome.MostBytes >> 10,10}{outcome.Faults.Count,8}");
        foreach (string fault in outcome.Faults.Take(5))
        {
            Console.WriteLine(fault);
        }

        isSound &= outcome.Faults.Count == 0;
    }

    return isSound ? 0 : 1;
});
return program.Parse(args).Invoke();
