// The networks' first weights come from torch's global generator, which is seeded just before: two tests at a time would mix their draws.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
