using System.Diagnostics;
using static TorchSharp.torch;

set_num_threads(1);
switch (args)
{
    case ["grad"]:
        return Refused(() => autograd.grad([ones(1)], [ones(1)]));
    case ["matmul"]:
        return Refused(() => ones(2, 3).matmul(ones(2, 3)));
    case ["cummax"]:
        return Refused(() => ones(2).cummax(5));
    case ["cummin"]:
        return Refused(() => ones(2).cummin(5));
    case ["number", var seconds]:
        return FreedWhileRead(TimeSpan.FromSeconds(int.Parse(seconds)));
    default:
        Console.Error.WriteLine("Usage: TorchFaults grad | matmul | cummax | cummin | number SECONDS");
        return 2;
}

// 0 where a refusal is an exception, as it should be; where TorchSharp lets the C++ exception through, the process ends.
static int Refused(Action ask)
{
    try
    {
        ask();
    }
    catch (Exception refusal)
    {
        Console.WriteLine(refusal.Message);
    }

    return 0;
}

// Prints how often a product with a number failed or was wrong while garbage was collected all the time. 0 where it never was.
static int FreedWhileRead(TimeSpan time)
{
    var (clock, failures) = (Stopwatch.StartNew(), 0);
    using var collecting = new CancellationTokenSource();
    var collector = new Thread(() =>
    {
        while (!collecting.IsCancellationRequested)
        {
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
        }
    });
    collector.Start();
    using var x = ones(4);
    for (var number = 0; failures == 0 && clock.Elapsed < time; number = (number + 1) % 7)
    {
        using var scope = NewDisposeScope();
        try
        {
            failures += x.mul((double)number)[0].item<float>() == number ? 0 : 1;
        }
        catch (System.Runtime.InteropServices.ExternalException)
        {
            failures++;
        }
    }

    collecting.Cancel();
    collector.Join();
    Console.WriteLine($"{failures} failures");
    return failures == 0 ? 0 : 1;
}
