#pragma once
// One sample on the hard network, again and again with a few input spikes changed: states are kept at some steps of it,
// so that a change costs only what comes after it. The bits are those of the whole sample run at once.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace backspike {

/// A network made ready once, for the replays of any number of samples on any number of threads.
class replay_network {
 public:
  /// Network, objective and parameters must outlive it. Throws numeric_error if a parameter is not finite, and
  /// value_error if the objective is not for this network.
  replay_network(const network& net, const objective_spec& objective, const arena<float>& parameters,
                 thread_pool& pool);
  ~replay_network();

 private:
  friend class replay;
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// Of a sample's own loss, without penalties on activity, and the class that the first output tells; -1: none.
struct replay_result {
  double loss = 0.0;
  std::int32_t predicted = -1;
};

/// What one thread needs; the network must outlive it.
class replay {
 public:
  explicit replay(const replay_network& of);
  ~replay();
  replay(replay&&) noexcept;

  /// Runs the whole sample and keeps its states. Throws as unrolled::forward.
  replay_result start(const dataset& data, std::uint32_t sample);
  /// What it gives with the input of `changed`, a data set that differs only in this sample's events, from step `first`
  /// on, from what was started with or kept last. The second one keeps what it ran, for those to come.
  replay_result attempt(const dataset& changed, std::size_t first);
  replay_result keep(const dataset& changed, std::size_t first);

  /// Steps run since construction: what it has cost.
  std::uint64_t steps() const;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace backspike
