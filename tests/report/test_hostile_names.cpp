// Names that are not UTF-8, or that would reorder or end what stands beside them, leave a page that is.

#include "report/text.hpp"

#include <backspike/core/text.hpp>
#include <backspike/report/report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HostileNames, EscapedTextIsUtf8WithoutControlCharacters) {
  EXPECT_EQ(report::escape_html("caf\xe9"), "caf\u00e9");
  EXPECT_EQ(report::escape_html("\u202e<b>\x1b[0m\n\t"), "\\u202e&lt;b&gt;\\x1b[0m\n\t");
}

TEST(HostileNames, PagesAreUtf8) {
  const auto page = render_comparison("caf\xe9 \u202e", "row of \xff\n", "{}");
  EXPECT_TRUE(is_valid_utf8(page));
  EXPECT_THAT(page, HasSubstr("caf\u00e9"));
  sweep_page sweep;
  sweep.title = "caf\xe9\u202e";
  sweep.rows = {{"key", "value"}, {"\xe9t\xe9", "1"}};
  sweep.axes = 1;
  sweep.failures = {"lost \xe9"};
  sweep.json = "{}";
  const auto other = render_sweep(sweep);
  EXPECT_TRUE(is_valid_utf8(other));
  EXPECT_THAT(other.substr(0, 400), Not(HasSubstr("\u202e")));
}

}  // namespace
}  // namespace backspike
