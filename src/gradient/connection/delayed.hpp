#pragma once
// Connections with delays. Time lies contiguous, one line for each target: a spike adds a few taps to every line, and
// what arrives is then read step by step. A current is 0, plus what every spike brings, in the order of their steps and
// of their sources within a step: the order of a stream, so that windows and single steps give the bits of the whole.
//
// Backward the errors on currents lie in such lines, too. What a spike's arrival was worth is gathered for each tap of
// each synapse, the last step first and, within a step, in the order of the samples; weights, delays and widths take
// their gradients from these sums once a batch. What lies beyond an end of a window comes from its neighbours: spikes
// of the steps before, which set out again, and errors of the steps after.

#include "gradient/engine/workspace.hpp"
#include "gradient/gather/gather_plan.hpp"
#include "kernels/kernel_table.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

struct pass;

/// The taps of one connection, made once a batch: weight times kernel, padded with zeros.
struct delayed_taps {
  std::size_t targets = 0;
  std::size_t used = 0, lanes = 0;             // taps of a synapse at most; padded to pieces of eight
  std::vector<std::uint32_t> first;            // [source][target] delay of the first tap
  std::vector<std::uint32_t> first_by_target;  // [target][source]
  aligned_vector<float> taps;                  // [source][target][lanes]

  /// For a connection whose kernels have `used` taps at most.
  void plan(memory_plan& m, const network& net, const connection& c, std::size_t used_taps);

  /// Of all sources, for some targets.
  kernels::tap_rows rows(std::size_t target, std::size_t count) const {
    return {taps.data() + target * lanes, first.data() + target, targets, count, lanes};
  }
};

/// Makes the taps of all connections with delays.
void prepare_delays(pass& p, thread_pool& pool);

/// Adds what connection k brings to the window of sample i. `start`: what its rows of currents begin with; null: what
/// is there.
void add_delayed(const pass& p, in_flight_batch& c, std::size_t i, std::size_t k, worker_scratch& w,
                 const float* start);

/// The same for a connection within a component: spikes set out as they come.
class delayed_loop {
 public:
  delayed_loop(const pass& p, in_flight_batch& c, std::size_t i, std::size_t k, worker_scratch& w);
  /// Sends the spikes of before the window.
  void start();
  /// Adds to the current of step t what arrives there.
  void arrive(std::size_t t);
  /// Sends the spikes of step t.
  void depart(std::size_t t);

 private:
  const pass& p_;
  in_flight_batch& c_;
  std::size_t i_, k_;
  worker_scratch& w_;
  float* lines_;
  std::size_t stride_;
};

/// Starts the lines of errors of an inlet: nothing before the window, behind it what the later one left.
void start_lines(const pass& p, in_flight_batch& c, std::size_t i, std::size_t inlet, bool has_later);
/// Copies the errors on currents of some steps to their lines.
void write_lines(const pass& p, in_flight_batch& c, std::size_t i, std::size_t inlet, std::size_t first,
                 std::size_t count);

/// The taps of all connections at the largest widths that training lets them have, and the sums over them.
void plan_delays(memory_plan& m, const network& net);

/// Sums over the taps of a batch: clear, add a window, make gradients of them.
void start_gathering_delayed(const pass& p, gather_plan& plan);
void gather_delayed(const pass& p, const in_flight_batch& c, thread_pool& pool, gather_plan& plan);
void finish_gathering_delayed(const pass& p, thread_pool& pool, const gather_plan& plan, arena<float>& gradient);

}  // namespace backspike
