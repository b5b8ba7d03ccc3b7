// What running a network costs, as rows of a table, as text and as JSON.

#include <backspike/experiment/complexity.hpp>

#include "experiment/folder/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// 1234567 as "1,234,567".
std::string grouped(double value) {
  auto text = fmt::format("{:.0f}", value);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3) {
    text.insert(static_cast<std::size_t>(i), 1, ',');
  }
  return text;
}

std::string share(double part, double whole) {
  return whole > 0 ? fmt::format(" ({:.2f} % of dense)", 100 * part / whole) : "";
}

std::string sparsity(double value) {
  return std::isnan(value) ? "none: no spiking layer" : fmt::format("{:.4f}", value);
}

}  // namespace

std::vector<energy_row> energy_table(const complexity& c) {
  const auto& o = c.operations;
  return {
      {"effective ACs", grouped(o.effective_acs) + share(o.effective_acs, o.dense),
       "additions a sample: each spike times the weights other than 0 that leave its neuron"},
      {"effective MACs", grouped(o.effective_macs) + share(o.effective_macs, o.dense),
       "multiply-adds a sample: the same for graded values, which are not 0 or +-1"},
      {"dense operations", grouped(o.dense), "multiply-adds a sample if every weight took part in every step"},
      {"neuron updates", grouped(c.membrane_updates), "a sample: every neuron in every step, spike or not"},
      {"activation sparsity", sparsity(c.activation_sparsity),
       "share of neurons and steps without a spike, in spiking layers"},
      {"connection sparsity", sparsity(c.connection_sparsity), "share of the weights that are 0"},
      {"footprint", grouped(static_cast<double>(c.footprint)) + " bytes",
       "parameters, and the states of one sample, as 32-bit numbers"},
  };
}

std::string energy_text(const complexity& c) {
  const auto rows = energy_table(c);
  std::size_t widest = 0;
  for (const auto& row : rows) {
    widest = std::max(widest, row.value.size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("  {:<20} {:<{}}  {}\n", row.name, row.value, widest, row.meaning);
  }
  return text;
}

std::string to_json(const complexity& c) {
  const nlohmann::ordered_json object{{"synaptic_operations",
                                       {{"effective_acs", c.operations.effective_acs},
                                        {"effective_macs", c.operations.effective_macs},
                                        {"dense", c.operations.dense}}},
                                      {"membrane_updates", c.membrane_updates},
                                      {"activation_sparsity", c.activation_sparsity},  // JSON has no NaN: null
                                      {"connection_sparsity", c.connection_sparsity},
                                      {"footprint", c.footprint}};
  return json_ascii(object);
}

}  // namespace backspike
