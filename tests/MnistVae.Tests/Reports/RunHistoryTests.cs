using System.Text;
using MnistVae.Tests.Models;

namespace MnistVae.Tests.Reports;

public sealed class RunHistoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TwoFilesOfARunAreOneHistoryAndAnOlderOneIsReadToo()
    {
        var epochs = File("deep-epochs.csv", "epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds", "1,-100,-90,10,-99,5000.0,2.000", "2,-95,-84,11,-96,5000.0,2.000");
        var validation = File("deep-validation.csv", "step,elbo,reconstruction,kl,seconds", "10,-98,-88,10,0.100");
        var history = Assert.Single(RunHistory.Read([epochs, validation], stepsAnEpoch: 20));
        Assert.Equal(("", 2, 1, 20.0), (history.Name, history.Epochs.Count, history.Validations.Count, history.StepsAnEpoch));
        Assert.Equal(-96, history.Epochs[1].TestElbo);
        Assert.Null(history.Epochs[1].TestKl);
        Assert.Null(history.WeightedBound);
        var other = File("other-epochs.csv", "epoch,elbo,reconstruction,kl,test_elbo,test_reconstruction,test_kl,gradient_norm,images_per_second,seconds", "1,-100,-90,10,-99,-90,9,1,5000.0,2.000");
        Assert.Equal(["deep", "other"], RunHistory.Read([epochs, validation, other], 20).Select(run => run.Name));
    }

    [Fact]
    public void AFolderTellsItsBoundAndAFileShowsThatItsTermsAreNotTheWhole()
    {
        var run = RunFolder.Create(folder.At("weighted"), RunRecord.Start(SmallDigits.Options with { Objective = Objective.Iwae, Particles = 5 }, SmallDigits.Data().Source), overwrite: false);
        run.History.Append(new EpochRow(1, -95, -90, 8, -96, -91, 9, 2, 1000, 2));
        var ofFolder = Assert.Single(RunHistory.Read([run.Folder], null));
        // 48 images in batches of 16.
        Assert.Equal(("L_5", 3.0), (ofFolder.WeightedBound, ofFolder.StepsAnEpoch));
        var ofFile = Assert.Single(RunHistory.Read([run.History.Path], null));
        Assert.Equal("L_K", ofFile.WeightedBound);
        Assert.Equal(-98, ofFile.Value(ofFile.Training.First(), CurveTerm.Elbo));
        Assert.Equal("weighted", RunHistory.Read([run.History.Path, File("a-epochs.csv", "epoch,elbo,reconstruction,kl,test_elbo,test_reconstruction,test_kl,gradient_norm,images_per_second,seconds")], null)[0].Name);
    }

    [Fact]
    public void WhatIsNoHistoryIsASentence()
    {
        var steps = File("a-validation.csv", "step,elbo,reconstruction,kl,seconds", "10,-98,-88,10,0.100");
        Assert.Equal($"{steps} counts steps, so say with --steps-an-epoch how many an epoch had: the training images over the batch, rounded up.", Refused(steps));
        Assert.StartsWith($"{File("a.txt", "hello")} begins with 'hello', but a history's columns are those of history.csv or validation.csv;", Refused(folder.At("a.txt")), StringComparison.Ordinal);
        Assert.StartsWith($"{folder.At("none")} holds no run", Refused(folder.At("none")), StringComparison.Ordinal);
    }

    private static string Refused(string path) => Assert.Throws<UserError>(() => RunHistory.Read([path], null)).Message;

    private string File(string name, params string[] lines) => folder.Write(name, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
}
