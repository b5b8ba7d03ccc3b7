// Every instruction set this processor runs gives the bits of the scalar kernels: sums, products, and every cell
// forward and backward.

#include "kernels/kernel_table.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

namespace backspike {
namespace {

using kernels::table;

constexpr std::size_t widths[] = {16, 32, 48, 64, 80, 112, 128, 144, 208, 256, 272};
constexpr std::uint64_t seed = 20240229;

aligned_vector<float> random_values(std::size_t n, std::uint64_t stream, double mean = 0.0, double sigma = 1.0) {
  random_stream random(seed, random_purpose::test, stream);
  aligned_vector<float> x(n);
  for (float& v : x) {
    v = static_cast<float>(mean + sigma * random.normal());
  }
  return x;
}

/// Some of 0 .. rows - 1, ascending, about a third.
std::vector<std::uint32_t> random_rows(std::uint32_t rows, std::uint64_t stream) {
  std::vector<std::uint32_t> ids = permutation(rows, random_stream(seed, random_purpose::test, stream));
  ids.resize(rows / 3);
  std::ranges::sort(ids);
  return ids;
}

template <class Vector>
bool same_bits(const Vector& a, const Vector& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0);
}

const table& scalar() {
  const auto all = kernels::all_tables();
  return **std::ranges::find_if(all, [](const table* t) { return t->name == "scalar"; });
}

class Isa : public ::testing::TestWithParam<const table*> {
 protected:
  void SetUp() override {
    if (!GetParam()->supported()) {
      GTEST_SKIP() << "this processor does not run " << GetParam()->name;
    }
  }
  const table& here() const { return *GetParam(); }
};

std::string name_of_table(const ::testing::TestParamInfo<const table*>& info) { return std::string(info.param->name); }

INSTANTIATE_TEST_SUITE_P(All, Isa, ::testing::ValuesIn(kernels::all_tables().begin(), kernels::all_tables().end()),
                         name_of_table);

TEST_P(Isa, Accumulate) {
  constexpr std::uint32_t rows = 90;
  for (const std::size_t width : widths) {
    const std::size_t stride = width + 32;  // a tile of a wider matrix
    const auto matrix = random_values(rows * stride, width);
    const auto ids = random_rows(rows, width);
    const auto values = random_values(ids.size(), width + 1);
    for (const bool graded : {false, true}) {
      for (const std::size_t count : {std::size_t{0}, std::size_t{1}, ids.size()}) {
        auto expected = random_values(width, 7), actual = expected;
        const float* factors = graded ? values.data() : nullptr;
        scalar().accumulate({expected.data(), matrix.data(), stride, width, ids.data(), factors, count});
        here().accumulate({actual.data(), matrix.data(), stride, width, ids.data(), factors, count});
        EXPECT_TRUE(same_bits(actual, expected)) << "width " << width << ", rows " << count << ", graded " << graded;
        EXPECT_EQ(same_bits(actual, random_values(width, 7)), count == 0);
      }
    }
  }
}

void expect_bits_of_dots(const table& reference, const table& tested) {
  constexpr std::uint32_t rows = 90;
  for (const std::size_t width : widths) {
    const auto matrix = random_values(rows * width, width), vector = random_values(width, width + 1);
    const auto ids = random_rows(rows, width);
    auto expected = random_values(rows, 7), actual = expected;
    reference.dot({expected.data(), matrix.data(), width, width, ids.data(), ids.size(), vector.data()});
    tested.dot({actual.data(), matrix.data(), width, width, ids.data(), ids.size(), vector.data()});
    EXPECT_TRUE(same_bits(actual, expected)) << "width " << width;
    EXPECT_FALSE(same_bits(actual, random_values(rows, 7)));
  }
}

void expect_bits_of_tile_dots(const table& reference, const table& tested) {
  constexpr std::size_t steps = 9, apart = 20;
  for (const std::size_t width : widths) {
    const auto rows = random_values(lanes * width, width), vectors = random_values(steps * width, width + 1);
    for (const std::size_t count : {std::size_t{0}, std::size_t{3}, std::size_t{37}}) {
      std::vector<std::uint32_t> ids;
      for (std::uint32_t k = 0; k < count; ++k) {
        ids.push_back(k * 3 + k % 2);
      }
      auto expected = random_values(steps * apart, 7), actual = expected, one_by_one = expected;
      reference.tile_dot({expected.data(), apart, rows.data(), width, vectors.data(), width, width, ids.data(), count});
      tested.tile_dot({actual.data(), apart, rows.data(), width, vectors.data(), width, width, ids.data(), count});
      for (const std::uint32_t id : ids) {
        const std::uint32_t neuron = id % lanes;
        const std::size_t step = id / lanes;
        tested.dot(
            {one_by_one.data() + step * apart, rows.data(), width, width, &neuron, 1, vectors.data() + step * width});
      }
      EXPECT_TRUE(same_bits(actual, expected)) << "width " << width << ", products " << count;
      EXPECT_TRUE(same_bits(actual, one_by_one)) << "width " << width << ", products " << count;
      EXPECT_EQ(same_bits(actual, random_values(steps * apart, 7)), count == 0);
    }
  }
}

TEST_P(Isa, Dot) {
  expect_bits_of_dots(scalar(), here());
  expect_bits_of_dots(*scalar().fused, *here().fused);
}

TEST_P(Isa, TileDot) {
  expect_bits_of_tile_dots(scalar(), here());
  expect_bits_of_tile_dots(*scalar().fused, *here().fused);
}

/// The product is `accumulate` of all rows, bit by bit: how many go together does not show, nor does a factor of 0.
void expect_bits_of_accumulate(const table& reference, const table& tested) {
  constexpr std::size_t depth = 37, panel = 41;
  std::vector<std::uint32_t> ids(depth);
  std::iota(ids.begin(), ids.end(), 0u);
  for (const std::size_t width : widths) {
    const auto packed = random_values(panel * width, width);
    aligned_vector<float> matrix(depth * width);
    for (std::size_t c = 0; c < width; ++c) {
      for (std::size_t k = 0; k < depth; ++k) {
        matrix[k * width + c] = packed[(c / lanes * panel + k) * lanes + c % lanes];
      }
    }
    for (const std::size_t rows : {1, 2, 3, 8, 13, 14, 15, 31}) {
      auto factors = random_values(rows * depth, 5);
      std::ranges::for_each(factors, [](float& f) { f = f < 0.0f ? 0.0f : f; });
      auto expected = random_values(rows * width, 7), actual = expected;
      std::vector<float*> out;
      std::vector<const float*> from;
      for (std::size_t r = 0; r < rows; ++r) {
        out.push_back(actual.data() + r * width);
        from.push_back(factors.data() + r * depth);
        reference.accumulate(
            {expected.data() + r * width, matrix.data(), width, width, ids.data(), from.back(), depth});
      }
      tested.product({out.data(), from.data(), rows, packed.data(), panel, depth, width});
      EXPECT_TRUE(same_bits(actual, expected)) << "width " << width << ", rows " << rows;
      EXPECT_FALSE(same_bits(actual, random_values(rows * width, 7)));
    }
  }
}

TEST_P(Isa, ProductHasTheBitsOfAccumulate) { expect_bits_of_accumulate(scalar(), here()); }

TEST_P(Isa, FusedProductHasTheBitsOfFusedAccumulate) { expect_bits_of_accumulate(*scalar().fused, *here().fused); }

TEST_P(Isa, FusedSumsAreRoundedOnce) {
  for (const std::size_t width : widths) {
    const auto matrix = random_values(5 * width, width), factors = random_values(5, 2);
    const std::vector<std::uint32_t> ids{0, 1, 2, 3, 4};
    auto expected = random_values(width, 7), fused = expected, separate = expected;
    for (std::size_t k = 0; k < ids.size(); ++k) {
      for (std::size_t c = 0; c < width; ++c) {
        expected[c] = std::fma(factors[k], matrix[k * width + c], expected[c]);
      }
    }
    here().fused->accumulate({fused.data(), matrix.data(), width, width, ids.data(), factors.data(), ids.size()});
    here().accumulate({separate.data(), matrix.data(), width, width, ids.data(), factors.data(), ids.size()});
    EXPECT_TRUE(same_bits(fused, expected)) << "width " << width;
    EXPECT_FALSE(same_bits(separate, expected)) << "width " << width;
  }
}

/// Every number of neurons up to three tiles, with bits beyond them set, which are not neurons.
TEST_P(Isa, CompactSpikesAreTheBits) {
  random_stream random(seed, random_purpose::test, 11);
  for (std::size_t units = 1; units <= 3 * lanes; ++units) {
    for (const double share : {0.0, 0.1, 0.7, 1.0}) {
      std::vector<std::uint16_t> words(padded(units) / lanes, 0);
      std::vector<std::uint32_t> expected, actual(kernels::position_room(units));
      for (std::uint32_t n = 0; n < padded(units); ++n) {
        if (random.uniform() < share || n >= units) {
          words[n / lanes] = static_cast<std::uint16_t>(words[n / lanes] | 1u << n % lanes);
          if (n < units) {
            expected.push_back(n);
          }
        }
      }
      actual.resize(here().compact_spikes(words.data(), units, actual.data()));
      EXPECT_EQ(actual, expected) << units << " neurons";
    }
  }
}

/// Rows of every length up to three tiles that begin anywhere; also what is no number, and the zero with a sign.
TEST_P(Isa, NonzerosAreThoseOfTheRow) {
  random_stream random(seed, random_purpose::test, 12);
  const float graded[] = {-1.0f, 0.5f, std::nanf(""), 1.0f};
  for (std::size_t count = 1; count <= 3 * lanes; ++count) {
    for (const double share : {0.0, 0.1, 0.7, 1.0}) {
      for (const bool ones : {true, false}) {
        aligned_vector<float> row(count + 1, -0.0f), kept, found_kept(kernels::position_room(count));
        std::vector<std::uint32_t> ids, found_ids(kernels::position_room(count));
        for (std::uint32_t k = 0; k < count; ++k) {
          if (random.uniform() < share) {
            row[k + 1] = ones ? 1.0f : graded[random.below(4)];
            ids.push_back(k);
            kept.push_back(row[k + 1]);
          }
        }
        const auto found = here().nonzeros({row.data() + 1, count, found_ids.data(), found_kept.data()});
        found_ids.resize(found.count);
        found_kept.resize(found.count);
        EXPECT_EQ(found_ids, ids) << count << " places";
        EXPECT_TRUE(same_bits(found_kept, kept)) << count << " places";
        EXPECT_EQ(found.graded, std::ranges::any_of(kept, [](float x) { return x != 1.0f; }));
      }
    }
  }
}

TEST_P(Isa, SquaresHaveTheBitsOfTheScalarOnes) {
  EXPECT_EQ(here().squares(nullptr, 0), 0.0);
  for (const std::size_t count : {16u, 48u, 8192u}) {
    auto values = random_values(count, count, 0.0, 1e20);  // a square is beyond a float
    double sum = 0.0;
    for (const float x : values) {
      sum += static_cast<double>(x) * static_cast<double>(x);
    }
    const double squares = here().squares(values.data(), count);
    EXPECT_EQ(squares, scalar().squares(values.data(), count));
    EXPECT_NEAR(squares, sum, 1e-12 * sum);
    values[count - 3] = std::nanf("");
    EXPECT_TRUE(std::isnan(here().squares(values.data(), count)));
  }
}

TEST_P(Isa, AdamStepHasTheBitsOfTheScalarOne) {
  constexpr std::size_t n = 144;
  const auto gradient = random_values(n, 1);
  kernels::adam_step_args a{};
  a.gradient = gradient.data();
  a.count = n;
  a.beta1 = 0.9f, a.beta2 = 0.999f, a.epsilon = 1e-8f, a.rate = 0.01f, a.scale = 0.7f;
  a.correction1 = 10.0f, a.correction2 = 1000.0f, a.gradient_decay = 0.01f, a.value_decay = 0.001f;
  std::vector<aligned_vector<float>> results;
  for (const table* t : {&scalar(), &here()}) {
    auto value = random_values(n, 2), first = random_values(n, 3), second = random_values(n, 4);
    std::ranges::for_each(second, [](float& x) { x = std::fabs(x); });
    a.value = value.data(), a.first = first.data(), a.second = second.data();
    t->adam_step(a);
    EXPECT_FALSE(same_bits(value, random_values(n, 2)));
    results.push_back(value);
    results.push_back(first);
    results.push_back(second);
  }
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_TRUE(same_bits(results[k], results[k + 3])) << "array " << k;
  }
}

