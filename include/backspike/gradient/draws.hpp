#pragma once
// What a network draws in training: dropout, whose factors stay the same over a sample, and noise, a current of every
// neuron and step. Every number is a function of (seed, epoch, sample, population or connection, step, neuron), so that
// a step that runs again draws the same, whoever runs it.
//
// A neuron that is dropped sends nothing; the others send 1 / (1 - p) times as much, so that the mean of what arrives
// is that without dropout (Srivastava et al. 2014, JMLR 15, 1929-1958; inverted). Its own spikes, their number and
// their price, and what the objective reads of it, stay what they are.

#include <backspike/core/aligned.hpp>
#include <backspike/core/memory_plan.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/scalar/scalar.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace backspike {

/// Of one sample. One that was never drawn has factors of 1 and no noise.
class sample_draws {
 public:
  sample_draws() = default;
  /// Plans and draws.
  sample_draws(const network& net, const batch_draws& from, std::uint32_t sample);

  /// Room for the factors of a network; none if it draws nothing.
  void plan(memory_plan& m, const network& net);
  /// Another sample, in memory that was planned; nothing if `from` is not enabled, or the network draws nothing.
  void draw(const network& net, const batch_draws& from, std::uint32_t sample);

  bool any() const { return net_ != nullptr; }

  /// [sources] what connection k multiplies with what its source sends; empty: 1.
  std::span<const float> factors(std::size_t k) const {
    return any() ? std::span<const float>(of_connection_[k]) : std::span<const float>();
  }
  /// [units] the factors that the dropout of population q has on all that it sends; empty: 1.
  std::span<const float> factors_of_population(std::size_t q) const {
    return any() ? std::span<const float>(of_population_[q]) : std::span<const float>();
  }

  bool has_noise(std::size_t q) const { return any() && net_->populations()[q].spec.noise > 0.0; }
  /// Adds the noise of step t to the currents of population q, [padded units]; padding stays zero.
  void add_noise(std::size_t q, std::uint32_t t, float* current) const;
  /// The same for any scalar and any row of numbers; `row`: memory, [padded units].
  template <class Row>
  void add_noise(std::size_t q, std::uint32_t t, const Row& current, aligned_vector<float>& row) const {
    row.assign(net_->populations()[q].padded_units, 0.0f);
    add_noise(q, t, row.data());
    for (std::size_t n = 0; n < net_->populations()[q].units; ++n) {
      auto& sum = current[n];
      sum = sum + constant<std::remove_cvref_t<decltype(sum)>>(static_cast<double>(row[n]));
    }
  }

 private:
  void draw_population(std::uint32_t q, const batch_draws& from, std::uint32_t sample);
  void draw_connection(const connection& c, const batch_draws& from, std::uint32_t sample);

  const network* net_ = nullptr;
  std::vector<aligned_vector<float>> of_population_, of_connection_;
  std::vector<random_key> noise_;  // [populations]
};

}  // namespace backspike
