using TorchSharp;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>A posterior to approximate: a model and the observations that condition it.</summary>
/// <param name="Name">The name in posteriordb.</param>
/// <param name="Model">The model; covariates are constants that its lambdas capture.</param>
/// <param name="Observations">The observed numbers.</param>
public sealed record Problem(string Name, Model<torch.Tensor> Model, torch.Tensor Observations);