/// The scalar kernels themselves, against sums in double.
TEST(ScalarKernels, AccumulateAndDotAreTheSumsTheySay) {
  constexpr std::uint32_t rows = 30;
  constexpr std::size_t width = 48;
  const auto matrix = random_values(rows * width, 1), vector = random_values(width, 2);
  const auto ids = random_rows(rows, 3);
  const auto values = random_values(ids.size(), 4);
  aligned_vector<float> sum(width, 1.0f), out(rows, 2.0f);
  scalar().accumulate({sum.data(), matrix.data(), width, width, ids.data(), values.data(), ids.size()});
  scalar().dot({out.data(), matrix.data(), width, width, ids.data(), ids.size(), vector.data()});
  for (std::size_t c = 0; c < width; ++c) {
    double expected = 1.0;
    for (std::size_t k = 0; k < ids.size(); ++k) {
      expected += static_cast<double>(values[k]) * static_cast<double>(matrix[ids[k] * width + c]);
    }
    EXPECT_NEAR(sum[c], expected, 1e-5);
  }
  for (std::uint32_t r = 0; r < rows; ++r) {
    const bool asked = std::ranges::binary_search(ids, r);
    const double product = std::inner_product(vector.begin(), vector.end(), matrix.data() + r * width, 0.0);
    EXPECT_NEAR(out[r], asked ? 2.0 + product : 2.0, 1e-5);
  }
}

