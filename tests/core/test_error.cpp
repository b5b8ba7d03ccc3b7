// The texts of errors: operation, argument, value, what would be accepted; and which root each type has.

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StrEq;

// A caller that catches user_error must get every one of them, and none of our bugs.
template <class... Errors>
constexpr bool all_from_user = (std::is_base_of_v<user_error, Errors> && ...);

TEST(Error, CausesDescendFromTheRightRoot) {
  static_assert(all_from_user<value_error, shape_error, config_error, missing_data_error, format_error, file_error,
                              checkpoint_error, numeric_error, resource_error>);
  static_assert(!std::is_base_of_v<user_error, internal_error>);
  static_assert(std::is_base_of_v<std::exception, internal_error>);
  EXPECT_THROW(throw file_error("read", "a", "b"), user_error);
  EXPECT_THROW(throw internal_error("a bug"), std::logic_error);
}

TEST(Error, ValueErrorSaysOperationArgumentValueAndWhatIsAccepted) {
  const value_error e("network", "dt", "-1", "above 0");
  EXPECT_THAT(e.what(), AllOf(HasSubstr("network"), HasSubstr("dt = -1"), HasSubstr("above 0")));
  EXPECT_EQ(e.operation, "network");
  EXPECT_EQ(e.argument, "dt");
  EXPECT_EQ(e.value, "-1");
  EXPECT_EQ(e.accepted, "above 0");
}

TEST(Error, ValueErrorWithoutAcceptedValuesHasNoEmptyBrackets) {
  EXPECT_THAT(value_error("network", "dt", "-1", "").what(), StrEq("network: dt = -1"));
}

TEST(Error, ShapeErrorShowsBothShapes) {
  const shape_error e("engine", "batch", "[700]", "[784]");
  EXPECT_THAT(e.what(), AllOf(HasSubstr("engine"), HasSubstr("batch"), HasSubstr("[700]"), HasSubstr("[784]")));
  EXPECT_EQ(e.actual, "[700]");
  EXPECT_EQ(e.expected, "[784]");
}

TEST(Error, ConfigErrorNamesFileLineAndKey) {
  const config_error e("run.toml", 12, "train.batch", "must be positive");
  EXPECT_THAT(e.what(), StrEq("run.toml:12: train.batch: must be positive"));
  EXPECT_EQ(e.file, "run.toml");
  EXPECT_EQ(e.key, "train.batch");
  EXPECT_EQ(e.line, 12u);
}

TEST(Error, ConfigErrorFromAnOverrideHasNoLine) {
  EXPECT_THAT(config_error("--set", 0, "seed", "not a number").what(), StrEq("--set: seed: not a number"));
  EXPECT_THAT(config_error("run.toml", 3, "", "not TOML").what(), StrEq("run.toml:3: not TOML"));
}

TEST(Error, FileErrorsNameThePathAndThePlace) {
  const file_error refused("write", "a/b.h5", "No space left on device");
  EXPECT_THAT(refused.what(), AllOf(HasSubstr("write"), HasSubstr("a/b.h5"), HasSubstr("No space left on device")));
  EXPECT_EQ(refused.path, "a/b.h5");
  EXPECT_EQ(refused.operation, "write");

  const format_error corrupt("train.gz", "byte 16", "truncated");
  EXPECT_THAT(corrupt.what(), StrEq("train.gz (byte 16): truncated"));
  EXPECT_EQ(corrupt.place, "byte 16");
  EXPECT_THAT(format_error("train.gz", "", "truncated").what(), Not(HasSubstr("(")));

  const missing_data_error absent("data/digits", "set data.path");
  EXPECT_THAT(absent.what(), AllOf(HasSubstr("data/digits"), HasSubstr("set data.path")));
  EXPECT_EQ(absent.remedy, "set data.path");

  const checkpoint_error foreign("last.h5", "another network");
  EXPECT_THAT(foreign.what(), AllOf(HasSubstr("last.h5"), HasSubstr("another network")));
  EXPECT_EQ(foreign.path, "last.h5");
}

TEST(Error, NumericErrorNamesWhereAndWhen) {
  const numeric_error e("hidden1.weight", "is not finite", 41);
  EXPECT_STREQ(e.what(), "hidden1.weight, training step 41: is not finite");
  EXPECT_EQ(e.where, "hidden1.weight");
  EXPECT_EQ(e.step, 41u);
  EXPECT_STREQ(numeric_error("hidden1", "is not finite").what(), "hidden1: is not finite");
}

TEST(Error, ResourceErrorShowsWhatIsNeededAndAvailable) {
  const resource_error e("training", 5000, 1234, "lower train.batch");
  EXPECT_THAT(e.what(), AllOf(HasSubstr("4.9 KiB"), HasSubstr("1.2 KiB"), HasSubstr("lower train.batch")));
  EXPECT_EQ(e.needed, 5000u);
  EXPECT_EQ(e.available, 1234u);
}

}  // namespace
}  // namespace backspike
