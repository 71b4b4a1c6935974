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
                /// <summary>Takes the rate up to max_lr and down to far below the first one, and momentum the other way round.</summary>
                public class OneCycleLR : LRScheduler
                {
                    private readonly int _total_steps;
                    private readonly AnnealStrategy _anneal_strategy;
                    private readonly bool _cycle_momentum;
                    private readonly Phase[][] _phases;

                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25.0, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, ForEachGroup(optimizer, max_lr), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, ForEachGroup(optimizer, base_momentum), ForEachGroup(optimizer, max_momentum), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    {
                    }

                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null, double div_factor = 25.0, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _total_steps = total_steps > 0 ? total_steps : epochs * steps_per_epoch;
                        if (_total_steps <= 0 || (total_steps <= 0 && epochs <= 0))
                        {
                            throw new ArgumentException("Give either total_steps or both epochs and steps_per_epoch, each greater than 0.", nameof(total_steps));
                        }
                        if (!(pct_start >= 0 && pct_start <= 1))
                        {
                            throw new ArgumentException($"pct_start must lie between 0 and 1, but it is {pct_start}.", nameof(pct_start));
                        }
                        if (cycle_momentum && Groups.Any(group => group is not (IMomentum or IBetas)))
                        {
                            throw new ArgumentException("The optimizer has no momentum to cycle; pass cycle_momentum: false.", nameof(cycle_momentum));
                        }
                        _anneal_strategy = anneal_strategy;
                        _cycle_momentum = cycle_momentum;
                        var least = (base_momentum ?? ForEachGroup(optimizer, 0.85)).ToArray();
                        var most = (max_momentum ?? ForEachGroup(optimizer, 0.95)).ToArray();
                        _phases = max_lr
                            .Select((peak, group) => Phases(peak, peak / div_factor, peak / div_factor / final_div_factor, least[group], most[group], pct_start, three_phase))
                            .ToArray();
                        step();
                    }

                    public enum AnnealStrategy
                    {
                        Cos,
                        Linear,
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch > _total_steps)
                        {
                            throw new InvalidOperationException($"The cycle has {_total_steps} steps, and this is one more.");
                        }
                        return Groups.Zip(_phases, Rate).ToArray();
                    }

                    private static IEnumerable<double> ForEachGroup(Optimizer optimizer, double value) => optimizer.ParamGroups.Select(_ => value);

                    private Phase[] Phases(double peak, double first, double last, double least, double most, double share, bool threePhase)
                    {
                        var up = new Phase((share * _total_steps) - 1, first, peak, most, least);
                        var end = _total_steps - 1.0;
                        return threePhase
                            ? [up, new Phase((2 * share * _total_steps) - 2, peak, first, least, most), new Phase(end, first, last, most, most)]
                            : [up, new Phase(end, peak, last, least, most)];
                    }

                    private double Rate(ILearningRateController group, Phase[] phases)
                    {
                        var place = Array.FindIndex(phases, phase => _last_epoch <= phase.End);
                        place = place < 0 ? phases.Length - 1 : place;
                        var phase = phases[place];
                        var begin = place == 0 ? 0.0 : phases[place - 1].End;
                        var share = (_last_epoch - begin) / (phase.End - begin);
                        if (_cycle_momentum)
                        {
                            SetMomentum(group, Between(phase.FirstMomentum, phase.LastMomentum, share));
                        }
                        return Between(phase.FirstRate, phase.LastRate, share);
                    }

                    private double Between(double first, double last, double share) => _anneal_strategy == AnnealStrategy.Cos
                        ? last + ((first - last) / 2 * (Math.Cos(Math.PI * share) + 1))
                        : first + ((last - first) * share);

                    private static void SetMomentum(ILearningRateController group, double value)
                    {
                        if (group is IBetas betas)
                        {
                            betas.Betas = (value, betas.Betas.Item2);
                        }
                        else
                        {
                            ((IMomentum)group).Momentum = value;
                        }
                    }

                    private sealed record Phase(double End, double FirstRate, double LastRate, double FirstMomentum, double LastMomentum);
                }
            }
        }
    }
}
