#pragma once
// The kernels of delays between two layers of 256, at delays of up to 25 steps and five taps (a width of 0.5).

#include "kernel_case.hpp"

namespace backspike::bench {

/// 768 spikes of a sample of 100 steps set out for 64 targets.
kernel_work departures_work(const kernels::table& table);
/// What the errors of 32 samples mean for the taps of four targets: 20 spikes of each source.
kernel_work tap_sums_work(const kernels::table& table);
/// Sixteen steps of eight samples go back from 16 targets to all sources.
kernel_work delayed_errors_work(const kernels::table& table);

}  // namespace backspike::bench
