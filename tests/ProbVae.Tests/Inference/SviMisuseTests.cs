
namespace ProbVae.Tests.Inference;

/// <summary>A step without data, or after the end, is refused before anything is changed.</summary>
public sealed class SviMisuseTests
{
    [Fact]
    public void AStepWithoutDataIsRefused()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        Assert.Throws<ArgumentNullException>(() => svi.Step(null!));
        Assert.Equal(0, svi.StepCount);
    }

    [Fact]
    public void AnObjectiveNeedsAParticle()
    {
        foreach (var make in new Func<int, Elbo>[] { count => Elbo.MeanField(count), count => Elbo.Trace(count), count => Elbo.StickingTheLanding(count), count => Elbo.ScoreFunction(count) })
        {
            Assert.Equal(1, make(1).Particles);
            Assert.Throws<ArgumentOutOfRangeException>(() => make(0));
        }
    }

    [Fact]
    public void AStepAfterDisposeIsRefused()
    {
        using var vae = new SmallVae();
        var svi = vae.Svi();
        using var images = vae.Batch(0);
        svi.Step(images);
        svi.Dispose();
        Assert.Throws<ObjectDisposedException>(() => svi.Step(images));
        Assert.Equal(1, svi.StepCount);
    }
}
