using System.Globalization;
using ProbVae;
using ProbVae.Mpi;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

// A program of several ranks: what it is to show, and how many seconds a rank waits for another.
const int Rows = 600;
const int Batch = 24;
var verb = args[0];
using var group = MpiGroup.Join(TimeSpan.FromSeconds(args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 60));
Console.Error.WriteLine($"{group}, process {Environment.ProcessId}");
if (verb == "sums")
{
    return Sums();
}

Parameter loc = new(tensor(0.1f)), scale = new(tensor(-1f)), weight = new(tensor([0.5f, 0.2f]));
var own = group.Rank == 1 ? verb : "";
var model = Model.Given<Tensor>("shifts").Sample("shift", new Normal(0, 1), out var shift)
    .Plate("rows", own == "data" ? Rows + 1 : Rows)
    .Sample("z", s => new Normal(s[shift], 1), out var z)
    .Observe("x", s => new Normal(s[z], 0.5), out _).Build();
var guide = Guide.For(model).Sample(shift, _ => new Normal(loc, scale.exp())).Sample(z, x => new Normal(x * weight[0], weight[1].exp())).Build();
using var svi = Svi.For(model, guide, Elbo.Trace(), parameters => optim.Adam(parameters, lr: 0.01), seed: own == "seed" ? 2 : 1).Across(group);
var steps = verb == "train" ? 60 : 100_000;
for (var step = 0; step < steps; step++)
{
    if (step == 50)
    {
        switch (own)
        {
            case "die":
                Environment.Exit(3);
                break;
            case "throw":
                throw new InvalidDataException("The file of rank 1 is cut off.");
            case "stall":
                Thread.Sleep(TimeSpan.FromMinutes(5));
                break;
            case "nan":
                svi.Step(full([Batch / group.Size], float.NaN));
                break;
        }

        Console.Error.WriteLine($"step 50 on rank {group.Rank}");
    }

    using var scope = NewDisposeScope();
    var (first, end) = group.ShareOf(Batch);
    var place = step;
    svi.Step(tensor([.. Enumerable.Range(first, end - first).Select(row => (float)Math.Sin(((place * Batch) + row) % Rows))]));
}

if (group.Rank == 0)
{
    Console.WriteLine(string.Join(' ', new[] { loc, scale, weight }.SelectMany(parameter => parameter.data<float>().ToArray()).Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
}

return 0;

int Sums()
{
    float[] singles = [.. Enumerable.Range(0, 300_000).Select(i => (float)(i % 7) + group.Rank)];
    double[] doubles = [1e-12 * (group.Rank + 1), 1];
    group.Sum(singles);
    group.Sum(doubles);
    var ranks = group.Size * (group.Size - 1) / 2;
    var right = singles.Select((number, i) => number == ((i % 7) * group.Size) + ranks).All(same => same)
        && doubles[1] == group.Size && Math.Abs(doubles[0] - (1e-12 * (ranks + group.Size))) < 1e-24;
    // Short messages, long ones, and none.
    foreach (var length in new[] { 0, 3, 507, 508, 509, 100_000 })
    {
        var all = group.Gather([.. Enumerable.Repeat((byte)group.Rank, length * (group.Rank + 1))]);
        right &= all.Select((message, rank) => message.Length == length * (rank + 1) && message.All(one => one == rank)).All(same => same);
        right &= group.Broadcast([.. Enumerable.Repeat((byte)(group.Rank + 5), length)]) is var told && told.Length == length && told.All(one => one == 5);
    }

    Console.WriteLine($"{group}: {(right ? "right" : "wrong")}");
    return right ? 0 : 1;
}