/// The cells of the list, and those with a refractory period.
std::vector<const cell_info*> all_cells() {
  std::vector<const cell_info*> cells;
  for (const cell_info& cell : known_cells()) {
    cells.push_back(&cell);
  }
  for (const cell_info& cell : known_cells()) {
    if (cell.refractory != nullptr) {
      cells.push_back(cell.refractory);
    }
  }
  return cells;
}

struct cell_problem {
  const cell_info& cell;
  std::size_t width, steps = 25;
  spike_function spike;
  aligned_vector<float> constants, current;

  cell_problem(const cell_info& c, std::size_t w, surrogate_kind kind, reset_kind reset, bool detach)
      : cell(c),
        width(w),
        spike({kind, 0.5, 1.3}, reset, detach, spike_mode::hard, 2.0),
        constants(random_values(c.constants * w, 11, 0.6, 0.15)),
        current(random_values(c.inputs() * steps * w, 12, 0.3, 0.6)) {
    if (c.name == "conductance_lif") {  // to reversal potentials within the range of the thresholds no neuron fires
      std::ranges::transform(std::span(constants).subspan(5 * w, w), constants.begin() + 5 * w,
                             [](float x) { return 4.0f * x; });
    }
  }
};

struct cell_outcome {
  aligned_vector<float> state, trajectory, output, current, error_state, error_constants;
  std::vector<std::uint16_t> spikes, support;
};

