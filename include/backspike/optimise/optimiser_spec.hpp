#pragma once
// The settings of an optimiser: its kind, rates, schedule, and groups of parameters with settings of their own.

#include <backspike/core/enum_names.hpp>

#include <string>
#include <vector>

namespace backspike {

enum class optimiser_kind { sgd, adam, adamw };
template <>
inline constexpr auto enum_names<optimiser_kind> = std::to_array<enum_name<optimiser_kind>>({
    {optimiser_kind::sgd, "sgd"},
    {optimiser_kind::adam, "adam"},
    {optimiser_kind::adamw, "adamw"},
});

enum class schedule_kind { constant, step, cosine, one_cycle };
template <>
inline constexpr auto enum_names<schedule_kind> = std::to_array<enum_name<schedule_kind>>({
    {schedule_kind::constant, "constant"},
    {schedule_kind::step, "step"},
    {schedule_kind::cosine, "cosine"},
    {schedule_kind::one_cycle, "one_cycle"},
});

/// Parameters that are trained otherwise than the rest.
struct parameter_group {
  std::string match;  // of names such as "hidden1.tau_m"; * and ? stand for any letters, [..] for one of some
  double learning_rate_factor = 1.0;
  bool frozen = false;  // keeps its values, and its gradient does not count in the norm
  bool operator==(const parameter_group&) const = default;
};

struct optimiser_spec {
  optimiser_kind kind = optimiser_kind::adam;
  double learning_rate = 2e-3;
  double momentum = 0.9;      // sgd
  double beta1 = 0.9;         // adam, adamw
  double beta2 = 0.999;       // adam, adamw
  double epsilon = 1e-8;      // adam, adamw
  double weight_decay = 0.0;  // sgd and adam: added to the gradient; adamw: decoupled
  double clip_norm = 0.0;     // 0: no clipping; else the gradient's largest Euclidean norm
  schedule_kind schedule = schedule_kind::constant;
  double warmup = 0.0;                  // share of all steps over which the rate rises linearly from 0, in [0, 1)
  double final_rate = 0.0;              // cosine, one_cycle: rate at the end, as a share of learning_rate
  double step_every = 10;               // step: epochs between reductions
  double step_factor = 0.1;             // step: what each reduction multiplies the rate by
  std::vector<parameter_group> groups;  // the first that matches a parameter decides
  bool operator==(const optimiser_spec&) const = default;
};

}  // namespace backspike
