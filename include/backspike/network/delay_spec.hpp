#pragma once
// What the delays of a connection are: who has one, where they start, and how sharply a spike arrives. A spike is
// spread over the integer delays b = 0 ... max by a kernel around a continuous delay d; see network/delay_kernel.hpp.

#include <backspike/core/enum_names.hpp>

#include <cstdint>

namespace backspike {

/// Every synapse, every source neuron (axonal) or every target neuron (dendritic) has a delay of its own.
enum class delay_sharing { synapse, source, target };
template <>
inline constexpr auto enum_names<delay_sharing> = std::to_array<enum_name<delay_sharing>>({
    {delay_sharing::synapse, "synapse"},
    {delay_sharing::source, "source"},
    {delay_sharing::target, "target"},
});

/// gaussian: a softmax over -(b - d)^2 / (2 width^2); linear: between the two neighbouring integers.
enum class delay_kernel { gaussian, linear };
template <>
inline constexpr auto enum_names<delay_kernel> = std::to_array<enum_name<delay_kernel>>({
    {delay_kernel::gaussian, "gaussian"},
    {delay_kernel::linear, "linear"},
});

/// uniform: over the whole range; constant: all at `value`; normal: around `value`, within the range.
enum class delay_init { uniform, constant, normal };
template <>
inline constexpr auto enum_names<delay_init> = std::to_array<enum_name<delay_init>>({
    {delay_init::uniform, "uniform"},
    {delay_init::constant, "constant"},
    {delay_init::normal, "normal"},
});

/// How the width goes from `from` to `to`.
enum class width_schedule { constant, linear, exponential, cosine };
template <>
inline constexpr auto enum_names<width_schedule> = std::to_array<enum_name<width_schedule>>({
    {width_schedule::constant, "constant"},
    {width_schedule::linear, "linear"},
    {width_schedule::exponential, "exponential"},
    {width_schedule::cosine, "cosine"},
});

/// The least width of a gaussian kernel that is learned with [steps]; 0 stands for the integer next to each delay.
inline constexpr double least_delay_width = 0.05;

/// The width of a gaussian kernel, its standard deviation [steps]: annealed over the first epochs, or learned.
struct delay_width_spec {
  double from = 12.0, to = 0.5;  // [steps]
  width_schedule schedule = width_schedule::exponential;
  double share = 0.25;  // of the epochs, after which it is `to`
  bool learn = false;   // every delay has a width of its own, which starts at `from` and knows no schedule
  bool operator==(const delay_width_spec&) const = default;
};

struct delay_spec {
  delay_sharing per = delay_sharing::synapse;
  std::uint32_t max = 0;  // [steps] largest delay; 0: the connection has none
  delay_init init = delay_init::uniform;
  double value = 0.0;   // [steps] constant, normal
  double spread = 1.0;  // [steps] normal: standard deviation
  bool learn = true;
  delay_kernel kernel = delay_kernel::gaussian;
  delay_width_spec width;  // gaussian
  bool operator==(const delay_spec&) const = default;
};

}  // namespace backspike
