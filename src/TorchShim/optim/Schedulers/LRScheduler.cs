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
            /// <summary>Changes an optimizer's learning rates from epoch to epoch.</summary>
            public abstract class LRScheduler
            {
                protected int _step_count;

                internal readonly Optimizer? _optimizer;
                internal readonly double[] _base_lrs = [];
                internal double[] _last_lrs = [];
                internal int _last_epoch = -1;
                private readonly bool _verbose;

                protected LRScheduler()
                {
                }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = Groups.Select(group => group.InitialLearningRate).ToArray();
                    _last_lrs = Rates();
                }

                internal IEnumerable<ILearningRateController> Groups => _optimizer!.ParamGroups;

                public virtual void step() => step(null);

                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? (_last_epoch + 1);
                    var rates = (epoch is null ? get_lr() : get_closed_form_lr()).ToArray();
                    foreach (var (group, rate) in Groups.Zip(rates))
                    {
                        if (_verbose && group.LearningRate != rate)
                        {
                            Console.WriteLine($"Adjusting learning rate to {rate}");
                        }
                        group.LearningRate = rate;
                    }
                    _last_lrs = rates;
                }

                /// <summary>Takes a step; only schedulers that watch a metric look at <paramref name="current"/>.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>Gives the rates of this epoch from those of the epoch before.</summary>
                protected virtual IEnumerable<double> get_lr() => Rates();

                /// <summary>Gives the rates of this epoch from the initial ones.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                internal double[] Rates() => Groups.Select(group => group.LearningRate).ToArray();

                internal double[] RatesTimes(double factor) => Groups.Select(group => group.LearningRate * factor).ToArray();

                internal double[] BaseRatesTimes(double factor) => Array.ConvertAll(_base_lrs, rate => rate * factor);
            }
        }
    }
}
