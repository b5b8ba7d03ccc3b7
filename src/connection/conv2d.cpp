// The grids of a convolution: what fits, and what it comes to.

#include <backspike/connection/conv2d.hpp>

namespace backspike::connections {
namespace {

enum setting : std::size_t { height, width, kernel, stride, padding, settings };

std::string text_of(double x) { return std::to_string(static_cast<std::uint64_t>(x)); }

/// Targets along an axis; 0: the kernel is larger than the padded grid.
std::uint64_t targets_along(const synapse_request& r, setting axis) {
  const auto number = [&](setting s) { return static_cast<std::uint64_t>(r.settings[s]); };
  const std::uint64_t padded = number(axis) + 2 * number(padding);
  return padded < number(kernel) ? 0 : (padded - number(kernel)) / number(stride) + 1;
}

}  // namespace

std::optional<synapse_problem> conv2d::problem(const synapse_request& r) {
  for (std::size_t s = 0; s < settings; ++s) {
    if (r.settings[s] != static_cast<double>(static_cast<std::uint64_t>(r.settings[s]))) {
      return synapse_problem{std::string(fields[s].name), std::to_string(r.settings[s]), "a whole number"};
    }
  }
  const auto grid = static_cast<std::uint64_t>(r.settings[height] * r.settings[width]);
  if (r.sources % grid != 0) {
    return synapse_problem{"height", text_of(r.settings[height]) + " by " + text_of(r.settings[width]),
                           "a grid that divides the " + std::to_string(r.sources) + " neurons before it into channels"};
  }
  const std::uint64_t out = targets_along(r, height) * targets_along(r, width);
  if (out == 0) {
    return synapse_problem{"kernel", text_of(r.settings[kernel]), "at most the height and the width, padding included"};
  }
  if (r.targets % out != 0) {
    return synapse_problem{"kind", "conv2d to " + std::to_string(r.targets) + " neurons",
                           "channels of " + std::to_string(targets_along(r, height)) + " by " +
                               std::to_string(targets_along(r, width)) + " neurons, a multiple of " +
                               std::to_string(out)};
  }
  return std::nullopt;
}

void conv2d::plan(const synapse_request& r, synapse_plan& p) {
  for (std::size_t s = 0; s < settings; ++s) {
    p.numbers[s] = static_cast<std::uint32_t>(r.settings[s]);
  }
  p.numbers[5] = static_cast<std::uint32_t>(r.sources) / (p.numbers[0] * p.numbers[1]);
  p.numbers[7] = static_cast<std::uint32_t>(targets_along(r, height));
  p.numbers[8] = static_cast<std::uint32_t>(targets_along(r, width));
  p.numbers[6] = static_cast<std::uint32_t>(r.targets) / (p.numbers[7] * p.numbers[8]);
}

}  // namespace backspike::connections
