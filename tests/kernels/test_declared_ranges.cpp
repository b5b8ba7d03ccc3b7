// Inside the ranges that a cell declares nothing becomes NaN or infinite: its constants, its steps and their
// derivatives, in double precision, on dual numbers and in the loops of every instruction set, at every width of a step
// that a network takes, under every surrogate of every accepted width, in hard and in smooth mode.

#include "kernels/kernel_table.hpp"
#include "network/growth.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/random.hpp>
#include <backspike/network/network_spec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace backspike {
namespace {

constexpr double widths_of_step[] = {least_dt, 1e-3, 0.1, 1.0, 10.0, 1e3, most_dt};
constexpr std::size_t draws = 24, steps = 40;

template <class Range>
bool finite(const Range& values) {
  return std::ranges::all_of(values, [](const auto& x) {
    if constexpr (is_dual<std::decay_t<decltype(x)>>) {
      return std::isfinite(x.value) && std::isfinite(x.d[0]);
    } else {
      return std::isfinite(x);
    }
  });
}

/// A value of a field: an end, the default, or something between, as a float has it.
double draw(const field& f, random_stream& random) {
  const double choice = random.uniform(), x = random.uniform();
  const double inside = f.low > 0.0 ? f.low * std::pow(f.high / f.low, x) : f.low + (f.high - f.low) * x;
  const double drawn = choice < 0.2 ? f.low : choice < 0.4 ? f.high : choice < 0.6 ? f.initial : inside;
  return std::clamp(static_cast<double>(static_cast<float>(drawn)), f.low, f.high);
}

std::vector<double> draw(const cell_info& cell, random_stream& random) {
  std::vector<double> values;
  for (const field& f : cell.parameters) {
    values.push_back(draw(f, random));
  }
  return values;
}

spike_function draw_spike(random_stream& random, spike_mode mode) {
  const auto& kinds = enum_names<surrogate_kind>;
  const auto& resets = enum_names<reset_kind>;
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random.uniform() * static_cast<double>(n)); };
  const auto size = [&] {
    return least_surrogate * std::pow(most_surrogate / least_surrogate, 0.25 * static_cast<double>(pick(5)));
  };
  const double width = size();
  // A smooth spike is a number between 0 and about 2 * height * width: with its slope at the threshold alone, or it
  // would be a million spikes.
  const double height = mode == spike_mode::smooth ? std::clamp(0.5 / width, least_surrogate, most_surrogate) : size();
  return {{kinds[pick(std::size(kinds))].value, width, height},
          resets[pick(std::size(resets))].value,
          random.uniform() < 0.5,
          mode};
}

/// Input of a size that moves the membrane by about its threshold, and now and then by a thousand of them.
double draw_current(const cell_info& cell, const std::vector<double>& values, random_stream& random) {
  double threshold = 1.0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    threshold = cell.parameters[k].name == "v_th" ? values[k] : threshold;
  }
  return threshold * random.normal() * (random.uniform() < 0.1 ? 1e3 : 1.0);
}

std::string shown(const cell_info& cell, const std::vector<double>& values, double dt) {
  std::string text = std::string(cell.name) + ", dt = " + std::to_string(dt);
  for (std::size_t k = 0; k < values.size(); ++k) {
    text += ", " + std::string(cell.parameters[k].name) + " = " + std::to_string(values[k]);
  }
  return text;
}

class DeclaredRanges : public ::testing::TestWithParam<std::size_t> {
 protected:
  const cell_info& cell() const { return known_cells()[GetParam()]; }

  /// Calls body(values, dt, random) for draws that a network takes; a cell without feedback on its membrane takes all.
  template <class Body>
  void for_each_draw(std::size_t count, const Body& body) {
    std::size_t taken = 0, all = 0;
    for (const double dt : widths_of_step) {
      for (std::size_t k = 0; k < count && !HasFailure(); ++k, ++all) {
        random_stream random(7, random_purpose::test, all);
        const std::vector<double> values = draw(cell(), random);
        if (growth_per_step(cell(), values, dt) <= most_growth) {
          SCOPED_TRACE(shown(cell(), values, dt));
          body(values, dt, random);
          ++taken;
        }
      }
    }
    const bool coupled = cell().name == "adlif" || cell().name == "adex";
    EXPECT_TRUE(HasFailure() || taken > (coupled ? all / 4 : all - 1)) << taken << " of " << all;
  }
};

