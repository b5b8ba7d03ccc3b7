// Exported C in fixed point prints what the simulator gives, one by one; weights are on their grid; what does not fit
// is refused by name.

#include "deploy/c_program.hpp"
#include "deploy/plans.hpp"
#include "gradient/graph/graph_plan.hpp"

#include <backspike/core/error.hpp>

namespace backspike::testing {
namespace {

/// Cells whose steps have sums and products only.
std::vector<std::string> simple_cells() {
  std::vector<std::string> cells = spiking_cells();
  std::erase(cells, "adex");
  std::erase(cells, "conductance_lif");
  return cells;
}

trial_plan simple_plan() {
  trial_plan plan = every_cell_plan(simple_cells());
  feed_receptors(plan);
  return plan;
}

TEST(ExportFixed, EveryCell) {
  const trial t(simple_plan());
  const auto traces = expect_equal(t, sanitized, fixed_point_spec{});
  for (std::size_t k = 0; k < t.net.output_list().size(); ++k) {
    EXPECT_NE(spikes_of(t, traces, k), 0.0) << t.net.output(k).name;
  }
}

TEST(ExportFixed, FewBitsOfEveryKind) {
  trial_plan plan = simple_plan();
  plan.graded = true;
  const trial t(plan);
  EXPECT_GT(spikes_of(t, expect_equal(t, sanitized, fixed_point_spec{3, grid_sharing::channel, false, 14, 7, 8}), 0),
            0.0);
  EXPECT_GT(spikes_of(t, expect_equal(t, sanitized, fixed_point_spec{2, grid_sharing::layer, true, 32, 20, 31}), 0),
            0.0);
}

TEST(ExportFixed, WindowsOfChannels) {
  for (const trial_plan& plan : window_plans()) {
    trial t(plan);
    open_pools(t);
    const auto traces = expect_equal(t, sanitized, fixed_point_spec{4, grid_sharing::channel, true, 20, 10, 12});
    EXPECT_TRUE(std::ranges::any_of(traces, [](double x) { return x != 0.0; }));
  }
}

TEST(ExportFixed, Graphs) {
  std::size_t run = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    trial_plan plan = graph_plan(seed);
    plan.draws = {};
    const trial t(plan);
    const bool divides = std::ranges::any_of(t.net.populations(), [](const population& p) {
      return p.cell->name == "adex" || p.cell->name == "conductance_lif";
    });
    if (!divides) {
      expect_equal(t, sanitized, fixed_point_spec{});
      ++run;
    }
  }
  EXPECT_GE(run, 2u);
}

/// With bits enough what the outputs give comes near to the engine's, until a spike falls on another side.
TEST(ExportFixed, ManyBitsComeNearToFloats) {
  for (const bool graded : {false, true}) {
    trial_plan plan = simple_plan();
    plan.lengths = {6};
    plan.graded = graded;
    const trial t(plan);
    const auto exact = traces_of(t, {}),
               rounded = traces_of(t, fixed_point_spec{16, grid_sharing::channel, true, 32, 22, 31});
    std::size_t near = 0;
    for (std::size_t k = 0; k < exact.size(); ++k) {
      near += std::fabs(exact[k] - rounded[k]) < 2e-3 ? 1 : 0;
    }
    EXPECT_GT(near, exact.size() * 95 / 100);
  }
}

void expect_refused(const trial& t, const fixed_point_spec& spec, const std::string& text) {
  try {
    export_c(t.net, t.float_parameters(), {"test", false, spec});
    ADD_FAILURE() << "not refused: " << text;
  } catch (const value_error& e) {
    EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
  }
}

TEST(ExportFixed, RefusesByName) {
  const trial t(simple_plan());
  expect_refused(t, {1}, "weight_bits = 1");
  expect_refused(t, {17}, "weight_bits = 17");
  expect_refused(t, {8, grid_sharing::layer, true, 12, 11}, "state_fraction = 11");
  expect_refused(t, {8, grid_sharing::layer, true, 24, 22}, "a number of its cell");  // refractory steps of 2
  expect_refused(trial(every_cell_plan({"adex"})), {}, "adex");
  EXPECT_NO_THROW(
      export_c(t.net, t.float_parameters(), {"test", false, fixed_point_spec{1, grid_sharing::layer, false}}));
}

/// stored - zero, times the step, for every weight: at most half a step off unless it was cut.
TEST(ExportFixed, WeightTablesAreReadable) {
  const trial t(every_cell_plan({"lif"}));
  const c_export made = export_c(t.net, t.float_parameters(), {"test", false, fixed_point_spec{4}});
  EXPECT_NE(made.weights.find("k0: dense from input to lif\n"), std::string::npos);
  std::istringstream lines(made.weights);
  std::string line, word;
  std::size_t seen = 0;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    int source = 0, target = 0, stored = 0;
    double weight = 0.0;
    if (words >> source >> target >> weight >> word >> stored && word == "stored") {
      EXPECT_LE(std::abs(stored), 7);
      EXPECT_FALSE(stored != 0 && (weight < 0.0) != (stored < 0));
      ++seen;
    }
  }
  EXPECT_GT(seen, 100u);
}

TEST(ExportFixed, ProgramRefusesBadInput) {
  const trial t(every_cell_plan({"lif"}));
  c_program_run program(export_c(t.net, t.float_parameters(), {}), sanitized);
  for (const char* input :
       {"1 7\n", "3 2\n", "2 2\n", "x\n", "1 reset\n", "-1\n", "1.5\n", "99999999999999999999999999999999999\n"}) {
    program.print(std::string("0\n") + input);
    EXPECT_EQ(program.code(), 2) << input;
    EXPECT_NE(program.errors().find("line 2: "), std::string::npos) << input;
  }
  EXPECT_EQ(program.print("").size(), 0u);
  EXPECT_EQ(program.code(), 0);
}

}  // namespace
}  // namespace backspike::testing
