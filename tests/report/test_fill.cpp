// The places of a page are filled once, and none is forgotten.

#include <backspike/core/error.hpp>

#include <gtest/gtest.h>

#include "report/text.hpp"

namespace backspike::report {
namespace {

TEST(ReportFill, PutsValuesInTheirPlaces) {
  EXPECT_EQ(fill("a{{x}}b{{y}}{{x}}", {{"x", "1"}, {"y", ""}}), "a1b1");
  EXPECT_EQ(fill("no place", {{"x", "1"}}), "no place");
}

TEST(ReportFill, DoesNotFillTheValues) { EXPECT_EQ(fill("{{x}}", {{"x", "{{y}}"}, {"y", "2"}}), "{{y}}"); }

TEST(ReportFill, RefusesAPlaceWithoutAValue) {
  EXPECT_THROW(fill("{{z}}", {{"x", "1"}}), internal_error);
  EXPECT_THROW(fill("{{x", {{"x", "1"}}), internal_error);
}

}  // namespace
}  // namespace backspike::report
