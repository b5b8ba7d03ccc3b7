// Fills the page that plays events: their bytes in base64, in the order of time, 8 for each.

#include <backspike/report/event_page.hpp>

#include <backspike/core/error.hpp>

#include "report/assets.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace backspike {
namespace {

void refuse(const std::string& argument, const std::string& value, const std::string& accepted) {
  throw value_error("render_events", argument, value, accepted);
}

void check(const event_page& page) {
  constexpr std::uint64_t most_pixels = std::uint64_t{1} << 24U;
  const auto& s = page.sensor;
  if (!s.known() || std::uint64_t{s.width} * s.height > most_pixels) {
    refuse("sensor", fmt::format("{}x{}", s.width, s.height), "a size of at most 2^24 pixels");
  }
  if (page.events.size() > most_page_events) {
    refuse("events", std::to_string(page.events.size()), fmt::format("at most {}; take a slice", most_page_events));
  }
  for (const auto& e : page.events) {
    if (e.x >= s.width || e.y >= s.height) {
      refuse("pixel", fmt::format("{}, {}", e.x, e.y), fmt::format("pixels of the sensor, {}x{}", s.width, s.height));
    }
  }
}

std::vector<camera_event> by_time(std::span<const camera_event> events) {
  std::vector<camera_event> sorted(events.begin(), events.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.t < b.t; });
  constexpr std::uint64_t most = 0xFFFFFFFF;
  if (!sorted.empty()) {
    const auto length = static_cast<std::uint64_t>(sorted.back().t) - static_cast<std::uint64_t>(sorted.front().t);
    if (length > most) {
      refuse("events", std::to_string(length) + " us", "at most 71 minutes; take a slice");
    }
  }
  return sorted;
}

/// Time since the first event, x, and y with the polarity in its highest bit, little-endian.
std::string bytes_of(const std::vector<camera_event>& sorted) {
  std::string bytes;
  bytes.reserve(8 * sorted.size());
  for (const auto& e : sorted) {
    const std::uint64_t t = static_cast<std::uint32_t>(e.t - sorted.front().t), y = e.y | (e.on ? 1U << 15U : 0U);
    const std::uint64_t word = t | std::uint64_t{e.x} << 32U | y << 48U;
    for (unsigned k = 0; k < 8; ++k) {
      bytes += static_cast<char>(word >> (8 * k) & 255U);
    }
  }
  return bytes;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto there = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      three = three << 8U | (k < there ? static_cast<unsigned char>(bytes[at + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= there ? digits[three >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

std::string table_of(const event_page& page) {
  std::string rows;
  for (const auto& [name, value] : page.facts) {
    rows += "<tr><th>" + report::escape_html(name) + "</th><td>" + report::escape_html(value) + "</td></tr>\n";
  }
  return rows;
}

}  // namespace

std::string render_events(const event_page& page) {
  check(page);
  const auto sorted = by_time(page.events);
  const auto title = report::escape_html(page.title), facts = table_of(page), events = base64(bytes_of(sorted));
  const auto width = std::to_string(page.sensor.width), height = std::to_string(page.sensor.height);
  const auto first = std::to_string(sorted.empty() ? 0 : sorted.front().t);
  return report::fill(report::events_html, {{"css", report::page_css},
                                            {"js", report::events_js},
                                            {"title", title},
                                            {"facts", facts},
                                            {"events", events},
                                            {"width", width},
                                            {"height", height},
                                            {"first", first}});
}

}  // namespace backspike
