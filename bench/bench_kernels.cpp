// Which instruction set pays for which kernel?
//
// Training spends its time in four loops: adding weight rows (forward: the rows of the channels that spiked; gathering
// a gradient: the errors of the steps that used a weight), dot products of weight rows with an error, and a cell's step
// forward and backward. Each is measured for every table that this processor runs, on the sizes of bench_epoch: a layer
// of 512 neurons, 40 steps. Working sets stay in the second-level cache, as in the engine, which takes one sample at a
// time.
//
// Read `items_per_second`: for accumulate and dot, floats of rows; for cells, neuron-steps. Compare the lines of one
// kernel.

#include "kernels/kernel_table.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/cells.hpp>
#include <backspike/core/aligned.hpp>
#include <backspike/core/random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace backspike;

constexpr std::size_t neurons = 512, steps = 40;

aligned_vector<float> random_floats(std::size_t n, double scale, std::uint64_t index) {
  random_stream stream(1, random_purpose::test, index);
  aligned_vector<float> values(n);
  std::ranges::generate(values, [&] { return static_cast<float>(scale * stream.normal()); });
  return values;
}

/// `count` of `rows` ids in ascending order, spread evenly.
std::vector<std::uint32_t> spread_ids(std::size_t count, std::size_t rows) {
  std::vector<std::uint32_t> ids(count);
  for (std::size_t k = 0; k < count; ++k) {
    ids[k] = static_cast<std::uint32_t>(k * rows / count);
  }
  return ids;
}

void set_rate(benchmark::State& state, std::size_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

/// state.range(0): rows added, of 256.
void accumulate(benchmark::State& state, const kernels::table& table, bool graded) {
  constexpr std::size_t rows = 256;
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto weights = random_floats(rows * neurons, 0.1, 0), values = random_floats(count, 1.0, 1);
  const auto ids = spread_ids(count, rows);
  aligned_vector<float> sum(neurons, 0.0f);
  for (auto _ : state) {
    table.accumulate(
        {sum.data(), weights.data(), neurons, neurons, ids.data(), graded ? values.data() : nullptr, count});
    benchmark::ClobberMemory();
  }
  set_rate(state, count * neurons);
}

/// state.range(0): rows asked for, of 256.
void dot(benchmark::State& state, const kernels::table& table) {
  constexpr std::size_t rows = 256;
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto weights = random_floats(rows * neurons, 0.1, 0), vector = random_floats(neurons, 1.0, 1);
  const auto ids = spread_ids(count, rows);
  std::vector<float> out(rows, 0.0f);
  for (auto _ : state) {
    table.dot({out.data(), weights.data(), neurons, neurons, ids.data(), count, vector.data()});
    benchmark::ClobberMemory();
  }
  set_rate(state, count * neurons);
}

/// One sample of one population, with everything that a scan and its adjoint read and write.
struct cell_sample {
  explicit cell_sample(const cell_info& cell)
      : states(cell.states.size()),
        inputs(cell.inputs()),
        constants(initial_constants(cell)),
        current(random_floats(cell.inputs() * steps * neurons, 0.3, 2)),
        error(random_floats(steps * neurons, 0.1, 3)),
        state(states * neurons),
        trajectory(steps * states * neurons),
        output(steps * neurons),
        error_constants(cell.constants * neurons),
        spikes(steps * neurons / lanes),
        support(steps * neurons / lanes) {}

  static aligned_vector<float> initial_constants(const cell_info& cell) {
    std::vector<double> p, c(cell.constants);
    for (const field& f : cell.parameters) {
      p.push_back(f.initial);
    }
    cell.exact->prepare(p.data(), 1.0, c.data());
    aligned_vector<float> rows;
    for (const double value : c) {
      rows.insert(rows.end(), neurons, static_cast<float>(value));
    }
    return rows;
  }

  cell_scan scan(bool spiking) {
    std::ranges::fill(state, 0.0f);
    cell_scan a;
    a.steps = steps;
    a.width = neurons;
    a.constants = constants.data();
    a.state = state.data();
    for (std::size_t r = 0; r < inputs; ++r) {
      a.current[r] = current.data() + r * steps * neurons;
    }
    a.trajectory = trajectory.data();
    if (spiking) {
      a.spikes = spikes.data();
      a.support = support.data();
    } else {
      a.output = output.data();
    }
    return a;
  }

  /// Its result replaces the current, which does as well as the input of the next call.
  cell_adjoint adjoint(bool learned) {
    std::ranges::fill(state, 0.0f);
    cell_adjoint a;
    a.steps = steps;
    a.width = neurons;
    a.constants = constants.data();
    a.trajectory = trajectory.data();
    a.error_output = error.data();
    a.error_state = state.data();
    for (std::size_t r = 0; r < inputs; ++r) {
      a.current[r] = current.data() + r * steps * neurons;
    }
    a.error_constants = learned ? error_constants.data() : nullptr;
    return a;
  }

  std::size_t states, inputs;
  aligned_vector<float> constants, current, error, state, trajectory, output, error_constants;
  aligned_vector<std::uint16_t> spikes, support;
};

void cell_forward(benchmark::State& state, const kernels::table& table, const cell_info& cell) {
  cell_sample x(cell);
  for (auto _ : state) {
    table.cells[cell.index].forward(x.scan(cell.spiking));
    benchmark::ClobberMemory();
  }
  set_rate(state, steps * neurons);
}

void cell_backward(benchmark::State& state, const kernels::table& table, const cell_info& cell, bool learned) {
  cell_sample x(cell);
  table.cells[cell.index].forward(x.scan(cell.spiking));
  for (auto _ : state) {
    table.cells[cell.index].backward(x.adjoint(learned));
    benchmark::ClobberMemory();
  }
  set_rate(state, steps * neurons);
}

/// KERNEL/ISA for every instruction set that runs here, one below the other. body(state, table)
template <class Body>
void register_kernel(const std::string& kernel, const std::vector<std::int64_t>& sizes, Body body) {
  for (const kernels::table* table : kernels::all_tables()) {
    if (table->supported()) {
      const std::string name = kernel + "/" + std::string(table->name);
      auto* added = benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { body(state, *table); });
      std::ranges::for_each(sizes, [&](std::int64_t size) { added->Arg(size); });
    }
  }
}

void register_all() {
  const std::vector<std::int64_t> rows{8, 64};
  using state = benchmark::State;
  using table = kernels::table;
  register_kernel("accumulate", rows, [](state& s, const table& t) { accumulate(s, t, false); });
  register_kernel("accumulate_graded", rows, [](state& s, const table& t) { accumulate(s, t, true); });
  register_kernel("dot", rows, dot);
  for (const cell_info& known : known_cells()) {
    const cell_info* cell = &known;
    const std::string name(cell->name);
    register_kernel(name + "_forward", {}, [=](state& s, const table& t) { cell_forward(s, t, *cell); });
    register_kernel(name + "_backward", {}, [=](state& s, const table& t) { cell_backward(s, t, *cell, false); });
    register_kernel(name + "_backward_learned", {},
                    [=](state& s, const table& t) { cell_backward(s, t, *cell, true); });
  }
}

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
