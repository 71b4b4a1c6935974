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
                /// <summary>Runs schedulers one after the other, changing at the milestones.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;
                    private readonly int[] _milestones;

                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1)
                        : base(optimizer, last_epoch + 1)
                    {
                        _schedulers = schedulers.ToArray();
                        _milestones = milestones.ToArray();
                        if (_milestones.Length != _schedulers.Length - 1)
                        {
                            throw new ArgumentException($"There must be one scheduler more than milestones, but there are {_schedulers.Length} and {_milestones.Length}.", nameof(milestones));
                        }
                        if (_schedulers.Any(scheduler => !ReferenceEquals(scheduler._optimizer, optimizer)))
                        {
                            throw new ArgumentException("All schedulers in a sequence must be of the sequence's optimizer.", nameof(schedulers));
                        }
                        // The schedulers have set the first rates when they were made; only the first one's shall hold.
                        foreach (var group in Groups)
                        {
                            group.LearningRate = group.InitialLearningRate;
                        }
                        foreach (var scheduler in _schedulers)
                        {
                            scheduler._last_epoch--;
                        }
                        _schedulers[0].step();
                        _last_lrs = _schedulers[0]._last_lrs;
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        var place = _milestones.Count(milestone => milestone <= _last_epoch);
                        if (place > 0 && _milestones[place - 1] == _last_epoch)
                        {
                            _schedulers[place].step(0);
                        }
                        else
                        {
                            _schedulers[place].step();
                        }
                        return Rates();
                    }
                }
            }
        }
    }
}
