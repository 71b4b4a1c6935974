using System.Diagnostics;
using System.Globalization;

namespace ProbVae.Mpi.Tests;

/// <summary>Real processes over MPI: sums, training, and what happens when one of them dies, stalls or differs.</summary>
[Collection(Ranks.OneByOne)]
public sealed class MpiTests
{
    [Fact]
    public void MessagesOfAllLengthsAndSums()
    {
        var ran = Ranks.Run(3, ["sums"]);
        Assert.True(ran.Code == 0, ran.Printed + ran.Errors);
        Assert.All(Enumerable.Range(0, 3), rank => Assert.Contains($"rank {rank} of 3: right", ran.Printed, StringComparison.Ordinal));
    }

    [Fact]
    public void TwoProcessesTrainWhatOneDoes()
    {
        var (alone, two) = (Ranks.Run(0, ["train"]), Ranks.Run(2, ["train"]));
        Assert.Equal((0, 0, 4), (alone.Code, two.Code, two.Numbers.Length));
        Assert.All(alone.Numbers.Zip(two.Numbers), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First))));
    }

    [Theory]
    [InlineData("die", "step 50 on rank 0")]
    [InlineData("throw", "Rank 1 of 2 ends all of them. InvalidDataException: The file of rank 1 is cut off.")]
    [InlineData("nan", "Rank 0 of 2 ends all of them. NonFiniteException: Rank 1: First at site 'z' of the guide")]
    [InlineData("seed", "Rank 0 of 2 ends all of them. ModelException: The seed is 1 on rank 0 and 2 on rank 1.")]
    [InlineData("data", "The plate is 'rows' of 600 on rank 0 and 'rows' of 601 on rank 1.")]
    public void WhatEndsOneEndsAllInASentence(string verb, string sentence)
    {
        var ran = Ranks.Run(2, [verb]);
        Assert.NotEqual(0, ran.Code);
        Assert.Contains(sentence, ran.Printed + ran.Errors, StringComparison.Ordinal);
        AssertAllGone(ran);
    }

    [Fact]
    public void AProcessThatIsKilledEndsAll()
    {
        var others = new List<int>();
        var ran = Ranks.Run(2, ["forever"], line =>
        {
            lock (others)
            {
                if (line.StartsWith("rank 1", StringComparison.Ordinal))
                {
                    others.Add(int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
                }

                if (line == "step 50 on rank 1")
                {
                    Process.GetProcessById(others[0]).Kill();
                }
            }
        });
        Assert.NotEqual(0, ran.Code);
        Assert.Contains("signal 9", ran.Printed + ran.Errors, StringComparison.Ordinal);
        AssertAllGone(ran);
    }

    [Fact]
    public void AProcessThatStallsIsNamed()
    {
        var watch = Stopwatch.StartNew();
        var ran = Ranks.Run(2, ["stall", "20"]);
        Assert.NotEqual(0, ran.Code);
        Assert.Contains("Rank 0 of 2 ends all of them. TimeoutException: Rank 1 on ", ran.Errors, StringComparison.Ordinal);
        Assert.Contains("is slow or has stopped: rank 0 has waited for it for 20 s.", ran.Errors, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(4), $"It took {watch.Elapsed}; the stalled rank sleeps for five minutes.");
        AssertAllGone(ran);
    }

    [Fact]
    public void AProgramByItselfIsAGroupOfOne() => Assert.Contains("rank 0 of 1: right", Ranks.Run(0, ["sums"]).Printed, StringComparison.Ordinal);

    // What has ended and whose parent has not asked for its code is still listed, as a zombie without memory.
    private static void AssertAllGone(Ranks ran) => Assert.All(ran.Processes, id => Assert.True(
        SpinWait.SpinUntil(() => !Array.Exists(Process.GetProcesses(), process => process.Id == id && process.WorkingSet64 > 0), TimeSpan.FromSeconds(5)), $"Process {id} still runs."));
}
