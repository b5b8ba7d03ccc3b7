#pragma once
// Training against an attack: what the samples of every batch are changed by before the network learns from them.

#include <backspike/core/enum_names.hpp>
#include <backspike/robustness/attack_norm.hpp>

#include <array>
#include <cstdint>

namespace backspike {

/// noise: every value moves at random. pgd: steps along the gradient [Madry et al. 2018, ICLR]. trades: the loss of the
/// sample as it is, and the divergence from what is told of it to what is told where that changes most [Zhang et al.
/// 2019, ICML].
enum class defence_kind { none, noise, pgd, trades };
template <>
inline constexpr auto enum_names<defence_kind> = std::to_array<enum_name<defence_kind>>({
    {defence_kind::none, "none"},
    {defence_kind::noise, "noise"},
    {defence_kind::pgd, "pgd"},
    {defence_kind::trades, "trades"},
});

struct defence_spec {
  defence_kind kind = defence_kind::none;
  double budget = 0.1;  // of a sample's change
  attack_norm norm = attack_norm::linf;
  std::uint32_t steps = 5;      // of pgd and trades
  double step_size = 0.0;       // over the budget; 0: 2.5 over the steps
  double width = 1.0;           // of the surrogate in the attack, over that of the network
  double encoder_width = 0.05;  // of the surrogate of the encoder's threshold, in units of a value
  double beta = 6.0;            // trades: weight of the divergence
  std::uint32_t rise = 0;       // epochs in which the budget grows from 0
  bool operator==(const defence_spec&) const = default;
};

}  // namespace backspike
