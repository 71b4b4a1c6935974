// The networks' first weights come from torch's global generator, which is seeded just before: two tests at a time would mix their draws.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
