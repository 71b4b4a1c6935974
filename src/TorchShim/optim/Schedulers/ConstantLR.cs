using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The initial rate times factor until total_iters epochs have passed.</summary>
                public class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _total_iters;

                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _factor = factor;
                        _total_iters = total_iters;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0)
                        {
                            return RatesTimes(_factor);
                        }
                        return _last_epoch == _total_iters ? RatesTimes(1 / _factor) : Rates();
                    }

                    protected override IEnumerable<double> get_closed_form_lr() => BaseRatesTimes(_last_epoch >= _total_iters ? 1 : _factor);
                }
            }
        }
    }
}
