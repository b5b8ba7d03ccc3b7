// Each kernel with made-up data of the engine's sizes, and the bytes and operations that it needs at least.

#include "kernel_case.hpp"
#include "patch_work.hpp"
#include "tap_work.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/core/aligned.hpp>
#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace backspike::bench {
namespace {

constexpr double in_float = 4.0;  // bytes

/// Numbers in (-scale, scale) that cost next to nothing to make: filling memory is most of what valgrind has to run.
aligned_vector<float> made_up(std::size_t n, double scale) {
  aligned_vector<float> values(n);
  std::uint32_t bits = 1;
  for (float& x : values) {
    bits = bits * 1664525u + 1013904223u;
    x = static_cast<float>(scale * (static_cast<double>(bits) / 2147483648.0 - 1.0));
  }
  return values;
}

/// `count` of `rows` ids in ascending order, every gap the same but for the first.
std::vector<std::uint32_t> spread_ids(std::size_t count, std::size_t rows, std::size_t first) {
  std::vector<std::uint32_t> ids(count);
  for (std::size_t k = 0; k < count; ++k) {
    ids[k] = static_cast<std::uint32_t>(k * rows / count + first);
  }
  return ids;
}

/// `count` of `all` rows of `width` floats, and what they are added up to or multiplied with. Calls take other rows in
/// turn until all have been read: what the cache has to hold is all rows, as in the engine.
struct rows_kernel {
  rows_kernel(std::size_t all, std::size_t width_, std::size_t count)
      : rows(made_up(all * width_, 0.1)),
        vector(made_up(width_, 1.0)),
        out(std::max(all, width_), 0.0f),
        width(width_) {
    for (std::size_t first = 0; first < all / count; ++first) {
      ids.push_back(spread_ids(count, all, first));
    }
  }

  const std::vector<std::uint32_t>& next() {
    at = at + 1 < ids.size() ? at + 1 : 0;
    return ids[at];
  }

  aligned_vector<float> rows, vector, out;
  std::vector<std::vector<std::uint32_t>> ids;
  std::size_t width, at = 0;
};

kernel_work accumulate_of(const kernels::table& table, std::size_t all, std::size_t width, std::size_t count) {
  auto k = std::make_shared<rows_kernel>(all, width, count);
  kernel_work w;
  w.additions = static_cast<double>(count * width);
  w.bytes = in_float * w.additions;
  w.working_set = k->rows.size() * sizeof(float);
  w.run = [k, &table] {
    const auto& ids = k->next();
    table.accumulate({k->out.data(), k->rows.data(), k->width, k->width, ids.data(), nullptr, ids.size()});
  };
  return w;
}

kernel_work row_accumulation(const kernels::table& table) { return accumulate_of(table, 700, 256, 56); }

/// One weight row: the errors of the steps in which its source fired, of 64 samples of 250 steps.
kernel_work gather(const kernels::table& table) { return accumulate_of(table, 64 * 250, 256, 480); }

kernel_work masked_product(const kernels::table& table) {
  constexpr std::size_t count = 32;
  auto k = std::make_shared<rows_kernel>(256, 256, count);
  kernel_work w;
  w.fused = static_cast<double>(count * k->width);
  w.bytes = in_float * w.fused;
  w.working_set = k->rows.size() * sizeof(float);
  w.run = [k, &table] {
    const auto& ids = k->next();
    kernels::dot_args a{};
    a.out = k->out.data();
    a.rows = k->rows.data();
    a.stride = a.width = k->width;
    a.ids = ids.data();
    a.count = ids.size();
    a.vector = k->vector.data();
    table.dot(a);
  };
  return w;
}

/// The errors of eight samples through the recurrent weights of 256 neurons.
kernel_work product(const kernels::table& table) {
  static constexpr std::size_t rows = 8, width = 256;
  struct operands {
    aligned_vector<float> panels = made_up(width * width, 0.1), factors = made_up(rows * width, 1.0);
    aligned_vector<float> sums = aligned_vector<float>(rows * width, 0.0f);
    std::vector<float*> out;
    std::vector<const float*> from;
  };
  auto x = std::make_shared<operands>();
  for (std::size_t r = 0; r < rows; ++r) {
    x->out.push_back(x->sums.data() + r * width);
    x->from.push_back(x->factors.data() + r * width);
  }
  kernel_work w;
  w.fused = static_cast<double>(rows * width * width);
  w.bytes = in_float * static_cast<double>(x->panels.size());
  w.working_set = x->panels.size() * sizeof(float);
  w.run = [x, &table] { table.product({x->out.data(), x->from.data(), rows, x->panels.data(), width, width, width}); };
  return w;
}

/// One sample of a population of 256 neurons over 250 steps, with everything that its scan and adjoint read and write.
struct cell_sample {
  static constexpr std::size_t neurons = 256, steps = 250, states = 2;
  const cell_info& cell = find_cell("cuba_lif");
  aligned_vector<float> constants, current = made_up(steps * neurons, 1.0), error = made_up(steps * neurons, 0.1);
  aligned_vector<float> state = aligned_vector<float>(states * neurons, 0.0f);
  aligned_vector<float> trajectory = aligned_vector<float>(steps * states * neurons, 0.0f);
  aligned_vector<std::uint16_t> spikes = aligned_vector<std::uint16_t>(steps * neurons / lanes, 0);
  spike_function spike;

