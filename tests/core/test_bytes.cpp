// Bytes in the units that people use.

#include <backspike/core/bytes.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace backspike {
namespace {

TEST(BytesText, PicksTheUnitThatPeopleWouldPick) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(std::uint64_t{1} << 20), "1.0 MiB");
  EXPECT_EQ(bytes_text((std::uint64_t{1} << 20) - 1), "1.0 MiB");
  EXPECT_EQ(bytes_text(UINT64_MAX), "16.0 EiB");
}

}  // namespace
}  // namespace backspike
