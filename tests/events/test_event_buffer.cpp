// A list of events that grows from nothing over every kind of memory that it uses, and is handed over.

#include <backspike/events/camera_event.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace backspike {
namespace {

camera_event numbered(std::size_t k) {
  return {static_cast<std::int64_t>(k), static_cast<std::uint16_t>(k % 640), static_cast<std::uint16_t>(k % 480),
          k % 3 == 0};
}

TEST(EventBuffer, KeepsWhatIsInItWhileItGrows) {
  constexpr std::size_t count = 1500000, part = 7001;  // 24 MB, from less than a huge page to several
  event_buffer all;
  std::vector<camera_event> some;
  for (std::size_t first = 0; first < count; first += part) {
    some.clear();
    for (std::size_t k = first; k < first + part; ++k) {
      some.push_back(numbered(k));
    }
    all.append(some);
  }
  event_buffer other;
  other.append(some);
  other = std::move(all);
  const event_buffer taken(std::move(other));
  ASSERT_GE(taken.size(), count);
  ASSERT_GE(taken.capacity(), taken.size());
  for (std::size_t k = 0; k < taken.size(); ++k) {
    ASSERT_EQ(taken[k], numbered(k));
  }
}

TEST(EventBuffer, ALongOneFromTheStart) {
  event_buffer all;
  auto* first = all.room(1000000);
  first[999999] = numbered(5);
  all.added(1000000);
  EXPECT_EQ(all[999999], numbered(5));
  EXPECT_EQ(all[0], camera_event{});  // fresh memory of the system
}

}  // namespace
}  // namespace backspike
