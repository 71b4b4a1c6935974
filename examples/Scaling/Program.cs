// A VAE that several processes train together: mpiexec -n 4 dotnet Scaling.dll [rows of a rank in a step] [steps] [checkpoint].
// By itself it trains on one. docs/scaling.md tells more.
using System.Diagnostics;
using System.Globalization;
using ProbVae;
using ProbVae.Mpi;
using ProbVae.Training;
using Scaling;
using static TorchSharp.torch;

using var mpi = MpiGroup.Join();
var group = new TimedGroup(mpi);
set_num_threads(1);
random.manual_seed(1);
var (rows, steps) = (Argument(0, 128), Argument(1, 300));
var (images, codes) = (6000, 16);

var encoder = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 2 * codes));
var decoder = nn.Sequential(nn.Linear(codes, 256), nn.ReLU(), nn.Linear(256, 784));

var vae = Model.Given<Tensor>("vae")
    .Plate("images", total: images)
    .Sample("z", Normal.Standard(codes), out var z)
    .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z])), out _)
    .Build();
var guide = Guide.For(vae)
    .Sample(z, x => Halves(encoder.call(x).chunk(2, dim: -1)))
    .Build();

using var svi = Svi.For(vae, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 1e-3), seed: 1).Across(group);
var batches = Minibatches.Shuffled(Stripes(images), rows * group.Size, new RandomKey(1), group);

// Every rank reads it, rank 0 alone writes.
var checkpoint = args.Length > 2 ? new CheckpointFile(args[2], TimeSpan.FromMinutes(1)) : null;
checkpoint?.TryLoad(svi);

Train(20);
var (reduced, told, watch) = (group.Reducing, group.Telling, Stopwatch.StartNew());
var last = Train(steps);
if (group.Rank == 0)
{
    checkpoint?.Save(svi);
    var (seconds, reducing, telling) = (watch.Elapsed.TotalSeconds, (group.Reducing - reduced).TotalSeconds, (group.Telling - told).TotalSeconds);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
        {group.Size} ranks: {(double)steps * rows * group.Size / seconds:N0} images/s, {1000 * seconds / steps:F2} ms a step
          of which {1000 * reducing / steps:F2} ms ({100 * reducing / seconds:F1} %) in the reduction, {1000 * telling / steps:F2} ms ({100 * telling / seconds:F1} %) in waiting for others and telling them
          step {svi.StepCount}: ELBO {last!.Elbo / images:F2} nats an image
        """));
}

return 0;

SviStep? Train(int steps)
{
    SviStep? step = null;
    for (var end = svi.StepCount + steps; svi.StepCount < end;)
    {
        using var scope = NewDisposeScope();
        step = svi.Step(batches.Of(svi.StepCount));
    }

    return step;
}

int Argument(int place, int otherwise) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;

static Normal Halves(Tensor[] heads) => new(heads[0], heads[1].exp());

static Tensor Stripes(int count) => (((arange(28).reshape(1, 28, 1) - (rand(count, 1, 1) * 27)).abs() < 2).to(ScalarType.Float32) * ones(1, 1, 28)).reshape(count, 784);
