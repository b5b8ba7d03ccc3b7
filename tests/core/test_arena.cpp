// Parameters in one buffer: where each lies, padding that stays zero, and names that are refused.

#include <backspike/core/arena.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/field.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace backspike {
namespace {

using testing::Each;
using testing::HasSubstr;

parameter_layout three_parameters() {
  parameter_layout layout;
  layout.add("hidden.weight", {{5, 20}}, "", -unbounded, unbounded, true);
  layout.add("hidden.tau_m", {{1}}, "ms", 0.01, 1e6, false);
  layout.add("readout.weight", {{20, 16}}, "", -unbounded, unbounded, true);
  return layout;
}

TEST(Shape, SizeIsTheProductAndTextShowsTheExtents) {
  EXPECT_EQ((shape{{784, 256}}.size()), 784u * 256u);
  EXPECT_EQ((shape{{2, 0, 3}}.size()), 0u);
  EXPECT_EQ((shape{{784, 256}}.text()), "[784, 256]");
  EXPECT_EQ(shape{{7}}.text(), "[7]");
  EXPECT_EQ(shape{}.text(), "[]");
  EXPECT_EQ((shape{{2, 3}}), (shape{{2, 3}}));
  EXPECT_NE((shape{{2, 3}}), (shape{{3, 2}}));
}

TEST(Layout, PaddedRoundsUpToWholeLanes) {
  EXPECT_EQ(padded(0), 0u);
  EXPECT_EQ(padded(1), lanes);
  EXPECT_EQ(padded(lanes), lanes);
  EXPECT_EQ(padded(lanes + 1), 2 * lanes);
}

TEST(Layout, ParametersFollowOneAnotherInWholeLanes) {
  const parameter_layout layout = three_parameters();
  ASSERT_EQ(layout.size(), 3u);
  EXPECT_EQ(layout[0].rows, 5u);
  EXPECT_EQ(layout[0].cols, 20u);
  EXPECT_EQ(layout[0].stride, 32u);
  EXPECT_EQ(layout[0].offset, 0u);
  EXPECT_EQ(layout[1].offset, 5u * 32u);
  EXPECT_EQ(layout[1].stride, 16u);
  EXPECT_EQ(layout[2].offset, 5u * 32u + 16u);
  EXPECT_EQ(layout[2].stride, 16u);
  EXPECT_EQ(layout.floats(), 5u * 32u + 16u + 20u * 16u);
}

TEST(Layout, KeepsWhatAParameterIs) {
  const parameter_layout layout = three_parameters();
  const parameter_info& tau = layout[layout.find("hidden.tau_m")];
  EXPECT_EQ(tau.unit, "ms");
  EXPECT_EQ(tau.low, 0.01);
  EXPECT_EQ(tau.high, 1e6);
  EXPECT_FALSE(tau.learnable);
  EXPECT_EQ(layout[0].extents, (shape{{5, 20}}));
}

TEST(Layout, VectorsAreOneRowAndHigherRanksAreFlattenedBehindTheFirst) {
  parameter_layout layout;
  layout.add("bias", {{7}}, "", -1, 1, true);
  layout.add("kernel", {{2, 3, 4}}, "", -1, 1, true);
  EXPECT_EQ(layout[0].rows, 1u);
  EXPECT_EQ(layout[0].cols, 7u);
  EXPECT_EQ(layout[1].rows, 2u);
  EXPECT_EQ(layout[1].cols, 12u);
}

TEST(Layout, CountsLearnableNumbersWithoutPadding) {
  EXPECT_EQ(three_parameters().learnable_count(), 5u * 20u + 20u * 16u);
  EXPECT_EQ(parameter_layout{}.learnable_count(), 0u);
}

TEST(Layout, FindListsTheKnownNames) {
  const parameter_layout layout = three_parameters();
  EXPECT_EQ(layout.find("readout.weight"), 2u);
  try {
    (void)layout.find("hidden.weigth");
    FAIL() << "found a name that is not there";
  } catch (const value_error& e) {
    EXPECT_EQ(e.value, "hidden.weigth");
    EXPECT_THAT(e.accepted, HasSubstr("hidden.weight, hidden.tau_m, readout.weight"));
  }
}

TEST(Layout, RefusesANameTwice) {
  parameter_layout layout = three_parameters();
  EXPECT_THROW(layout.add("hidden.weight", {{3}}, "", 0, 1, true), internal_error);
  EXPECT_EQ(layout.size(), 3u);
}

TEST(Arena, StartsAtZeroOnWholeCacheLines) {
  const parameter_layout layout = three_parameters();
  arena<float> a(layout);
  ASSERT_EQ(a.values().size(), layout.floats());
  EXPECT_THAT(a.values(), Each(0.0f));
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const auto view = a.view(i);
    for (std::size_t r = 0; r < view.rows; ++r) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view.row(r)) % alignment, 0u) << layout[i].name << " row " << r;
    }
  }
}

TEST(Arena, ViewsWriteIntoTheOneBuffer) {
  const parameter_layout layout = three_parameters();
  arena<float> a(layout);
  a.view("hidden.weight")(4, 19) = 2.0f;
  a.view(1)(0, 0) = 3.0f;
  EXPECT_EQ(a.values()[4 * 32 + 19], 2.0f);
  EXPECT_EQ(a.values()[5 * 32], 3.0f);
  const arena<float>& constant = a;
  EXPECT_EQ(constant.view("hidden.weight")(4, 19), 2.0f);
  EXPECT_EQ(std::count(a.values().begin(), a.values().end(), 0.0f), static_cast<std::ptrdiff_t>(layout.floats()) - 2);
}

TEST(Arena, FillLeavesThePaddingAtZero) {
  const parameter_layout layout = three_parameters();
  arena<double> a(layout);
  a.fill(1.5);
  const auto filled = std::count(a.values().begin(), a.values().end(), 1.5);
  const auto zero = std::count(a.values().begin(), a.values().end(), 0.0);
  EXPECT_EQ(filled, 5 * 20 + 1 + 20 * 16);
  EXPECT_EQ(filled + zero, static_cast<std::ptrdiff_t>(layout.floats()));
  EXPECT_EQ(a.view(0).row(0)[20], 0.0);
}

TEST(Arena, CopiesAreIndependent) {
  const parameter_layout layout = three_parameters();
  arena<float> a(layout);
  const arena<float> before = a;
  a.fill(1.0f);
  EXPECT_THAT(before.values(), Each(0.0f));
  EXPECT_EQ(&before.layout(), &layout);
}

}  // namespace
}  // namespace backspike