INSTANTIATE_TEST_SUITE_P(All, DeclaredRanges, ::testing::Range(std::size_t{0}, known_cells().size()),
                         [](const auto& tested) { return std::string(known_cells()[tested.param].name); });

TEST_P(DeclaredRanges, ConstantsAndTheirDerivativesAreFinite) {
  for_each_draw(200, [&](const std::vector<double>& values, double dt, random_stream&) {
    std::vector<double> constants(cell().constants), gradient(values.size(), 0.0);
    cell().exact->prepare(values.data(), dt, constants.data());
    EXPECT_TRUE(finite(constants));
    EXPECT_TRUE(std::ranges::all_of(constants, [](double x) { return std::fabs(x) < 1e30; })) << "not a float";
    const std::vector<double> error(cell().constants, 1.0);
    cell().exact->prepare_adjoint(values.data(), dt, error.data(), gradient.data());
    EXPECT_TRUE(finite(gradient));
    for (std::size_t k = 0; k < values.size(); ++k) {  // derivatives of derivatives
      std::vector<perturbed> p(values.begin(), values.end()), e(error.begin(), error.end()), g(values.size()),
          c(cell().constants);
      p[k].d[0] = 1.0;
      cell().directional->prepare(p.data(), dt, c.data());
      cell().directional->prepare_adjoint(p.data(), dt, e.data(), g.data());
      EXPECT_TRUE(finite(c) && finite(g)) << "along " << cell().parameters[k].name;
    }
  });
}

template <class S>
void expect_finite_steps(const cell_info& cell, const std::vector<double>& values, double dt, random_stream& random,
                         spike_mode mode) {
  const cell_ops<S>& ops = cell.ops<S>();
  const std::size_t states = cell.states.size();
  std::vector<S> p(values.begin(), values.end()), constants(cell.constants), state(states, S(0.0)),
      current(cell.inputs()), jacobian((states + 1) * cell.columns());
  if constexpr (is_dual<S>) {
    for (S& x : p) {
      x.d[0] = random.normal();
    }
  }
  ops.prepare(p.data(), dt, constants.data());
  const spike_function spike = draw_spike(random, mode);
  for (std::size_t t = 0; t < steps; ++t) {
    std::ranges::generate(current, [&] { return S(draw_current(cell, values, random)); });
    if (is_dual<S> && t == 4) {  // a change of the whole past grows as a product of Jacobians does
      return;
    }
    const S out = ops.jacobian(state.data(), constants.data(), current.data(), spike, jacobian.data());
    ASSERT_TRUE(finite(state) && finite(std::vector<S>{out})) << "step " << t << ", " << name_of(spike.kind);
    ASSERT_TRUE(finite(jacobian)) << "step " << t << ", " << name_of(spike.kind) << ", width " << spike.width;
  }
}

TEST_P(DeclaredRanges, StepsAndTheirJacobiansAreFinite) {
  for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
    for_each_draw(2 * draws, [&](const std::vector<double>& values, double dt, random_stream& random) {
      expect_finite_steps<double>(cell(), values, dt, random, mode);
      expect_finite_steps<perturbed>(cell(), values, dt, random, mode);
    });
  }
}

/// Sixteen copies of a neuron in the loops of one instruction set.
struct tile {
  const cell_info& cell;
  aligned_vector<float> constants, state, current, trajectory, output;
  std::vector<std::uint16_t> spikes, support;