  cell_sample() {
    std::vector<double> parameters, c(cell.constants);
    for (const field& f : cell.parameters) {
      parameters.push_back(f.initial);
    }
    cell.exact->prepare(parameters.data(), 1.0, c.data());
    for (const double value : c) {
      constants.insert(constants.end(), neurons, static_cast<float>(value));
    }
    spike.width = 0.5;
  }

  cell_scan scan() {
    std::ranges::fill(state, 0.0f);
    cell_scan a;
    a.steps = steps;
    a.width = neurons;
    a.constants = constants.data();
    a.state = state.data();
    a.current[0] = current.data();
    a.trajectory = trajectory.data();
    a.spikes = spikes.data();
    a.spike = spike;
    return a;
  }

  /// Its result replaces the current, which does as well as the input of the next call.
  cell_adjoint adjoint() {
    std::ranges::fill(state, 0.0f);
    cell_adjoint a;
    a.steps = steps;
    a.width = neurons;
    a.constants = constants.data();
    a.trajectory = trajectory.data();
    a.error_output = error.data();
    a.error_state = state.data();
    a.current[0] = current.data();
    a.spike = spike;
    return a;
  }
};

constexpr double neuron_steps = cell_sample::neurons * cell_sample::steps;

/// v <- beta v + gain i; i <- alpha i + c; spike where v reaches the threshold; v <- v - spike.
kernel_work cell_forward(const kernels::table& table) {
  auto x = std::make_shared<cell_sample>();
  kernel_work w;
  w.multiply_adds = 3 * neuron_steps;
  w.additions = 2 * neuron_steps;
  w.bytes = 3 * in_float * neuron_steps;  // the current, and the two states that are kept
  w.working_set = static_cast<std::size_t>(w.bytes);
  w.run = [x, &table] { table.of(x->cell).forward(x->scan()); };
  return w;
}

/// The membrane again (2), the surrogate 1 / (1 + |u| / width)^2, and the errors on v, i and the current.
kernel_work cell_backward(const kernels::table& table) {
  auto x = std::make_shared<cell_sample>();
  table.of(x->cell).forward(x->scan());
  kernel_work w;
  w.multiply_adds = 8 * neuron_steps;
  w.additions = 2 * neuron_steps;
  w.divisions = neuron_steps;
  w.bytes = 5 * in_float * neuron_steps;  // two states, the error on the output; the current to read and to write
  w.working_set = static_cast<std::size_t>(4 * in_float * neuron_steps);
  w.run = [x, &table] { table.of(x->cell).backward(x->adjoint()); };
  return w;
}

/// Of all steps of a sample, one in 32 neurons firing.
kernel_work compaction(const kernels::table& table) {
  constexpr std::size_t neurons = 256, steps = 250, words = neurons / lanes;
  auto bits = std::make_shared<std::vector<std::uint16_t>>(steps * words);
  auto out = std::make_shared<std::vector<std::uint32_t>>(kernels::position_room(neurons));
  for (std::size_t k = 0; k < bits->size(); ++k) {
    (*bits)[k] = k % 2 == 0 ? static_cast<std::uint16_t>(1u << k * 7919 / 2 % lanes) : 0;
  }
  kernel_work w;
  w.additions = static_cast<double>(lanes * bits->size());  // an operation on a tile of neurons
  w.bytes = 2.0 * static_cast<double>(bits->size()) + in_float * static_cast<double>(bits->size()) / 2;
  w.working_set = bits->size() * sizeof(std::uint16_t);
  w.run = [bits, out, &table] {
    for (std::size_t t = 0; t < steps; ++t) {
      table.compact_spikes(bits->data() + t * words, neurons, out->data());
    }
  };
  return w;
}

/// What the engine's optimiser does to a weight matrix of 700 x 256.
struct adam_update {
  parameter_layout layout;
  std::unique_ptr<arena<float>> values, gradient;
  std::unique_ptr<optimiser> moves;
  thread_pool pool{1};

