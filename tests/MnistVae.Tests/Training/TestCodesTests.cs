using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Tests.Models;
using MnistVae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistVae.Tests.Training;

public sealed class TestCodesTests
{
    [Fact]
    public void CodesThatDoNotDependOnTheImageTellNothing()
    {
        using var codes = Of([0.5, -1, 0.5, -1, 0.5, -1], [1, 2, 1, 2, 1, 2], [0.1, 3, 0.9, -4, 2, 2]);
        Assert.Equal(0, codes.MutualInformation()!.Value, 1e-12);
        Assert.Equal(0, codes.ActiveUnits());
    }

    [Fact]
    public void CodesFarApartTellTheImage()
    {
        // At a distance of 100 standard deviations no image's code is likely under another: log N.
        using var codes = Of([0, 0, 100, 0, 200, 0], [1, 1, 1, 1, 1, 1], [0.2, 1, 101, -1, 199, 0]);
        Assert.Equal(Math.Log(3), codes.MutualInformation()!.Value, 1e-12);
        Assert.Equal(1, codes.ActiveUnits());
    }

    [Fact]
    public void TheInformationIsHoffmanAndJohnsonsSum()
    {
        double[] mean = [0.3, -0.2, 1.1, 0.4, -0.6, 2.0], deviation = [0.5, 1.2, 0.8, 0.3, 1.5, 0.7], drawn = [0.1, 0.8, 1.9, 0.2, -1.0, 1.5];
        using var codes = Of(mean, deviation, drawn);
        double total = 0;
        for (int n = 0; n < 3; n++)
        {
            total += LogDensity(n, n) - Math.Log(Enumerable.Range(0, 3).Average(m => Math.Exp(LogDensity(n, m))));
        }

        Assert.Equal(total / 3, codes.MutualInformation()!.Value, 1e-12);

        // log q(z_n | x_m)
        double LogDensity(int n, int m) => Enumerable.Range(0, 2).Sum(d =>
        {
            var (z, at, spread) = (drawn[(2 * n) + d], mean[(2 * m) + d], deviation[(2 * m) + d]);
            return (-0.5 * Math.Pow((z - at) / spread, 2)) - Math.Log(spread) - (0.5 * Math.Log(2 * Math.PI));
        });
    }

    [Fact]
    public void MeansOfDrawsAreNotTakenForActivity()
    {
        // Means of 32 draws with a deviation of 1 vary by 1/32 > 0.01 where nothing else does.
        var noise = new ProbVae.Normal(0, 1).Sample(new ProbVae.RandomKey(1), 2000, 1).to(ScalarType.Float64);
        using var codes = new TestCodes(noise.div(Math.Sqrt(32)), ones_like(noise), noise.clone(), 32);
        Assert.Equal(0, codes.ActiveUnits());
        Assert.Null(codes.MutualInformation());
        using var exact = codes with { Mean = codes.Mean.clone(), Deviation = codes.Deviation.clone(), Drawn = codes.Drawn.clone(), Draws = 0 };
        Assert.Equal(1, exact.ActiveUnits());
    }

    [Theory]
    [InlineData(PosteriorKind.MeanField)]
    [InlineData(PosteriorKind.Flow)]
    public void ASetIsEncodedInItsOrder(PosteriorKind posterior)
    {
        var options = SmallDigits.Options with { Posterior = posterior };
        using var session = SmallDigits.Session(options);
        var test = new Batches(SmallDigits.Data().Test, options.Binarize, 0);
        using var codes = TestCodes.Of(session.Vae, test, 5, 3, CancellationToken.None);
        Assert.Equal([16, 3], codes.Mean.shape);
        Assert.Equal(posterior == PosteriorKind.Flow, codes.Draws > 0);

        using var scope = NewDisposeScope();
        using var image = test.Load([7], epoch: 0);
        var alone = session.Vae.Encode(image, new ProbVae.RandomKey(9));

        // Exact moments agree to float32's accuracy; means of 32 draws to 6 of their standard errors.
        double bound = codes.Draws == 0 ? 1e-5 : 6 * Math.Sqrt(2.0 / codes.Draws) * alone.Deviation.max().item<float>();
        Assert.Equal(0, (codes.Mean[7] - alone.Mean[0].to(ScalarType.Float64)).abs().max().item<double>(), bound);
    }

    private static TestCodes Of(double[] mean, double[] deviation, double[] drawn) => new(Table(mean), Table(deviation), Table(drawn), 0);

    private static Tensor Table(double[] values) => tensor(values, [values.Length / 2, 2]);
}
