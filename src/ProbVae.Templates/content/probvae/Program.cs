using ProbVae;
using TorchSharp;
using static TorchSharp.torch;

// How long twelve journeys took, in minutes. Put your own data here.
var minutes = tensor(new float[] { 31, 28, 35, 30, 33, 29, 41, 32, 30, 34, 28, 36 });

// The model, p(minutes, level, spread):
// level ~ Normal(30, 20)    spread ~ HalfNormal(10)    minutes ~ Normal(level, spread)
var journeys = Model.Given<Tensor>("journeys")
    .Sample("level", new Normal(30, 20), out var level)
    .Sample("spread", new HalfNormal(10), out var spread)
    .Plate("days", total: minutes.shape[0])
    .Observe("minutes", s => new Normal(s[level], s[spread]), out var observed)
    .Build();

// The guide, q(level, spread): a distribution for each latent variable, whose numbers are trained.
var (levelLoc, levelScale) = (nn.Parameter(tensor(30f)), Param.Positive(1.0));
var (spreadLoc, spreadScale) = (nn.Parameter(tensor(1f)), Param.Positive(0.5));
var guide = Guide.For(journeys)
    .Sample(level, _ => new Normal(levelLoc, levelScale))
    .Sample(spread, _ => new LogNormal(spreadLoc, spreadScale))
    .Build();

// The fit: the guide comes as near to the posterior p(level, spread | minutes) as it can.
using var svi = Svi.For(journeys, guide, Elbo.Trace(particles: 16), p => optim.Adam(p, lr: 0.02), seed: 1);
Console.WriteLine(svi.Explain(minutes));
Console.WriteLine(svi.Fit(minutes, steps: 1500));
Console.WriteLine(svi.Posterior(minutes).Summary());

// The check: does the guide reach the posterior, and would the fitted model make data like these?
var evidence = Evidence.ByImportance(journeys, guide, minutes, new RandomKey(1));
Console.WriteLine(evidence);
var again = Predictive.Posterior(journeys, guide, minutes, new RandomKey(2), draws: 1000, sites: [observed])[observed];
var asLong = again.mean([1L]).ge(minutes.mean()).to(ScalarType.Float32).mean().item<float>();
Console.WriteLine($"Of 1,000 new dozens of journeys, {asLong:P0} take as long as these or longer.");
Console.WriteLine(asLong is > 0.05f and < 0.95f ? "The model fits its data." : "The model does not fit its data.");
