// Text with a line for each event: numbers behind one another, with commas, semicolons, spaces or tabs between them.
// The first line names the columns, or the caller does.

#include <backspike/core/error.hpp>

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/formats/columns.hpp"
#include "events/raw_header.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace backspike {
namespace {

constexpr std::size_t longest_line = 4096, most_columns = 16;
constexpr std::string_view separators = ", \t;";

/// The next line of what is ready, with its end; the last one may lack that.
std::string_view next_line(byte_source& from) {
  auto text = text_of(from.ready_to('\n', longest_line + 1));
  text = text.substr(0, longest_line + 1);
  const auto end = text.find('\n');
  if (end == std::string_view::npos && text.size() > longest_line) {
    from.fail("a line of more than 4096 bytes");
  }
  return text.substr(0, end == std::string_view::npos ? end : end + 1);
}

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  return line;
}

std::string_view without_start(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{} : line.substr(first);
}

bool is_comment(std::string_view line) { return line.empty() || line[0] == '#' || line[0] == '%'; }

/// The fields of a row; more than `most_columns` are counted only.
std::size_t split(std::string_view line, std::array<std::string_view, most_columns>& fields) {
  std::size_t count = 0;
  while (!line.empty()) {
    const auto end = std::min(line.find_first_of(separators), line.size());
    if (count < most_columns) {
      fields[count] = line.substr(0, end);
    }
    ++count;
    line.remove_prefix(end);
    if (!line.empty()) {
      const bool space = line[0] == ' ' || line[0] == '\t';
      line.remove_prefix(1);
      line = space || !line.empty() ? without_start(line) : line;
      if (space && !line.empty() && (line[0] == ',' || line[0] == ';')) {
        line = without_start(line.substr(1));
      }
    }
  }
  return count;
}

template <class Number>
bool parse(std::string_view text, Number& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse_polarity(std::string_view text, std::int64_t& value) {
  if (text == "true" || text == "True" || text == "false" || text == "False") {
    value = text[0] == 't' || text[0] == 'T' ? 1 : 0;
    return true;
  }
  return parse(text, value);
}

class csv_decoder final : public event_decoder {
 public:
  csv_decoder(const decoder_setup& s, const event_columns& columns, std::size_t line)
      : columns_(columns), scale_(s.options.time_scale), line_(line) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    constexpr std::size_t piece = 4096;
    camera_event* out = to.room(std::min(most, piece));
    for (std::size_t k = 0; k < std::min(most, piece); ++k) {
      const auto line = next_line(from);
      if (line.empty()) {
        return false;
      }
      const auto content = without_start(without_end(line));
      if (!is_comment(content)) {
        store(from, content, out++);
        to.added(1);
      }
      from.skip(line.size());
      ++line_;
    }
    return true;
  }

 private:
  void store(byte_source& from, std::string_view line, camera_event* out) {
    std::array<std::string_view, most_columns> fields;
    const auto count = split(line, fields);
    if (count != columns_.count) {
      fail(from, std::to_string(count) + " columns where there should be " + std::to_string(columns_.count));
    }
    std::int64_t t = time(from, fields[columns_.at[0]]), x = 0, y = 0, p = 0;
    if (!parse(fields[columns_.at[1]], x) || !parse(fields[columns_.at[2]], y)) {
      fail(from, "x and y that are no whole numbers: " + std::string(line));
    }
    if (!parse_polarity(fields[columns_.at[3]], p)) {
      fail(from, "p = " + std::string(fields[columns_.at[3]]) + " (accepted: 0 or -1 for OFF, 1 for ON)");
    }
    if (const auto fault = make_event(t, x, y, p, *out); !fault.empty()) {
      fail(from, fault);
    }
  }

  std::int64_t time(byte_source& from, std::string_view text) {
    std::int64_t whole = 0;
    if (scale_ == 0.0) {
      if (!parse(text, whole)) {
        fail(from,
             "t = " + std::string(text) + " (accepted: whole microseconds; for another unit, say which: time_unit)");
      }
      return whole;
    }
    double value = 0.0;
    const auto scaled = parse(text, value) && std::isfinite(value) ? scaled_time(value, scale_) : std::nullopt;
    if (!scaled) {
      fail(from, "t = " + std::string(text) + " (accepted: a number)");
    }
    return *scaled;
  }

  [[noreturn]] void fail(byte_source& from, const std::string& message) const {
    throw format_error(from.path(), "line " + std::to_string(line_) + ", " + from.place(), message);
  }

  event_columns columns_;
  double scale_;
  std::size_t line_;
};

/// "% geometry 640,480" or "# geometry 640x480" in a comment.
sensor_size geometry_in(std::string_view comment) {
  constexpr std::string_view mark = "geometry";
  const auto at = comment.find(mark);
  if (at == std::string_view::npos) {
    return {};
  }
  std::string value(without_start(comment.substr(at + mark.size())));
  value.erase(0, value.find_first_not_of(":= "));
  std::replace(value.begin(), value.end(), ',', 'x');
  return size_from(value).value_or(sensor_size{});
}

bool names_columns(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::unique_ptr<event_decoder> open_csv(const decoder_setup& setup) {
  std::size_t number = 1;
  auto line = next_line(setup.from);
  const auto advance = [&] {
    setup.from.skip(line.size());
    line = next_line(setup.from);
    ++number;
  };
  for (; !line.empty() && is_comment(without_start(without_end(line))); advance()) {
    if (const auto size = geometry_in(line); size.known()) {
      set_sensor(setup, size);
    }
  }
  const auto content = without_start(without_end(line));
  const bool named = names_columns(content) && content.find_first_of("0123456789") == std::string_view::npos;
  const auto columns = columns_from(setup.options.columns.empty() ? content : std::string_view(setup.options.columns));
  if (!setup.options.columns.empty() && !columns) {
    throw value_error("read " + setup.from.path(), "columns", setup.options.columns,
                      "the names of its columns in order, with each of t, x, y and p once: \"t,x,y,p\"");
  }
  if ((!named && setup.options.columns.empty() && !line.empty()) || (columns && columns->count > most_columns)) {
    throw value_error("read " + setup.from.path(), "columns", "none",
                      "the names of its columns in order, such as \"t,x,y,p\", for its first line names none: " +
                          std::string(content.substr(0, 40)));
  }
  if (named && !columns) {
    setup.from.fail("the first line does not name each of the columns t, x, y and p once");
  }
  if (named) {
    advance();
  }
  setup.file.details = line.empty() ? "no events" : std::to_string(columns->count) + " columns";
  return std::make_unique<csv_decoder>(setup, columns.value_or(event_columns{}), number);
}

}  // namespace backspike
