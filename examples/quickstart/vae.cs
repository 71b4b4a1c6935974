#:project ../../src/ProbVae
#:project ../../src/ProbVae.Training
#:property PublishAot=false
// A program of your own, in a folder of its own, writes #:package ProbVae@0.1.0 and #:package ProbVae.Training@0.1.0 for the first two lines.

using ProbVae;
using ProbVae.Training;
using static TorchSharp.torch;

// MNIST, whose brighter pixels are 1 and whose darker are 0. With a number, as in "dotnet run vae.cs 20", so many steps on stripes instead.
random.manual_seed(1);
var trial = args.Length > 0 ? int.Parse(args[0]) : 0;
var (train, test) = trial > 0 ? (Stripes(512), Stripes(128)) : (await Mnist("train", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"), await Mnist("t10k", 7_840_016, "2646ac647ad5339dbf082846283269ea"));
var (count, codes) = (train.shape[0], 16);

var encoder = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 2 * codes));
var decoder = nn.Sequential(nn.Linear(codes, 256), nn.ReLU(), nn.Linear(256, 784));

// z ~ Normal(0, I)        x | z ~ Bernoulli(decoder(z))
var vae = Model.Given<Tensor>("mnist-vae")
    .Plate("images", total: count)
    .Sample("z", Normal.Standard(codes), out var z)
    .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z])), out var x)
    .Build();

// q(z | x) = Normal(loc(x), scale(x))
var guide = Guide.For(vae)
    .Sample(z, images =>
    {
        var heads = encoder.call(images).chunk(2, dim: -1);
        return new Normal(heads[0], heads[1].exp());
    })
    .Build();

using var svi = Svi.For(vae, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 2e-3), seed: 1);
var batches = Minibatches.Shuffled(train, size: 128, new RandomKey(1));
var told = new FitOptions { Observers = [new ProgressLine()] };
var fit = trial > 0 ? svi.Fit(batches.Of, trial, told) : svi.Fit(batches, passes: 5, told);
Console.WriteLine($"{fit.Why} ELBO of the test images: {svi.Evaluate(test).Elbo / count:F1} nats each.");

// Five images that never were: codes drawn from the prior, through the decoder.
using var noGrad = no_grad();
var shades = (sigmoid(decoder.call(randn(5, codes))).reshape(5, 14, 2, 28).mean([2]) * 9.99).to(ScalarType.Int64).permute(1, 0, 2).reshape(14, 140);
Console.WriteLine(string.Join('\n', Enumerable.Range(0, 14).Select(row => string.Concat(shades[row].data<long>().Select(shade => " .:-=+*#%@"[(int)shade])))));

static Tensor Stripes(int count) => (((arange(28).reshape(1, 28, 1) - (rand(count, 1, 1) * 27)).abs() < 2).to(ScalarType.Float32) * ones(1, 1, 28)).reshape(count, 784);

static async Task<Tensor> Mnist(string set, int length, string md5)
{
    // In the folder that PROBVAE_DATA names, or in its mnist; else from a public mirror, once.
    var folder = Environment.GetEnvironmentVariable("PROBVAE_DATA") ?? Path.Combine(Path.GetTempPath(), "probvae");
    var file = new PublishedFile($"{set}-images-idx3-ubyte", length, md5, [new($"https://storage.googleapis.com/cvdf-datasets/mnist/{set}-images-idx3-ubyte.gz")]);
    var path = file.Find(Path.Combine(folder, "mnist")) ?? await file.FetchAsync(folder);
    return (tensor(IdxFile.Images(path, UnpackedFile.Read(path), 28, 28)).reshape(-1, 784) >= 128).to(ScalarType.Float32);
}
