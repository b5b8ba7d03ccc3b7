#pragma once
// Exports a small problem as C, compiles it as a user would, or under sanitizers, and compares what it prints.

#include <backspike/deploy/export_c.hpp>
#include <backspike/deploy/fixed_point_run.hpp>
#include <backspike/gradient/unrolled.hpp>

#include "gradient/trial.hpp"
#include "paths.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace backspike::testing {

inline constexpr const char* as_documented = "cc -std=c99 *.c -lm";
inline constexpr const char* sanitized =
    "cc -std=c99 -Wall -Wextra -Wpedantic -Wshadow -Werror -fsanitize=address,undefined -fno-sanitize-recover=all "
    "*.c -lm";

inline std::string text_of_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// A compiled program in a folder of its own.
class c_program_run {
 public:
  c_program_run(const c_export& made, const std::string& compiler) {
    write("network.h", made.header);
    write("network.c", made.source);
    write("main.c", made.main);
    compiles_ = shell(compiler + " 2> compiler.txt") == 0;
    EXPECT_TRUE(compiles_) << text_of_file(folder_.at("compiler.txt"));
  }

  /// What it prints, and its exit code.
  std::string print(const std::string& input) {
    write("input.txt", input);
    code_ = shell("./a.out < input.txt > output.txt 2> errors.txt");
    return text_of_file(folder_.at("output.txt"));
  }
  int code() const { return code_; }
  std::string errors() const { return text_of_file(folder_.at("errors.txt")); }

  /// 0 where it is C that can become a circuit.
  int lint() const {
    return std::system(
        ("python3 " + source_folder() + "/tools/check_exported_c.py " + folder_.at("network.c")).c_str());
  }

 private:
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_.at(name)) << text; }
  int shell(const std::string& command) const {
    const int status = std::system(("cd " + folder_.path().string() + " && " + command).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  temporary_folder folder_;
  bool compiles_ = false;
  int code_ = 0;
};

/// What the network gives, in floats by the engine or in fixed point by its simulator.
inline std::vector<double> traces_of(const trial& t, const std::optional<fixed_point_spec>& fixed) {
  const auto parameters = t.float_parameters();
  thread_pool pool(2);
  if (fixed) {
    return fixed_point_network(t.net, parameters, *fixed, t.data.inputs.spikes.graded()).run(t.data, t.samples, pool);
  }
  unrolled engine(t.net, pool);
  const auto traces = engine.forward(parameters, {&t.data, t.samples}, false);
  return {traces.begin(), traces.end()};
}

/// Exported, compiled, run: what it prints is what the network gives, line by line. Returns the traces.
inline std::vector<double> expect_equal(const trial& t, const std::string& compiler,
                                        const std::optional<fixed_point_spec>& fixed = {}) {
  const auto parameters = t.float_parameters();
  const c_export made = export_c(t.net, parameters, {"test", t.data.inputs.spikes.graded(), fixed});
  const std::vector<double> traces = traces_of(t, fixed);
  c_program_run program(made, compiler);
  const std::string printed = program.print(recorded_input(t.data, t.samples));
  EXPECT_EQ(program.code(), 0) << program.errors();
  EXPECT_EQ(printed, expected_output(t.net, t.data, t.samples, traces, fixed.has_value()));
  EXPECT_EQ(program.lint(), 0);
  return traces;
}

/// How often outputs spike.
inline double spikes_of(const trial& t, const std::vector<double>& traces, std::size_t output) {
  const network_output& o = t.net.output(output);
  double sum = 0.0;
  for (std::size_t row = 0; row < traces.size() / t.net.outputs(); ++row) {
    for (std::size_t n = 0; n < o.units; ++n) {
      sum += traces[row * t.net.outputs() + o.first + n];
    }
  }
  return sum;
}

}  // namespace backspike::testing
