#pragma once
// Attacks: the input of every sample is changed within a budget so that the hard network tells a wrong class. An attack
// only proposes; what it reached is measured here, on the hard network, and the budget is checked again.

#include <backspike/core/arena.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/robustness/attack_norm.hpp>
#include <backspike/robustness/attack_samples.hpp>
#include <backspike/robustness/spike_options.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

/// What an attack changes: values before the encoder (of graded input: those that the network reads), or spikes.
enum class attack_space { values, spikes };
template <>
inline constexpr auto enum_names<attack_space> = std::to_array<enum_name<attack_space>>({
    {attack_space::values, "values"},
    {attack_space::spikes, "spikes"},
});

/// What an attack knows: the checklist holds attacks of different roles against each other.
enum class attack_role { one_step, iterated, random, without_gradient };
template <>
inline constexpr auto enum_names<attack_role> = std::to_array<enum_name<attack_role>>({
    {attack_role::one_step, "one_step"},
    {attack_role::iterated, "iterated"},
    {attack_role::random, "random"},
    {attack_role::without_gradient, "without_gradient"},
});

struct attack_options {
  std::string attack = "pgd";  // a name of attack_list()
  double budget = 0.1;         // largest size of the change of a sample, in `norm`
  attack_norm norm = attack_norm::linf;
  std::uint32_t steps = 40;            // of an iterated attack
  std::uint32_t restarts = 1;          // from random places; the first one starts at the sample itself
  double step_size = 0.0;              // first step over the budget; 0: the attack's own
  double width = 1.0;                  // of the surrogate in the attack, over that of the network
  double encoder_width = 0.05;         // of the surrogate of the encoder's threshold, in units of a value
  std::uint32_t draws = 1;             // of a random encoder for each gradient (EOT)
  std::uint32_t queries = 1000;        // of an attack without gradients: runs of the network for each sample
  std::optional<std::int32_t> target;  // the class to be told; none: any wrong one
  bool stops = true;                   // where the class is wrong; false: the loss is raised further
  std::uint64_t seed = 1;
  spike_options spikes{};  // of attacks on spikes
};

/// What is attacked; everything must outlive the attack.
struct attack_problem {
  const network& net;
  const objective_spec& objective;
  const arena<float>& parameters;
  thread_pool& pool;
  const attack_problem* source = nullptr;  // another network, which the attack looks at instead: transfer
};

/// What an attack proposes: changed values if it moves these, else changed inputs.
struct attack_proposal {
  std::vector<float> values;  // as those of the samples
  ragged_events inputs;
  std::vector<double> sizes;      // [samples] of the change; attacks on values leave it to the caller
  std::vector<double> predicted;  // [samples] gradient . change at the sample itself; empty: it takes no gradient
  std::vector<std::uint64_t> queries, gradients;  // [samples] runs of the network, and of them with the way back
};

using attack_progress = std::function<void(std::size_t done, std::size_t total)>;
/// Gets samples that the network tells right (with a target: that it does not tell as the target), a budget above 0 and
/// options that are checked.
using attack_function = attack_proposal(const attack_problem& problem, const attack_samples& samples,
                                        const attack_options& options, const attack_progress& progress);

struct attack_info {
  std::string_view name;
  attack_space space;
  attack_role role;
  std::string_view meaning;
  attack_function* run;
};

/// Every attack; a new one is a file of its own and an entry in src/robustness/attack/attack_list.cpp.
std::span<const attack_info> attack_list();
/// Throws value_error, naming those there are.
const attack_info& attack_named(std::string_view name);

struct attacked_sample {
  std::int32_t label = -1, before = -1, after = -1;  // classes: the true one, those told
  bool right = false;                                // was told right before
  bool attacked = false;                             // was right (with a target: another class than it)
  bool success = false;                              // attacked, and now wrong (with a target: the target)
  double size = 0.0;
  double loss_before = 0.0, loss_after = 0.0;
  double predicted = std::nan("");  // change of the loss that the gradient at the sample promises
  std::uint64_t queries = 0, gradients = 0;
};

struct attack_result {
  attack_options options;
  std::vector<attacked_sample> samples;
  attack_samples changed;  // the samples after the attack; those that were not attacked as they were
  double seconds = 0.0;

  double accuracy_before() const;
  double accuracy() const;      // share of the samples that are still told right
  double success_rate() const;  // of those attacked; NaN: none was
};

/// Throws value_error: a budget that is negative or not finite, a setting out of range, an unknown attack, one that
/// cannot take these samples (and why), a sample without label, a target that is no class, values out of their range,
/// an objective without classes; and what unrolled::forward throws. Budget 0 changes nothing. The result does not
/// depend on the number of threads.
attack_result run_attack(const attack_problem& problem, const attack_samples& samples, const attack_options& options,
                         const attack_progress& progress = {});

}  // namespace backspike
