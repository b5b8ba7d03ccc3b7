#pragma once
// The learning rule: which steps of a sample the error reaches, and what has to be kept for it.

#include <backspike/core/enum_names.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace backspike {

/// bptt               the whole sample, everything kept
/// checkpointed_bptt  the same gradient, bit by bit: states are kept at every `every`-th step, the rest runs again
/// truncated_bptt     the error of `stride` steps goes back over the last `window` steps, and no further
/// rtrl               the same gradient forward in time, in double; for small networks (gradient/rtrl.hpp)
/// eprop              eligibility traces and a broadcast error, forward in time or backward (gradient/eprop.hpp)
enum class rule_kind { bptt, checkpointed_bptt, truncated_bptt, rtrl, eprop };

/// What a rule keeps of a sample for the way back: all of it, the states at some steps, windows of it, or nothing: it
/// goes forward in time only. `by_form`: rule_spec::form decides between `checkpoints` and `nothing`.
enum class kept_states { all, checkpoints, windows, nothing, by_form };

/// What is known of a rule by its kind; what it does is in gradient/rules.hpp.
struct rule_info {
  rule_kind kind;
  std::string_view name;
  kept_states keeps;
  bool samples_alone = false;  // the engine runs samples one by one, never several as the rows of one matrix
};

/// Every learning rule.
inline constexpr auto rule_list = std::to_array<rule_info>({
    {rule_kind::bptt, "bptt", kept_states::all},
    {rule_kind::checkpointed_bptt, "checkpointed_bptt", kept_states::checkpoints},
    {rule_kind::truncated_bptt, "truncated_bptt", kept_states::windows},
    {rule_kind::rtrl, "rtrl", kept_states::nothing, true},
    {rule_kind::eprop, "eprop", kept_states::by_form, true},
});

template <>
inline constexpr auto enum_names<rule_kind> = names_in(rule_list);

constexpr const rule_info& info_of(rule_kind kind) { return *std::ranges::find(rule_list, kind, &rule_info::kind); }

/// How the distance of checkpoints is chosen: `automatic` takes the largest that fits the budget.
enum class checkpoint_kind { automatic, fixed };
template <>
inline constexpr auto enum_names<checkpoint_kind> = std::to_array<enum_name<checkpoint_kind>>({
    {checkpoint_kind::automatic, "auto"},
    {checkpoint_kind::fixed, "fixed"},
});

/// How products are added up where inputs have values and where errors go back: `separate` rounds a product and then
/// its sum, `fused` both at once, in half the instructions; a processor without them (before AVX2) emulates it, slowly.
/// `bfloat16` is `fused`, but rounds the factors of dense products to 16 bits; quick where the processor has
/// AVX512_BF16. Each has the same bits on every instruction set.
enum class arithmetic_kind { separate, fused, bfloat16 };
template <>
inline constexpr auto enum_names<arithmetic_kind> = std::to_array<enum_name<arithmetic_kind>>({
    {arithmetic_kind::separate, "separate"},
    {arithmetic_kind::fused, "fused"},
    {arithmetic_kind::bfloat16, "bfloat16"},
});

/// The matrices B that bring e-prop's error to hidden neurons; gradient/eprop.hpp has their equations.
enum class feedback_kind { symmetric, random, adaptive };
template <>
inline constexpr auto enum_names<feedback_kind> = std::to_array<enum_name<feedback_kind>>({
    {feedback_kind::symmetric, "symmetric"},
    {feedback_kind::random, "random"},
    {feedback_kind::adaptive, "adaptive"},
});

/// How e-prop's sums over time are taken; both have the same gradient to rounding, each the same bits everywhere.
/// backward   the engine's way back, cut between neurons: event-driven, keeps the sample's states or checkpoints
/// forward    eligibility traces: memory that does not grow with the sample, many times slower; what streams do
/// automatic  backward, unless no distance of checkpoints fits the memory; settle_rule decides, until then backward
enum class eprop_form { automatic, backward, forward };
template <>
inline constexpr auto enum_names<eprop_form> = std::to_array<enum_name<eprop_form>>({
    {eprop_form::automatic, "auto"},
    {eprop_form::backward, "backward"},
    {eprop_form::forward, "forward"},
});

struct rule_spec {
  rule_kind kind = rule_kind::bptt;
  checkpoint_kind memory = checkpoint_kind::automatic;  // checkpointed_bptt; eprop, backward
  std::uint32_t every = 32;                             // the same, fixed: steps between checkpoints
  double budget_mib = 0.0;                              // automatic: memory of a run [MiB]; 0: what the machine has
  std::uint32_t window = 64, stride = 32;               // truncated_bptt [steps]
  eprop_form form = eprop_form::automatic;              // eprop
  feedback_kind feedback = feedback_kind::symmetric;    // eprop
  double feedback_decay = 1e-3;                         // eprop, adaptive: for each update
  double target_rate = 10.0;                            // eprop: of every hidden neuron [Hz]
  double rate_coefficient = 0.0;                        // eprop: 0: no rate regularisation
  arithmetic_kind arithmetic = arithmetic_kind::fused;  // of the engine
  bool operator==(const rule_spec&) const = default;
};

constexpr bool has_forms(const rule_spec& rule) { return info_of(rule.kind).keeps == kept_states::by_form; }

/// True if a rule goes forward in time only: nothing of a sample is kept for a way back.
constexpr bool is_forward(const rule_spec& rule) {
  return info_of(rule.kind).keeps == kept_states::nothing || (has_forms(rule) && rule.form == eprop_form::forward);
}

/// True if states are kept at some steps only, and the rest runs again.
constexpr bool keeps_checkpoints(const rule_spec& rule) {
  return info_of(rule.kind).keeps == kept_states::checkpoints || (has_forms(rule) && !is_forward(rule));
}

/// True if the form is still to be chosen by what fits.
constexpr bool has_open_form(const rule_spec& rule) { return has_forms(rule) && rule.form == eprop_form::automatic; }

}  // namespace backspike
