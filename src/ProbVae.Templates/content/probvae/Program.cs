using ProbVae;
using ProbVae.Reports;
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
var fit = svi.Fit(minutes, steps: 1500);
var posterior = svi.Posterior(minutes);
Console.WriteLine(fit);
Console.WriteLine(posterior.Summary());

// The check: does the guide reach the posterior, and would the fitted model make data like these?
var evidence = Evidence.ByImportance(journeys, guide, minutes, new RandomKey(1));
Console.WriteLine(evidence);
using var again = Predictive.Posterior(journeys, guide, minutes, new RandomKey(2), draws: 1000, sites: [observed]);
var asLong = again[observed].mean([1L]).ge(minutes.mean()).to(ScalarType.Float32).mean().item<float>();
Console.WriteLine($"Of 1,000 new dozens of journeys, {asLong:P0} take as long as these or longer.");

// The picture: a page to open in a browser.
new Report("Journeys", "How long a journey takes, and how much journeys differ.", [
    new Section("What was learnt", posterior.Summary().Intervals(), new SideBySide(posterior.Histogram(level), posterior.Histogram(spread))),
    new Section("Would the model make such data?",
        new SideBySide(again.Check(observed, minutes, all => all.mean(), "mean"), again.Check(observed, minutes, all => all.max(), "longest"))),
    new Section("The fit", new SideBySide(fit.History.Curve(), new ModelGraph("The model", journeys.Render(minutes)))),
]).Save("journeys.html");
Console.WriteLine("journeys.html has the pictures: open it in a browser.");
Console.WriteLine(asLong is > 0.05f and < 0.95f ? "The model fits its data." : "The model does not fit its data.");