  adam_update() {
    constexpr double unbounded_value = std::numeric_limits<double>::infinity();
    layout.add("weight", shape{{700, 256}}, "", -unbounded_value, unbounded_value, true);
    values = std::make_unique<arena<float>>(layout);
    gradient = std::make_unique<arena<float>>(layout);
    moves = std::make_unique<optimiser>(optimiser_spec{}, layout);
    std::ranges::copy(made_up(layout.floats(), 0.1), gradient->values().begin());
  }
};

kernel_work adam(const kernels::table&) {
  auto a = std::make_shared<adam_update>();
  const auto n = static_cast<double>(a->layout.floats());
  kernel_work w;
  w.multiply_adds = 4 * n;
  w.additions = 2 * n;
  w.divisions = 2 * n;
  w.bytes = 7 * in_float * n;  // value and two moments to read and to write, the gradient to read
  w.working_set = static_cast<std::size_t>(4 * in_float * n);
  w.run = [a] { a->moves->step(*a->values, *a->gradient, 1e-4, a->pool); };
  return w;
}

constexpr std::array cases{
    kernel_case{"row_accumulation", "56 of 700 weight rows of 256", row_accumulation},
    kernel_case{"cell_forward", "cuba_lif, 256 neurons, 250 steps", cell_forward},
    kernel_case{"cell_adjoint", "the same backward, fast_sigmoid", cell_backward},
    kernel_case{"masked_product", "32 of 256 rows of 256", masked_product},
    kernel_case{"product", "8 rows with 256 x 256", product},
    kernel_case{"gather", "480 of 16000 error rows of 256", gather},
    kernel_case{"compaction", "250 steps of 256 neurons, 1 in 32 fires", compaction},
    kernel_case{"adam", "700 x 256 weights", adam},
    kernel_case{"departures", "768 spikes to 64 targets, 5 taps", departures_work},
    kernel_case{"tap_sums", "5120 spikes of 256 sources, 4 targets", tap_sums_work},
    kernel_case{"delayed_errors", "16 steps of 8 samples, 16 targets to 256 sources", delayed_errors_work},
    kernel_case{"patch_add", "232 spikes of 16 channels, 17 x 17, to 32, 3 x 3", patch_add_work},
    kernel_case{"patch_sum", "the same, their errors for the gradient", patch_sum_work},
    kernel_case{"patch_send", "errors back to 1156 of 4624 neurons", patch_send_work},
    kernel_case{"pool_send", "errors back over 2 x 2 to 16 channels of 34 x 34", pool_send_work},
};

}  // namespace

std::span<const kernel_case> kernel_cases() { return cases; }

}  // namespace backspike::bench