/// The rows of each receptor, from step t on.
template <class T>
void set_rows(T* (&rows)[most_receptors], T* first, const cell_problem& p, std::size_t t = 0) {
  for (std::size_t r = 0; r < p.cell.inputs(); ++r) {
    rows[r] = first + (r * p.steps + t) * p.width;
  }
}

cell_outcome run(const table& t, const cell_problem& p, bool learned) {
  const std::size_t states = p.cell.states.size(), tiles = p.width / lanes;
  cell_outcome o;
  o.state = random_values(states * p.width, 13);
  o.trajectory.assign(p.steps * states * p.width, 0.0f);
  o.output.assign(p.steps * p.width, 0.0f);
  o.spikes.assign(p.steps * tiles, 0xffff);  // what was there before must not matter
  o.support.assign(p.steps * tiles, 0xffff);
  o.current = p.current;
  const bool spiking = p.cell.spiking;
  cell_scan scan{p.steps,
                 p.width,
                 p.constants.data(),
                 o.state.data(),
                 {},
                 o.trajectory.data(),
                 spiking ? nullptr : o.output.data(),
                 spiking ? o.spikes.data() : nullptr,
                 spiking ? o.support.data() : nullptr,
                 p.spike};
  set_rows(scan.current, std::as_const(o.current).data(), p);
  t.cells[p.cell.index].forward(scan);
  o.error_state = random_values(states * p.width, 14);
  o.error_constants.assign(p.cell.constants * p.width, 0.5f);
  const auto error_output = random_values(p.steps * p.width, 15);
  cell_adjoint adjoint{p.steps,
                       p.width,
                       p.constants.data(),
                       o.trajectory.data(),
                       error_output.data(),
                       o.error_state.data(),
                       {},
                       learned ? o.error_constants.data() : nullptr,
                       p.spike};
  set_rows(adjoint.current, o.current.data(), p);
  t.cells[p.cell.index].backward(adjoint);
  return o;
}

