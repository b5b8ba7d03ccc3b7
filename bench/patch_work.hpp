#pragma once
// The kernels of convolutions and pools at the sizes of conv-nmnist's second layer: 16 channels of 17 by 17 to 32, 3 by
// 3, and the pool before it.

#include "kernel_case.hpp"

namespace backspike::bench {

/// A step's spikes, one in 20 neurons, add their patches of weights.
kernel_work patch_add_work(const kernels::table& table);
/// The same spikes add their patches of errors, channel by channel.
kernel_work patch_sum_work(const kernels::table& table);
/// Errors back to one in four neurons.
kernel_work patch_send_work(const kernels::table& table);
/// Errors back over a pool of 2 by 2, from 17 by 17 to 34 by 34.
kernel_work pool_send_work(const kernels::table& table);

}  // namespace backspike::bench
