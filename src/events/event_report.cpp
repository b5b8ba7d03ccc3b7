// Counts by kind, and the sentence that says what is odd.

#include <backspike/events/event_report.hpp>

#include <algorithm>

namespace backspike {
namespace {

/// `kind` is a literal: reports outlive readers.
std::uint64_t& count_of(std::vector<kind_count>& all, std::string_view kind) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const kind_count& c) { return c.kind == kind; });
  return found != all.end() ? found->count : all.emplace_back(kind_count{kind, 0}).count;
}

void say(std::string& text, std::uint64_t count, std::string_view what) {
  if (count > 0) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
  }
}

}  // namespace

std::uint64_t& event_report::ignored_of(std::string_view kind) { return count_of(ignored, kind); }
std::uint64_t& event_report::invalid_of(std::string_view kind) { return count_of(invalid, kind); }

std::uint64_t event_report::invalid_total() const {
  std::uint64_t total = 0;
  for (const auto& c : invalid) {
    total += c.count;
  }
  return total;
}

std::string event_report::oddities() const {
  std::string text;
  say(text, backwards, backwards == 1 ? "event steps back in time" : "events step back in time");
  say(text, outside, outside == 1 ? "event outside the sensor" : "events outside the sensor");
  say(text, truncated_bytes, truncated_bytes == 1 ? "byte cut off at the end" : "bytes cut off at the end");
  for (const auto& c : invalid) {
    say(text, c.count, c.kind);
  }
  return text;
}

}  // namespace backspike
