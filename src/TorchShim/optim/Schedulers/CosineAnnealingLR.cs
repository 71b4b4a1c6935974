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
                /// <summary>Half a cosine from the initial rate at epoch 0 to eta_min at epoch T_max.</summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double _T_max;
                    private readonly double _eta_min;

                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0.0, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _T_max = T_max;
                        _eta_min = eta_min;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0)
                        {
                            return Rates();
                        }
                        // At the bottom of the cosine the ratio of successive rates does not exist.
                        return (_last_epoch - 1 - _T_max) % (2 * _T_max) == 0
                            ? Rates().Zip(_base_lrs, (rate, start) => rate + ((start - _eta_min) * (1 - Math.Cos(Math.PI / _T_max)) / 2))
                            : Rates().Select(rate => (Height(_last_epoch) / Height(_last_epoch - 1) * (rate - _eta_min)) + _eta_min);
                    }

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(start => _eta_min + ((start - _eta_min) * Height(_last_epoch) / 2));

                    private double Height(int epoch) => 1 + Math.Cos(Math.PI * epoch / _T_max);
                }
            }
        }
    }
}