void expect_same(const cell_outcome& actual, const cell_outcome& expected) {
  EXPECT_TRUE(same_bits(actual.state, expected.state));
  EXPECT_TRUE(same_bits(actual.trajectory, expected.trajectory));
  EXPECT_TRUE(same_bits(actual.output, expected.output));
  EXPECT_TRUE(same_bits(actual.spikes, expected.spikes));
  EXPECT_TRUE(same_bits(actual.support, expected.support));
  EXPECT_TRUE(same_bits(actual.current, expected.current));
  EXPECT_TRUE(same_bits(actual.error_state, expected.error_state));
  EXPECT_TRUE(same_bits(actual.error_constants, expected.error_constants));
}

/// Some neurons fire and some do not; errors and constants have moved.
void expect_alive(const cell_problem& p, const cell_outcome& o, bool learned) {
  const auto bits = [](const std::vector<std::uint16_t>& words) {
    return std::accumulate(words.begin(), words.end(), 0,
                           [](int n, std::uint16_t w) { return n + __builtin_popcount(w); });
  };
  const int all = static_cast<int>(p.steps * p.width);
  if (p.cell.spiking) {
    EXPECT_GT(bits(o.spikes), all / 50);
    EXPECT_LT(bits(o.spikes), all);
    EXPECT_GT(bits(o.support), all / 20);
    if (has_compact_support(p.spike.kind)) {
      EXPECT_LT(bits(o.support), all);
    } else if (p.spike.kind == surrogate_kind::fast_sigmoid || p.spike.kind == surrogate_kind::arctangent) {
      EXPECT_EQ(bits(o.support), all);  // the bells vanish far out in single precision
    }
  } else {
    EXPECT_GT(*std::ranges::max_element(o.output), 0.1f);
  }
  EXPECT_TRUE(std::ranges::all_of(o.current, [](float x) { return std::isfinite(x); }));
  EXPECT_FALSE(same_bits(o.current, p.current));
  EXPECT_EQ(std::ranges::any_of(o.error_constants, [](float x) { return x != 0.5f; }), learned);
}

TEST_P(Isa, EveryCellForwardAndBackward) {
  for (const cell_info* known : all_cells()) {
    const cell_info& cell = *known;
    for (const auto& [kind, surrogate_name] : enum_names<surrogate_kind>) {
      for (const reset_kind reset : {reset_kind::subtract, reset_kind::to_value, reset_kind::none}) {
        for (const bool learned : {false, true}) {
          for (const std::size_t width : {16u, 48u, 272u}) {
            SCOPED_TRACE(std::string(cell.name) + (cell.index < cell_count ? ", " : " refractory, ") +
                         std::string(surrogate_name) + ", reset " + std::to_string(static_cast<int>(reset)) +
                         ", width " + std::to_string(width));
            const cell_problem p(cell, width, kind, reset, learned);
            const cell_outcome expected = run(scalar(), p, learned);
            expect_alive(p, expected, learned);
            expect_same(run(here(), p, learned), expected);
          }
        }
      }
    }
  }
}

/// A range of steps may be cut anywhere: state and errors carry over, bit by bit.
TEST_P(Isa, StepByStepIsTheWholeRange) {
  for (const cell_info* known : all_cells()) {
    const cell_info& cell = *known;
    const cell_problem p(cell, 48, surrogate_kind::triangle, reset_kind::subtract, false);
    const cell_outcome whole = run(here(), p, false);
    aligned_vector<float> state = random_values(cell.states.size() * p.width, 13), output(p.steps * p.width, 0.0f);
    std::vector<std::uint16_t> spikes(p.steps * p.width / lanes, 0xffff);
    for (std::size_t t = 0; t < p.steps; ++t) {
      cell_scan step{1,
                     p.width,
                     p.constants.data(),
                     state.data(),
                     {},
                     nullptr,
                     cell.spiking ? nullptr : output.data() + t * p.width,
                     cell.spiking ? spikes.data() + t * p.width / lanes : nullptr,
                     nullptr,
                     p.spike};
      set_rows(step.current, p.current.data(), p, t);
      here().cells[cell.index].forward(step);
    }
    EXPECT_TRUE(same_bits(state, whole.state)) << cell.name;
    EXPECT_TRUE(same_bits(output, whole.output)) << cell.name;
    EXPECT_TRUE(same_bits(spikes, whole.spikes)) << cell.name;
  }
}

TEST(IsaList, EndsWithTheScalarReferenceAndTheActiveOneRunsHere) {
  const auto all = kernels::all_tables();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.back()->name, "scalar");
  EXPECT_TRUE(all.back()->supported());
  EXPECT_TRUE(kernels::active_table().supported());
  EXPECT_NE(std::ranges::find(all, &kernels::active_table()), all.end());
}

}  // namespace
}  // namespace backspike
