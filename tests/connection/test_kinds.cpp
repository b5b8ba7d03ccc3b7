// The contract of a kind of connection, for every kind of the list: synapses within range, targets ascending, every
// number of the weight parameter used.

#include <backspike/connection/connection_info.hpp>
#include <backspike/connection/connections.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace backspike {
namespace {

/// Sizes that the kind accepts.
struct kind_case {
  std::size_t kind, sources, targets;
};

/// Settings with which a kind takes the most sizes: of windows, a line of places that they leave as long as it is.
std::vector<double> settings_for(const connection_info& info, std::size_t sources) {
  const std::map<std::string_view, double> line{{"height", 1.0}, {"width", static_cast<double>(sources)},
                                                {"kernel", 3.0}, {"length", static_cast<double>(sources)},
                                                {"stride", 1.0}, {"padding", 1.0}};
  std::vector<double> values;
  for (const field& f : info.fields) {
    const auto given = line.find(f.name);
    values.push_back(info.has_patches && given != line.end() ? given->second : f.initial);
  }
  return values;
}

std::optional<synapse_plan> planned(const kind_case& k) {
  const connection_info& info = known_connections()[k.kind];
  const std::vector<double> settings = settings_for(info, k.sources);
  const synapse_request request{k.sources, k.targets, false, settings, {}, {}};
  if (info.problem(request)) {
    return std::nullopt;
  }
  synapse_plan plan{k.sources, k.targets};
  info.plan(request, plan);
  return plan;
}

template <class F>
void each(std::size_t kind, const synapse_plan& plan, const F& f) {
  with_connection_kind(kind, [&](auto of) {
    for (std::uint32_t i = 0; i < plan.sources; ++i) {
      decltype(of)::each_synapse(i, plan, [&](const synapse& s) { f(i, s); });
    }
  });
}

class Kind : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Kind, KeepsTheContract) {
  std::size_t tested = 0;
  for (const auto& [sources, targets] : {std::pair<std::size_t, std::size_t>{3, 3}, {7, 7}, {20, 33}, {33, 20}}) {
    const auto plan = planned({GetParam(), sources, targets});
    if (!plan) {
      continue;  // a kind may take some sizes only
    }
    ++tested;
    const connection_info& info = known_connections()[GetParam()];
    const weight_extents weights = info.weights(*plan);
    std::set<std::pair<std::uint32_t, std::uint32_t>> numbers;
    std::size_t synapses = 0;
    std::int64_t last = -1, source = -1;
    each(GetParam(), *plan, [&](std::uint32_t i, const synapse& s) {
      last = i == source ? last : -1;
      EXPECT_LT(s.target, targets);
      EXPECT_GT(static_cast<std::int64_t>(s.target), last) << "targets ascend, none twice";
      EXPECT_LT(s.row, weights.rows);
      EXPECT_LT(s.column, weights.columns);
      if (info.matrix) {
        EXPECT_EQ(s.row, i);
        EXPECT_EQ(s.column, s.target);
      }
      last = s.target;
      source = i;
      numbers.emplace(s.row, s.column);
      ++synapses;
    });
    const bool padded = info.has_patches && weights.rows == 9;  // of 3 by 3 weights 3 see one row of neurons
    EXPECT_EQ(numbers.size() * (padded ? 3 : 1), weights.rows * weights.columns) << "a weight that no synapse has";
    if (sources > 1) {
      EXPECT_EQ(info.shares_weights, numbers.size() < synapses);
    }
  }
  EXPECT_GT(tested, 0u);
}

TEST(Kinds, AreFoundByName) {
  for (const connection_info& info : known_connections()) {
    EXPECT_EQ(&find_connection(info.name), &info);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Kind, ::testing::Range<std::size_t>(0, connection_kind_count),
                         [](const auto& tested) { return std::string(known_connections()[tested.param].name); });

synapse_plan drawn(double density, double seed, bool autapses, std::size_t units, bool loop) {
  const double settings[] = {density, seed, autapses ? 1.0 : 0.0};
  const synapse_request request{units, units, loop, settings, {}, {}};
  synapse_plan plan{units, units};
  connections::sparse::plan(request, plan);
  return plan;
}

TEST(Sparse, HasTheDensityThatIsAskedFor) {
  for (const double density : {0.01, 0.05, 0.5, 0.97}) {
    const auto count = static_cast<double>(drawn(density, 3, true, 400, false).target.size());
    const double expected = density * 160000.0, deviation = std::sqrt(expected * (1.0 - density));
    EXPECT_NEAR(count, expected, 4.0 * deviation) << density;
  }
  EXPECT_EQ(drawn(0.0, 1, true, 50, false).target.size(), 0u);
  EXPECT_EQ(drawn(1.0, 1, true, 50, false).target.size(), 2500u);
}

TEST(Sparse, FollowsItsSeed) {
  EXPECT_EQ(drawn(0.1, 5, true, 100, false).target, drawn(0.1, 5, true, 100, false).target);
  EXPECT_NE(drawn(0.1, 5, true, 100, false).target, drawn(0.1, 6, true, 100, false).target);
}

TEST(Sparse, LeavesAutapsesOutOfALoop) {
  const auto own = [](const synapse_plan& plan) {
    std::size_t count = 0;
    each(find_connection("sparse").kind, plan, [&](std::uint32_t i, const synapse& s) { count += s.target == i; });
    return count;
  };
  EXPECT_EQ(own(drawn(1.0, 1, false, 30, true)), 0u);
  EXPECT_EQ(drawn(1.0, 1, false, 30, true).target.size(), 30u * 29u);
  EXPECT_EQ(own(drawn(1.0, 1, false, 30, false)), 30u) << "between two populations equal numbers mean nothing";
}

TEST(OneToOne, JoinsEqualNumbersOfEqualSizes) {
  const auto plan = planned({find_connection("one_to_one").kind, 5, 5});
  ASSERT_TRUE(plan);
  std::vector<std::uint32_t> targets;
  each(find_connection("one_to_one").kind, *plan, [&](std::uint32_t i, const synapse& s) {
    EXPECT_EQ(s.target, i);
    targets.push_back(s.target);
  });
  EXPECT_EQ(targets.size(), 5u);
  const synapse_request other{5, 4, false, {}, {}, {}};
  EXPECT_EQ(connections::one_to_one::problem(other)->value, "one_to_one from 5 to 4");
}

TEST(Sparse, TakesPairsInAnyOrder) {
  const std::uint32_t sources[] = {4, 0, 4}, targets[] = {1, 2, 0};
  const double settings[] = {0.1, 1.0, 1.0};
  const synapse_request request{5, 3, false, settings, sources, targets};
  EXPECT_FALSE(connections::sparse::problem(request));
  synapse_plan plan{5, 3};
  connections::sparse::plan(request, plan);
  EXPECT_THAT(plan.first, ::testing::ElementsAre(0, 1, 1, 1, 1, 3));
  EXPECT_THAT(plan.target, ::testing::ElementsAre(2, 0, 1));
}

}  // namespace
}  // namespace backspike
