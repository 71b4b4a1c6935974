namespace ProbVae;

/// <summary>A guide that was remade for a model with other priors.</summary>
/// <typeparam name="TData">The model's data.</typeparam>
/// <param name="Guide">The guide for the new model.</param>
/// <param name="Notes">What could not be carried over from the old one, a sentence each; empty where all was.</param>
public sealed record FollowedGuide<TData>(AutoGuide<TData> Guide, IReadOnlyList<string> Notes);
