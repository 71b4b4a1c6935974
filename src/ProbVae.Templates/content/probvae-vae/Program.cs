using ProbVae;
using ProbVae.Training;
using TorchSharp;
using static TorchSharp.torch;

// Images of one bright row each, with flattened pixels of 0 or 1. Put your own here: one image a row.
const int side = 12, codes = 2, pixels = side * side;
random.manual_seed(1);
var (train, test) = (Images(2000), Images(500));
var count = train.shape[0];

var encoder = nn.Sequential(nn.Linear(pixels, 64), nn.ReLU(), nn.Linear(64, 2 * codes));
var decoder = nn.Sequential(nn.Linear(codes, 64), nn.ReLU(), nn.Linear(64, pixels));

// The model: z ~ Normal(0, I)    x | z ~ Bernoulli(decoder(z))
var vae = Model.Given<Tensor>("vae")
    .Plate("images", total: count)
    .Sample("z", Normal.Standard(codes), out var z)
    .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z])), out _)
    .Build();

// The guide: q(z | x) = Normal(loc(x), scale(x))
var guide = Guide.For(vae)
    .Sample(z, images =>
    {
        var heads = encoder.call(images).chunk(2, dim: -1);
        return new Normal(heads[0], heads[1].exp());
    })
    .Build();

// The fit, with the test images' bound after each pass.
using var svi = Svi.For(vae, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 5e-3), seed: 1);
var batches = Minibatches.Shuffled(train, size: 100, new RandomKey(1));
var first = svi.Evaluate(test).Elbo / count;
Console.WriteLine(svi.Fit(batches, passes: 30, new FitOptions
{
    Validation = svi.ValidateOn([test], every: (int)batches.PerPass),
    OnStep = step => Console.Write(step.Score is { } score ? $"{step.Number} steps: {score / count:F1} nats a test image{Environment.NewLine}" : ""),
}));

// The check, and two images that never were.
var last = svi.Evaluate(test).Elbo / count;
Console.WriteLine($"{first:F1} nats a test image before, {last:F1} after.");
Console.WriteLine(last > first / 2 ? "The VAE learnt." : "The VAE did not learn.");
using var noGrad = no_grad();
var drawn = sigmoid(decoder.call(randn(2, codes))).round().reshape(2 * side, side);
for (var row = 0; row < 2 * side; row++)
{
    Console.WriteLine(string.Concat(drawn[row].data<float>().Select(pixel => pixel > 0 ? "██" : "··")));
}

static Tensor Images(int many)
{
    var bright = (arange(side).reshape(1, side, 1) - (rand(many, 1, 1) * (side - 1))).abs() < 1;
    return bright.to(ScalarType.Float32).expand(many, side, side).reshape(many, pixels);
}
