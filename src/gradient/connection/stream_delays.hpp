#pragma once
// A connection with delays, one step at a time. A spike schedules its row of weights into a ring of the currents of the
// next max + 1 steps; the present one is read and cleared. Every current is 0, plus what every spike brings, in the
// order of steps and of sources within a step: the bits of the engine, see delayed.hpp.
//
// E-prop asks for what arrives at a synapse before its weight: x_ij^t = sum_b k_ij(b) z_i^{t - b}. No ring holds it for
// every synapse; it is made when it is asked for from what the sources sent in the last max + 1 steps.

#include <backspike/core/memory_plan.hpp>

#include <backspike/core/aligned.hpp>
#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// The kernels of a connection whose delays stand still: one for each delay, shared by the synapses that share it.
struct frozen_kernels {
  const connection* of = nullptr;
  std::size_t used = 0;              // taps of a kernel at most
  std::size_t columns = 0;           // of the parameter with the delays
  std::vector<std::uint32_t> first;  // [delays] delay of the first tap; all lie within the range
  std::vector<double> taps;          // [delays][used]

  /// Room for so many delays, of `used_taps` at most.
  void plan(memory_plan& m, std::size_t delays, std::size_t used_taps);
  /// At the largest width that training lets the connection have.
  void plan(memory_plan& m, const network& net);

  /// Reads delays and widths.
  template <class S>
  void read(const arena<S>& parameters);

  bool by_source() const { return of->late.per == delay_sharing::source; }
  std::size_t slots() const { return of->late.max + 1; }
  std::size_t delay_of(std::size_t source, const synapse& s) const {
    return of->delay_row(s) * columns + of->delay_column(source, s);
  }
};

template <class S>
class delayed_stream {
 public:
  delayed_stream() = default;
  /// The kernels must outlive it; `width`: targets padded. One that does not learn keeps the currents only. Of a plan
  /// that books there is nothing to run.
  delayed_stream(memory_plan& m, const frozen_kernels& kernels, std::size_t width, bool learns);

  void clear();

  /// Step `now`, one after the other: what `sent` [sources] holds sets out, what is there by now is added to `current`.
  void step(std::uint64_t now, const S* sent, const matrix_view<const S>& weight, S* current);

  /// What arrives in step `now`, before weights. Delays of sources: [sources]. Others: of one source, [width]; false if
  /// it is nothing.
  const S* arrived(std::uint64_t now);
  bool arrived(std::uint64_t now, std::size_t source, S* at_targets);

  /// Calls f(name, values) for every array that a continuation needs.
  template <class F>
  void visit(const std::string& name, const F& f) {
    f(name + "currents_in_flight", currents_);
    if (!sent_.empty()) {
      f(name + "sent", sent_);
    }
  }

 private:
  template <class Charge>
  void depart(std::uint64_t now, std::size_t source, const Charge& charge);
  template <class Charge>
  void depart_together(std::uint64_t now, std::size_t source, const Charge& charge);
  std::size_t recall(std::uint64_t now, std::size_t source);
  S smeared(std::size_t delay) const;
  void spread(std::size_t source, std::size_t count, S* at_targets) const;

  const frozen_kernels* kernels_ = nullptr;
  std::size_t sources_ = 0, width_ = 0;
  aligned_vector<S> currents_;     // [slots][width]
  aligned_vector<S> sent_;         // [sources][slots]; empty without learning
  aligned_vector<S> recent_;       // [slots] of one source, the newest first
  std::vector<std::size_t> when_;  // [slots] the steps ago at which that is not zero
  aligned_vector<S> arrived_;      // [sources]
};

}  // namespace backspike
