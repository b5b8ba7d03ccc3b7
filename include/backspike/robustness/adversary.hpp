#pragma once
// The attack at work in training: it changes the samples of every batch before the network learns from them.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/robustness/attack_samples.hpp>
#include <backspike/robustness/defence_spec.hpp>

#include <cstdint>
#include <memory>
#include <span>

namespace backspike {

class adversary {
 public:
  /// Everything but the samples must outlive it; `parameters` are those that training moves. Throws value_error for
  /// what run_attack refuses.
  adversary(const defence_spec& defence, const network& net, const objective_spec& objective,
            const arena<float>& parameters, thread_pool& pool, attack_samples samples, std::uint64_t seed);
  ~adversary();

  /// The picked samples, changed, in this order. A function of parameters, epoch and batch. Valid until the next call.
  const dataset& attack(std::span<const std::uint32_t> picked, std::uint32_t epoch, std::uint64_t batch);

  /// Of trades, after attack(): the gradient of beta times the mean divergence between what the network tells of the
  /// samples and of the changed ones, added to `gradient`.
  void add_divergence(arena<float>& gradient);

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace backspike
