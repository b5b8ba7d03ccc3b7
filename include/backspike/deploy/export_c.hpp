#pragma once
// A trained network as one header and one source of C99 that need no library beyond libm, and a program around them
// that reads recorded input. Nothing is allocated; spikes are lists; what is on its way waits in rings.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/deploy/fixed_point.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace backspike {

struct c_export_options {
  std::string title = "network";                // for comments
  bool graded_input = false;                    // input events have values
  std::optional<fixed_point_spec> fixed_point;  // none: single precision
};

struct c_export {
  std::string header, source, main;  // network.h, network.c, main.c
  std::string weights;               // the weights as tables for people
  std::size_t flash = 0, ram = 0;    // bytes of tables and of buffers; code comes on top
};

/// Spikes of the C program are those of `unrolled` (gradient/unrolled.hpp) one by one in single precision, and those of
/// fixed_point_run (deploy/fixed_point_run.hpp) in fixed point. Throws value_error naming what C cannot do: a cell that
/// a program registered, in fixed point a cell whose step divides, a number that does not fit.
c_export export_c(const network& net, const arena<float>& parameters, const c_export_options& options = {});

/// What the program reads: samples one after the other, each begun by a line `reset`, a line for each step.
std::string recorded_input(const dataset& data, std::span<const std::uint32_t> samples);

/// What it prints for them where `traces` is what the network gives, [rows][outputs].
std::string expected_output(const network& net, const dataset& data, std::span<const std::uint32_t> samples,
                            std::span<const double> traces, bool fixed_point = false);

}  // namespace backspike