  tile(const cell_info& c, const std::vector<double>& values, double dt, random_stream& random)
      : cell(c),
        constants(c.constants * lanes),
        state(c.states.size() * lanes),
        current(c.inputs() * steps * lanes),
        trajectory(steps * c.states.size() * lanes),
        output(steps * lanes),
        spikes(steps),
        support(steps) {
    std::vector<double> exact(c.constants);
    c.exact->prepare(values.data(), dt, exact.data());
    for (std::size_t k = 0; k < constants.size(); ++k) {
      constants[k] = static_cast<float>(exact[k / lanes]);
    }
    for (float& x : current) {
      x = static_cast<float>(draw_current(c, values, random));
    }
  }

  /// Of each receptor.
  void set_rows(const float* (&rows)[most_receptors], const float* first) const {
    for (std::size_t r = 0; r < cell.inputs(); ++r) {
      rows[r] = first + r * steps * lanes;
    }
  }

  void forward(const cell_functions& f, const spike_function& spike) {
    cell_scan a;
    a.steps = steps;
    a.width = lanes;
    a.constants = constants.data();
    a.state = state.data();
    set_rows(a.current, current.data());
    a.trajectory = trajectory.data();
    a.output = cell.spiking ? nullptr : output.data();
    a.spikes = cell.spiking ? spikes.data() : nullptr;
    a.support = cell.spiking ? support.data() : nullptr;
    a.spike = spike;
    f.forward(a);
    EXPECT_TRUE(finite(trajectory) && finite(state) && finite(output));
  }

  /// Step by step: over many of them the error grows as it has to.
  void backward(const cell_functions& f, const spike_function& spike) const {
    const aligned_vector<float> error_output(lanes, 0.5f);
    for (std::size_t t = 0; t < steps; ++t) {
      aligned_vector<float> error_state(state.size(), 0.5f), error_constants(constants.size());
      aligned_vector<float> in;
      for (std::size_t r = 0; r < cell.inputs(); ++r) {
        const auto row = current.begin() + static_cast<std::ptrdiff_t>((r * steps + t) * lanes);
        in.insert(in.end(), row, row + lanes);
      }
      cell_adjoint a;
      a.steps = 1;
      a.width = lanes;
      a.constants = constants.data();
      a.trajectory = trajectory.data() + t * state.size();
      a.error_output = error_output.data();
      a.error_state = error_state.data();
      for (std::size_t r = 0; r < cell.inputs(); ++r) {
        a.current[r] = in.data() + r * lanes;
      }
      a.error_constants = error_constants.data();
      a.spike = spike;
      f.backward(a);
      ASSERT_TRUE(finite(error_state) && finite(in) && finite(error_constants)) << "step " << t;
    }
  }

  void tangent(const cell_functions& f, const spike_function& spike) const {
    const std::size_t states = cell.states.size();
    aligned_vector<float> x(state.size()), out(lanes), jacobian((states + 1) * cell.columns() * lanes);
    for (std::size_t t = 0; t < steps; ++t) {
      cell_tangent a;
      a.width = lanes;
      a.with_constants = true;
      a.constants = constants.data();
      a.state = x.data();
      set_rows(a.current, current.data() + t * lanes);
      a.output = out.data();
      a.jacobian = jacobian.data();
      a.spike = spike;
      f.tangent(a);
      ASSERT_TRUE(finite(x) && finite(out) && finite(jacobian)) << "step " << t;
    }
  }
};

TEST_P(DeclaredRanges, LoopsOfEveryInstructionSetAreFinite) {
  for (const kernels::table* table : kernels::all_tables()) {
    if (!table->supported()) {
      continue;
    }
    SCOPED_TRACE(table->name);
    for_each_draw(draws, [&](const std::vector<double>& values, double dt, random_stream& random) {
      tile x(cell(), values, dt, random);
      const spike_function spike = draw_spike(random, spike_mode::hard);
      SCOPED_TRACE(std::string(name_of(spike.kind)) + ", width " + std::to_string(spike.width));
      x.forward(table->of(cell()), spike);
      x.backward(table->of(cell()), spike);
      x.tangent(table->of(cell()), spike);
    });
  }
}

}  // namespace
}  // namespace backspike
