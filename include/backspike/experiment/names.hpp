#pragma once
// How each choice of an experiment is spelled, in files, messages and reports: the one list.

#include <backspike/experiment/experiment.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace backspike {

template <class Enum>
struct enum_name {
  Enum value;
  std::string_view name;
};

/// Every value of Enum with its spelling. A new value is one entry here; a new enum one specialisation.
template <class Enum>
inline constexpr std::array<enum_name<Enum>, 0> enum_names{};

template <>
inline constexpr auto enum_names<data_source> = std::to_array<enum_name<data_source>>({
    {data_source::fashion_mnist, "fashion_mnist"},
    {data_source::idx, "idx"},
    {data_source::wav_digits, "wav_digits"},
    {data_source::spike_hdf5, "spike_hdf5"},
    {data_source::ecg_qtdb, "ecg_qtdb"},
    {data_source::pattern_generation, "pattern_generation"},
    {data_source::spike_pattern, "spike_pattern"},
    {data_source::evidence_accumulation, "evidence_accumulation"},
    {data_source::delay_recovery, "delay_recovery"},
    {data_source::coincidence, "coincidence"},
    {data_source::regression_waveforms, "regression_waveforms"},
    {data_source::psp_readout, "psp_readout"},
    {data_source::spike_timing, "spike_timing"},
    {data_source::mackey_glass, "mackey_glass"},
    {data_source::none, "none"},
});

template <>
inline constexpr auto enum_names<encoder_kind> = std::to_array<enum_name<encoder_kind>>({
    {encoder_kind::latency, "latency"},
    {encoder_kind::poisson, "poisson"},
    {encoder_kind::current, "current"},
    {encoder_kind::delta, "delta"},
});

template <>
inline constexpr auto enum_names<time_unit> = std::to_array<enum_name<time_unit>>({
    {time_unit::automatic, "auto"},
    {time_unit::s, "s"},
    {time_unit::ms, "ms"},
    {time_unit::us, "us"},
});

template <>
inline constexpr auto enum_names<duplicate_events> = std::to_array<enum_name<duplicate_events>>({
    {duplicate_events::one, "one"},
    {duplicate_events::count, "count"},
});

template <>
inline constexpr auto enum_names<rule_kind> = std::to_array<enum_name<rule_kind>>({
    {rule_kind::bptt, "bptt"},
    {rule_kind::checkpointed_bptt, "checkpointed_bptt"},
    {rule_kind::truncated_bptt, "truncated_bptt"},
    {rule_kind::rtrl, "rtrl"},
    {rule_kind::eprop, "eprop"},
});

template <>
inline constexpr auto enum_names<eprop_form> = std::to_array<enum_name<eprop_form>>({
    {eprop_form::automatic, "auto"},
    {eprop_form::backward, "backward"},
    {eprop_form::forward, "forward"},
});

template <>
inline constexpr auto enum_names<feedback_kind> = std::to_array<enum_name<feedback_kind>>({
    {feedback_kind::symmetric, "symmetric"},
    {feedback_kind::random, "random"},
    {feedback_kind::adaptive, "adaptive"},
});

template <>
inline constexpr auto enum_names<arithmetic_kind> = std::to_array<enum_name<arithmetic_kind>>({
    {arithmetic_kind::separate, "separate"},
    {arithmetic_kind::fused, "fused"},
    {arithmetic_kind::bfloat16, "bfloat16"},
});

template <>
inline constexpr auto enum_names<checkpoint_kind> = std::to_array<enum_name<checkpoint_kind>>({
    {checkpoint_kind::automatic, "auto"},
    {checkpoint_kind::fixed, "fixed"},
});

template <>
inline constexpr auto enum_names<surrogate_kind> = std::to_array<enum_name<surrogate_kind>>({
    {surrogate_kind::fast_sigmoid, "fast_sigmoid"},
    {surrogate_kind::arctangent, "arctangent"},
    {surrogate_kind::triangle, "triangle"},
    {surrogate_kind::sigmoid, "sigmoid"},
    {surrogate_kind::boxcar, "boxcar"},
    {surrogate_kind::gaussian, "gaussian"},
    {surrogate_kind::multi_gaussian, "multi_gaussian"},
});

template <>
inline constexpr auto enum_names<reset_kind> = std::to_array<enum_name<reset_kind>>({
    {reset_kind::subtract, "subtract"},
    {reset_kind::to_value, "to_value"},
    {reset_kind::none, "none"},
});

