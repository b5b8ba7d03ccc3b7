#pragma once
// --fixed and what goes with it, of commands that run or write a network in fixed point.

#include <backspike/core/error.hpp>
#include <backspike/deploy/fixed_point.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>
#include <string>

namespace backspike::app {

struct fixed_options {
  bool asked = false;
  fixed_point_spec spec;
  bool asymmetric = false, changed = false;

  void add_to(CLI::App& command) {
    command.add_flag("--fixed", asked, "In fixed point: whole numbers instead of floats");
    add_bits(command, "--weight-bits", spec.weight_bits, "With --fixed: bits of a weight, 1 to 16");
    command
        .add_option_function<std::string>(
            "--weight-grid", [this](const std::string& name) { set_grid(name); },
            "With --fixed: what shares a step of the weights' grid, layer or channel")
        ->check(CLI::IsMember({"layer", "channel"}));
    command.add_flag_callback(
        "--asymmetric", [this] { spec.symmetric = false, changed = true; },
        "With --fixed: the grid's zero is where the weights want it, not in the middle");
    add_bits(command, "--state-bits", spec.state_bits, "With --fixed: bits of a state and a threshold, 4 to 32");
    add_bits(command, "--state-fraction", spec.state_fraction, "With --fixed: of these, those behind the point");
    add_bits(command, "--factor-bits", spec.factor_bits, "With --fixed: bits of decays and gains, 2 to 31");
  }

  /// Bits that nobody uses would change nothing, in silence.
  void require_asked() const {
    if (changed && !asked) {
      throw value_error("fixed point", "bits or grid", "given without --fixed", "--fixed, too");
    }
    if (asked) {
      check(spec);
    }
  }

 private:
  void add_bits(CLI::App& command, const std::string& name, int& bits, const std::string& help) {
    command
        .add_option_function<int>(
            name, [this, &bits](int n) { bits = n, changed = true; }, help)
        ->type_name("N");
  }
  void set_grid(const std::string& name) {
    spec.weight_grid = parse_name<grid_sharing>(name).value();  // the parser took no other
    changed = true;
  }
};

inline std::string text_of(const fixed_point_spec& s) {
  return fmt::format("weights of {} bits, {} grid for each {}; states of {} bits, {} behind the point; factors of {}",
                     s.weight_bits, s.symmetric ? "a symmetric" : "a", name_of(s.weight_grid), s.state_bits,
                     s.state_fraction, s.factor_bits);
}

inline nlohmann::ordered_json json_of(const fixed_point_spec& s) {
  return {{"weight_bits", s.weight_bits}, {"weight_grid", name_of(s.weight_grid)}, {"symmetric", s.symmetric},
          {"state_bits", s.state_bits},   {"state_fraction", s.state_fraction},    {"factor_bits", s.factor_bits}};
}

}  // namespace backspike::app
