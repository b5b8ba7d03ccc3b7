// The kernels of e-prop: the same bits on every instruction set, and what the equations say.

#include "kernels/kernel_table.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace backspike {
namespace {

using kernels::eligibility_args;
using kernels::table;

aligned_vector<float> random_values(std::size_t n, std::uint64_t stream) {
  random_stream random(7, random_purpose::test, stream);
  aligned_vector<float> x(n);
  std::ranges::generate(x, [&] { return static_cast<float>(random.normal()); });
  return x;
}

const table& scalar() {
  const auto all = kernels::all_tables();
  return **std::ranges::find_if(all, [](const table* t) { return t->name == "scalar"; });
}

bool same_bits(const aligned_vector<float>& a, const aligned_vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// A block of synapses with everything that a step reads and writes.
struct block {
  std::size_t rows, width, states, columns;
  bool common;
  aligned_vector<float> source, touched, jacobian, traces, filtered, error, direct, gradient;

  block(std::size_t w, std::size_t s, bool same) : rows(13), width(w), states(s), columns(s + 3), common(same) {
    source = random_values(rows, 1);
    touched.assign(rows, 1.0f);
    touched[4] = source[4] = 0.0f;
    for (std::size_t i = 0; i < rows; i += 3) {
      source[i] = 0.0f;
    }
    jacobian = random_values((states + 1) * columns * width, 2);
    traces = random_values(rows * states * (common ? 1 : width), 3);
    filtered = random_values(rows * width, 4);
    error = random_values(width, 5);
    direct = random_values(width, 6);
    gradient = random_values(rows * (width + 16), 7);
  }

  eligibility_args<float> args(bool filters, bool directs, bool learns, std::size_t receptor = 0) {
    return {rows,
            width,
            states,
            columns,
            common,
            source.data(),
            touched.data(),
            jacobian.data(),
            traces.data(),
            filters ? filtered.data() : nullptr,
            0.9f,
            error.data(),
            directs ? direct.data() : nullptr,
            learns ? gradient.data() : nullptr,
            width + 16,
            receptor};
  }
};

class IsaEprop : public ::testing::TestWithParam<const table*> {
 protected:
  void SetUp() override {
    if (!GetParam()->supported()) {
      GTEST_SKIP() << "this processor does not run " << GetParam()->name;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, IsaEprop, ::testing::ValuesIn(kernels::all_tables().begin(), kernels::all_tables().end()),
                         [](const auto& each) { return std::string(each.param->name); });

TEST_P(IsaEprop, Eligibility) {
  for (const std::size_t width : {16u, 32u, 48u, 208u, 256u}) {
    for (std::size_t states = 1; states <= kernels::most_eligibility_states; ++states) {
      for (unsigned flags = 0; flags < 16; ++flags) {
        block expected(width, states, (flags & 8u) != 0), actual = expected;
        const std::size_t receptor = (states + flags) % 3;
        scalar().eligibility(expected.args((flags & 1u) != 0, (flags & 2u) != 0, (flags & 4u) != 0, receptor));
        GetParam()->eligibility(actual.args((flags & 1u) != 0, (flags & 2u) != 0, (flags & 4u) != 0, receptor));
        SCOPED_TRACE(std::to_string(width) + " wide, " + std::to_string(states) + " states, " + std::to_string(flags));
        EXPECT_TRUE(same_bits(actual.traces, expected.traces));
        EXPECT_TRUE(same_bits(actual.filtered, expected.filtered));
        EXPECT_TRUE(same_bits(actual.gradient, expected.gradient));
      }
    }
  }
}

/// With rows of currents, [receptors][width].
cell_tangent step_of(const cell_info& cell, cell_tangent a, const aligned_vector<float>& current) {
  for (std::size_t r = 0; r < cell.inputs(); ++r) {
    a.current[r] = current.data() + r * a.width;
  }
  return a;
}

TEST_P(IsaEprop, Tangent) {
  std::vector<cell_info> cells(known_cells().begin(), known_cells().end());
  for (const cell_info& cell : known_cells()) {
    if (cell.refractory != nullptr) {
      cells.push_back(*cell.refractory);
    }
  }
  for (const cell_info& cell : cells) {
    for (const std::size_t width : {16u, 48u, 256u}) {
      for (const bool with_constants : {false, true}) {
        const std::size_t states = cell.states.size(), columns = cell.columns(with_constants);
        const auto constants = random_values(cell.constants * width, 1),
                   current = random_values(cell.inputs() * width, 2);
        aligned_vector<float> state[2], output[2], jacobian[2];
        const table* tables[] = {&scalar(), GetParam()};
        for (int k = 0; k < 2; ++k) {
          state[k] = random_values(states * width, 3);
          output[k].resize(width);
          jacobian[k].resize((states + 1) * columns * width);
          tables[k]->of(cell).tangent(step_of(cell,
                                              {width,
                                               with_constants,
                                               constants.data(),
                                               state[k].data(),
                                               {},
                                               output[k].data(),
                                               jacobian[k].data(),
                                               spike_function{}},
                                              current));
        }
        auto plain_state = random_values(states * width, 3), plain_output = aligned_vector<float>(width);
        GetParam()->of(cell).tangent(step_of(cell,
                                             {width,
                                              with_constants,
                                              constants.data(),
                                              plain_state.data(),
                                              {},
                                              plain_output.data(),
                                              nullptr,
                                              spike_function{}},
                                             current));
        EXPECT_TRUE(same_bits(plain_state, state[0])) << cell.name << " without its Jacobian";
        EXPECT_TRUE(same_bits(plain_output, output[0])) << cell.name << " without its Jacobian";
        EXPECT_TRUE(same_bits(state[1], state[0])) << cell.name;
        EXPECT_TRUE(same_bits(output[1], output[0])) << cell.name;
        EXPECT_TRUE(same_bits(jacobian[1], jacobian[0])) << cell.name;
        EXPECT_TRUE(std::ranges::any_of(jacobian[0], [](float x) { return x != 0.0f; }));
      }
    }
  }
}

struct adam_problem {
  aligned_vector<float> value = random_values(208, 1), gradient = random_values(208, 2), first = random_values(208, 3),
                        second = random_values(208, 4);
  adam_problem() {
    std::ranges::for_each(second, [](float& x) { x = x * x; });
  }
  void step(const table& t) {
    t.adam(
        {value.data(), gradient.data(), first.data(), second.data(), value.size(), 0.9f, 0.999f, 1e-8f, 0.01f, 2.0f});
  }
};

TEST_P(IsaEprop, Adam) {
  adam_problem expected, actual;
  const adam_problem before;
  expected.step(scalar());
  actual.step(*GetParam());
  EXPECT_TRUE(same_bits(actual.value, expected.value));
  EXPECT_TRUE(same_bits(actual.first, expected.first));
  EXPECT_TRUE(same_bits(actual.second, expected.second));
  for (std::size_t i = 0; i < before.value.size(); ++i) {
    const double g = before.gradient[i], m = 0.9 * before.first[i] + 0.1 * g;
    const double v = 0.999 * before.second[i] + 0.001 * g * g;
    EXPECT_NEAR(actual.value[i], before.value[i] - 0.01 * m / (std::sqrt(2.0 * v) + 1e-8),
                1e-5 * (1.0 + std::fabs(m) / std::sqrt(v)));
    EXPECT_EQ(actual.gradient[i], 0.0f);
  }
}

/// One synapse with two states, by hand.
TEST(Eligibility, FollowsItsEquations) {
  block b(16, 2, false);
  const block before = b;
  scalar().eligibility(b.args(true, true, true));
  const std::size_t row = 5, n = 7, w = 16;
  const auto j = [&](std::size_t r, std::size_t c) { return before.jacobian[(r * before.columns + c) * w + n]; };
  const float x = before.source[row], e0 = before.traces[(row * 2) * w + n], e1 = before.traces[(row * 2 + 1) * w + n];
  const float e = j(2, 2) * x + j(2, 0) * e0 + j(2, 1) * e1;
  const float f = 0.9f * before.filtered[row * w + n] + e;
  ASSERT_NE(x, 0.0f);
  EXPECT_FLOAT_EQ(b.traces[(row * 2) * w + n], j(0, 2) * x + j(0, 0) * e0 + j(0, 1) * e1);
  EXPECT_FLOAT_EQ(b.traces[(row * 2 + 1) * w + n], j(1, 2) * x + j(1, 0) * e0 + j(1, 1) * e1);
  EXPECT_FLOAT_EQ(b.filtered[row * w + n], f);
  EXPECT_FLOAT_EQ(b.gradient[row * 32 + n], before.gradient[row * 32 + n] + before.error[n] * f + before.direct[n] * e);
  EXPECT_EQ(b.filtered[4 * w + n], before.filtered[4 * w + n]) << "a source that never sent anything is passed over";
}

TEST(Eligibility, FadedTracesBecomeZero) {
  block b(16, 1, false);
  std::ranges::fill(b.source, 0.0f);
  std::ranges::fill(b.jacobian, 0.5f);
  for (int t = 0; t < 200; ++t) {
    scalar().eligibility(b.args(true, false, false));
  }
  for (std::size_t i = 0; i < b.traces.size(); ++i) {
    EXPECT_EQ(b.traces[i] == 0.0f, i / 16 != 4) << "row " << i / 16 << " (the fourth is passed over)";
  }
}

}  // namespace
}  // namespace backspike
