// Data for the kernels of delays: taps, lines of time, and spikes in the order of their steps.

#include "tap_work.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/core/random.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace backspike::bench {
namespace {

constexpr std::size_t units = 256, used = 5, most_delay = 25, piece = kernels::vec8_lanes;
constexpr double in_float = 4.0;  // bytes

/// Taps of a layer, lines, and spikes in the order of their steps.
struct layer {
  aligned_vector<float> taps = aligned_vector<float>(units * units * piece, 0.0f), lines, out;
  std::vector<std::uint32_t> first, ids, at, begin;
  std::size_t stride;

  layer(std::size_t lines_, std::size_t line, std::size_t sums) : lines(lines_ * line, 0.5f), out(sums), stride(line) {
    random_stream random(5, random_purpose::test, 0);
    for (std::size_t k = 0; k < units * units; ++k) {
      first.push_back(random.below(most_delay + 2 - used));
      for (std::size_t n = 0; n < used; ++n) {
        taps[k * piece + n] = static_cast<float>(random.normal());
      }
    }
  }

  kernels::tap_rows rows(std::size_t targets) const { return {taps.data(), first.data(), units, targets, piece}; }
};

}  // namespace

kernel_work departures_work(const kernels::table& table) {
  constexpr std::size_t spikes = 768, steps = 100, targets = 64, line = 208;
  auto x = std::make_shared<layer>(targets, line, 0);
  random_stream random(5, random_purpose::test, 1);
  for (std::uint32_t e = 0; e < spikes; ++e) {
    x->ids.push_back(random.below(units));
    x->at.push_back(static_cast<std::uint32_t>(e * steps / spikes));
  }
  kernel_work w;
  w.additions = static_cast<double>(spikes * targets * used);
  w.bytes = in_float * static_cast<double>(spikes * targets * (3 * used + 1));  // taps, line twice, delay
  w.working_set = units * targets * piece * sizeof(float);
  w.run = [x, &table] {
    table.tap_add({x->lines.data(), x->stride, x->rows(targets), x->ids.data(), x->at.data(), nullptr, x->ids.size()});
  };
  return w;
}

kernel_work tap_sums_work(const kernels::table& table) {
  constexpr std::size_t targets = 4, spikes = 20;
  constexpr std::uint32_t samples = 32, line = 160;
  auto x = std::make_shared<layer>(targets, samples * line + lanes, targets * units * piece);
  random_stream random(5, random_purpose::test, 2);
  for (std::uint32_t i = 0; i <= units; ++i) {
    x->begin.push_back(i * spikes);
  }
  for (std::size_t e = 0; e < units * spikes; ++e) {
    x->at.push_back(random.below(samples) * line + random.below(100));
  }
  kernel_work w;
  w.additions = static_cast<double>(units * spikes * targets * used);
  w.bytes = in_float * w.additions;
  w.working_set = x->lines.size() * sizeof(float);
  w.run = [x, &table] {
    table.tap_gather({x->out.data(), x->first.data(), x->begin.data(), units, targets, piece, x->lines.data(),
                      x->stride, x->at.data(), nullptr});
  };
  return w;
}

kernel_work delayed_errors_work(const kernels::table& table) {
  constexpr std::size_t targets = 16, line = 150 * piece + lanes, out = kernels::block_steps * piece;
  auto x = std::make_shared<layer>(targets, line, units * out);
  kernel_work w;
  w.multiply_adds = static_cast<double>(units * targets * used * out);
  w.bytes = in_float * static_cast<double>(units * (targets * (used + 1) + 2 * out));
  w.working_set = (x->out.size() + units * targets * piece) * sizeof(float);
  w.run = [x, &table] {
    table.tap_block({x->out.data(), out, x->lines.data(), x->stride, x->rows(targets), units, used});
  };
  return w;
}

}  // namespace backspike::bench