template <>
inline constexpr auto enum_names<weight_init> = std::to_array<enum_name<weight_init>>({
    {weight_init::fluctuation, "fluctuation"},
    {weight_init::identity, "identity"},
    {weight_init::automatic, "auto"},
});

template <>
inline constexpr auto enum_names<parameter_sharing> = std::to_array<enum_name<parameter_sharing>>({
    {parameter_sharing::layer, "layer"},
    {parameter_sharing::channel, "channel"},
    {parameter_sharing::neuron, "neuron"},
});

template <>
inline constexpr auto enum_names<delay_sharing> = std::to_array<enum_name<delay_sharing>>({
    {delay_sharing::synapse, "synapse"},
    {delay_sharing::source, "source"},
    {delay_sharing::target, "target"},
});

template <>
inline constexpr auto enum_names<delay_kernel> = std::to_array<enum_name<delay_kernel>>({
    {delay_kernel::gaussian, "gaussian"},
    {delay_kernel::linear, "linear"},
});

template <>
inline constexpr auto enum_names<delay_init> = std::to_array<enum_name<delay_init>>({
    {delay_init::uniform, "uniform"},
    {delay_init::constant, "constant"},
    {delay_init::normal, "normal"},
});

template <>
inline constexpr auto enum_names<width_schedule> = std::to_array<enum_name<width_schedule>>({
    {width_schedule::constant, "constant"},
    {width_schedule::linear, "linear"},
    {width_schedule::exponential, "exponential"},
    {width_schedule::cosine, "cosine"},
});

template <>
inline constexpr auto enum_names<parameter_distribution> = std::to_array<enum_name<parameter_distribution>>({
    {parameter_distribution::constant, "constant"},
    {parameter_distribution::normal, "normal"},
    {parameter_distribution::uniform, "uniform"},
    {parameter_distribution::gamma, "gamma"},
    {parameter_distribution::split, "split"},
});

template <>
inline constexpr auto enum_names<parameter_transform> = std::to_array<enum_name<parameter_transform>>({
    {parameter_transform::clamp, "clamp"},
    {parameter_transform::exp, "exp"},
    {parameter_transform::sigmoid, "sigmoid"},
    {parameter_transform::softplus, "softplus"},
});

template <>
inline constexpr auto enum_names<loss_kind> = std::to_array<enum_name<loss_kind>>({
    {loss_kind::cross_entropy, "cross_entropy"},
    {loss_kind::step_cross_entropy, "step_cross_entropy"},
    {loss_kind::mean_squared, "mean_squared"},
    {loss_kind::mean_absolute, "mean_absolute"},
    {loss_kind::huber, "huber"},
    {loss_kind::class_spike_count, "class_spike_count"},
    {loss_kind::soft_alignment, "soft_alignment"},
    {loss_kind::jitter, "jitter"},
    {loss_kind::van_rossum, "van_rossum"},
    {loss_kind::spike_count, "spike_count"},
    {loss_kind::first_spike_time, "first_spike_time"},
});

template <>
inline constexpr auto enum_names<readout_kind> = std::to_array<enum_name<readout_kind>>({
    {readout_kind::max, "max"},
    {readout_kind::mean, "mean"},
    {readout_kind::last, "last"},
    {readout_kind::count, "count"},
    {readout_kind::first_spike, "first_spike"},
});

template <>
inline constexpr auto enum_names<optimiser_kind> = std::to_array<enum_name<optimiser_kind>>({
    {optimiser_kind::sgd, "sgd"},
    {optimiser_kind::adam, "adam"},
    {optimiser_kind::adamw, "adamw"},
});

template <>
inline constexpr auto enum_names<schedule_kind> = std::to_array<enum_name<schedule_kind>>({
    {schedule_kind::constant, "constant"},
    {schedule_kind::step, "step"},
    {schedule_kind::cosine, "cosine"},
    {schedule_kind::one_cycle, "one_cycle"},
});

/// The spelling of a value; empty for a number that is no value of Enum.
template <class Enum>
constexpr std::string_view name_of(Enum value) {
  static_assert(!enum_names<Enum>.empty(), "an enum without spellings: add them to enum_names");
  for (const auto& entry : enum_names<Enum>) {
    if (entry.value == value) {
      return entry.name;
    }
  }
  return {};
}

/// The value spelled `name`, if there is one.
template <class Enum>
constexpr std::optional<Enum> parse_name(std::string_view name) {
  static_assert(!enum_names<Enum>.empty(), "an enum without spellings: add them to enum_names");
  for (const auto& entry : enum_names<Enum>) {
    if (entry.name == name) {
      return entry.value;
    }
  }
  return std::nullopt;
}

}  // namespace backspike
