using ProbVae;

namespace MnistVae.Tests;

/// <summary>A run's checkpoints by the names of their files.</summary>
public static class Checkpoints
{
    public static TrainingState Load(this RunFolder run, Svi<ImageBatch> svi, string name = TrainingFolder.LastName)
    {
        Assert.True(run.Has(name));
        return name == TrainingFolder.BestName ? run.Training.LoadBest(svi) : run.Training.Load(svi);
    }
}
