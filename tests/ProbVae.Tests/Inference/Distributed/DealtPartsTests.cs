using static TorchSharp.torch;

namespace ProbVae.Tests.Inference.Distributed;

/// <summary>Parts that ranks deal out among themselves have the results of one process, to the bit.</summary>
public sealed class DealtPartsTests
{
    private const int Rows = 20;

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 3)]
    [InlineData(3, 20)]
    [InlineData(4, 2)]
    public void EvidenceIsThatOfOneProcess(int ranks, int size)
    {
        var wanted = Estimated(ProcessGroup.Alone);
        Assert.Equal(Rows, wanted.Elements.Count);
        Assert.All(ThreadGroup.RunAll(ranks, Estimated), found =>
        {
            Assert.Equal(wanted.Elements, found.Elements);
            Assert.Equal((wanted.Method, wanted.Draws, $"{wanted.Plates[0]}"), (found.Method, found.Draws, $"{found.Plates[0]}"));
        });

        // A family that draws by rejection, whose noise could not be divided by rows.
        EvidenceEstimate Estimated(IProcessGroup group)
        {
            using var scope = NewDisposeScope();
            var model = Model.Given<Tensor>("rates").Plate("rows", 60).Sample("rate", Gamma.FromShapeRate(2, 1), out var rate).Observe("x", s => new Exponential(s[rate]), out _).Build();
            var guide = Guide.For(model).Sample(rate, x => Gamma.FromShapeRate(2.5, x + 0.8)).Build();
            return Evidence.ByImportanceInParts(model, guide, Data().abs().split(size), new RandomKey(3), draws: 40, group: group);
        }
    }

    [Fact]
    public void EvaluationsWithinAreOfThePartAndTheOtherOnesOfAllRows()
    {
        var wanted = Losses(ProcessGroup.Alone);
        Assert.All(ThreadGroup.RunAll(2, Losses), found =>
        {
            Assert.Equal(wanted[..7], found[..7]);
            Assert.All(wanted[7..].Zip(found[7..]), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Abs(pair.First)));
        });

        static double[] Losses(IProcessGroup group)
        {
            using var scope = NewDisposeScope();
            using var svi = DividedModels.Local(Elbo.MeanField()).Across(group);
            var rows = 0L;
            List<double> losses = [];
            foreach (var (loss, size) in svi.InParts(
                Data().split(3),
                (part, before) => (svi.Evaluate(part, key: new RandomKey(1).Fold(rows + before)).Loss, part.shape[0]),
                (writer, one) => { writer.Write(one.Item1); writer.Write(one.Item2); },
                reader => (reader.ReadDouble(), reader.ReadInt64())))
            {
                losses.Add(loss);
                rows += size;
            }

            losses.Add(svi.Evaluate(DividedModels.Batch(group, 0, 12)).Loss);
            losses.Add(svi.Step(DividedModels.Batch(group, 0, 12)).Loss);
            losses.Add(svi.Step(DividedModels.Batch(group, 1, 12)).Loss);
            return [.. losses];
        }
    }

    [Theory]
    [InlineData("rows", "The first part is not the same on rank 0 and rank 1.")]
    [InlineData("none", "The first part is not the same on rank 0 and rank 1.")]
    [InlineData("parameters", "The parameters are not the same on rank 0 and rank 1.")]
    [InlineData("fewer", "The ranks do not have the same number of parts: rank by rank they have come to 4, 3.")]
    [InlineData("failure", "The file is cut off.")]
    [InlineData("left", "It left before the last part.")]
    [InlineData("step", "within InParts each rank has parts of its own")]
    public void WhatDiffersIsRefusedByAll(string what, string sentence)
    {
        var failures = ThreadGroup.Run(2, group =>
        {
            using var scope = NewDisposeScope();
            using var svi = DividedModels.Local(Elbo.MeanField()).Across(group);
            var own = group.Rank == 1 ? what : "";
            if (own == "parameters")
            {
                using var noGrad = no_grad();
                svi.Parameters.ByName["decoder.bias"].add_(1);
            }

            IEnumerable<Tensor> parts = own switch
            {
                "rows" => (Data() + 1).split(5),
                "none" => [],
                "fewer" => Data().split(5).Take(3),
                _ => Data().split(5),
            };
            var taken = 0;
            foreach (var loss in svi.InParts(parts, Work, (writer, one) => writer.Write(one), reader => reader.ReadDouble()))
            {
                taken++;
                if (own == "left" && taken == 2)
                {
                    break;
                }
            }

            return taken;

            double Work(Tensor part, long before) => own == "failure" ? throw new InvalidDataException("The file is cut off.")
                : what == "step" ? svi.Step(part).Loss : svi.Evaluate(part).Loss;
        });
        Assert.Contains(sentence, failures[0].Failure!.Message, StringComparison.Ordinal);
        Assert.True(what == "left" || failures[1].Failure is not null);
    }

    [Fact]
    public void WhereOneIsToStopAllDo()
    {
        using var stop = new CancellationTokenSource();
        var ended = ThreadGroup.Run(3, group =>
        {
            using var scope = NewDisposeScope();
            using var svi = DividedModels.Local(Elbo.MeanField()).Across(group);
            return svi.InParts(Data().split(2), Work, (writer, one) => writer.Write(one), reader => reader.ReadInt64(), group.Rank == 2 ? stop.Token : default).Count();

            long Work(Tensor part, long before)
            {
                if (group.Rank == 2)
                {
                    stop.Cancel();
                }

                return part.shape[0];
            }
        });
        Assert.All(ended, one => Assert.IsType<OperationCanceledException>(one.Failure));
    }

    private static Tensor Data() => tensor(DividedModels.Data[..Rows]);
}
