using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Multiplies the rate by factor when a metric has not improved for more than patience epochs.</summary>
                public class ReduceLROnPlateau : LRScheduler
                {
                    private readonly bool _minimizes;
                    private readonly bool _relative;
                    private readonly double _factor;
                    private readonly int _patience;
                    private readonly double _threshold;
                    private readonly int _cooldown;
                    private readonly double[] _min_lrs;
                    private readonly double _eps;
                    private double _best;
                    private int _badEpochs;
                    private int _cooldownLeft;

                    public ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string threshold_mode = "rel", int cooldown = 0, IList<double>? min_lr = null, double eps = 1e-8, bool verbose = false)
                        : base(optimizer, -1, verbose)
                    {
                        if (factor >= 1.0)
                        {
                            throw new ArgumentException($"The factor must be less than 1, but it is {factor}.", nameof(factor));
                        }
                        _minimizes = Chosen(mode, "min", "max", nameof(mode));
                        _relative = Chosen(threshold_mode, "rel", "abs", nameof(threshold_mode));
                        _factor = factor;
                        _patience = patience;
                        _threshold = threshold;
                        _cooldown = cooldown;
                        _eps = eps;
                        _min_lrs = min_lr is { Count: > 1 } ? min_lr.ToArray() : Enumerable.Repeat(min_lr is { Count: 1 } ? min_lr[0] : 0.0, _base_lrs.Length).ToArray();
                        _best = _minimizes ? double.PositiveInfinity : double.NegativeInfinity;
                    }

                    public override void step() => throw NeedsMetric();

                    public override void step(int? epoch) => throw NeedsMetric();

                    public override void step(double current, int? epoch = null)
                    {
                        _step_count++;
                        _last_epoch = epoch ?? (_last_epoch + 1);
                        if (IsBetter(current))
                        {
                            _best = current;
                            _badEpochs = 0;
                        }
                        else
                        {
                            _badEpochs++;
                        }
                        if (_cooldownLeft > 0)
                        {
                            _cooldownLeft--;
                            _badEpochs = 0;
                        }
                        if (_badEpochs > _patience)
                        {
                            Reduce();
                            _cooldownLeft = _cooldown;
                            _badEpochs = 0;
                        }
                        _last_lrs = Rates();
                    }

                    private static bool Chosen(string value, string first, string second, string argument) =>
                        value == first || (value == second ? false : throw new ArgumentException($"{argument} must be '{first}' or '{second}', but it is '{value}'.", argument));

                    private static InvalidOperationException NeedsMetric() => new("ReduceLROnPlateau needs the metric it watches; call step(metric).");

                    private bool IsBetter(double current)
                    {
                        var sign = _minimizes ? -1 : 1;
                        var bar = _relative ? _best * (1 + (sign * _threshold)) : _best + (sign * _threshold);
                        return _minimizes ? current < bar : current > bar;
                    }

                    private void Reduce()
                    {
                        foreach (var (group, least) in Groups.Zip(_min_lrs))
                        {
                            var reduced = Math.Max(group.LearningRate * _factor, least);
                            if (group.LearningRate - reduced > _eps)
                            {
                                group.LearningRate = reduced;
                            }
                        }
                    }
                }
            }
        }
    }
}
