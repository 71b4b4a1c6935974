using ProbVae.Fuzz;

namespace MnistVae.Tests;

/// <summary>Every reader, given broken files: it reads them or refuses them with a sentence of its own. <c>dotnet run -c Release --project tests/ProbVae.Fuzz</c> gives each 100,000.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Inputs = 1000;

    private readonly Readers readers = new();

    public void Dispose() => readers.Dispose();

    [Fact]
    public void AReaderReadsOrRefuses()
    {
        Assert.All(readers.All, reader =>
        {
            var outcome = Outcome.Of(reader, Inputs, seed: 1);
            Assert.True(outcome.Faults.Count == 0, string.Join(Environment.NewLine, outcome.Faults));
            Assert.Equal(Inputs, outcome.Accepted + outcome.Refused);
            Assert.True(outcome.Refused > Inputs / 10, $"{reader.Name} refused {outcome.Refused} of {Inputs} only, so this shows little.");
        });
    }

    [Fact]
    public void WhatIsNeitherReadNorRefusedIsAFault()
    {
        Reader broken = new("broken", false, [[1, 2, 3]], bytes =>
        {
            if (bytes.Length == 2)
            {
                throw new InvalidOperationException("raw");
            }

            if (bytes.Length == 1)
            {
                throw new UserError("no sentence");
            }
        }, typeof(UserError));
        var faults = Outcome.Of(broken, 500).Faults;
        Assert.Contains(faults, fault => fault.Contains("raw", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.EndsWith("no sentence: no sentence", StringComparison.Ordinal));
    }
}
