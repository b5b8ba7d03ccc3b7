// Sends results and errors through the pipe, and checks every length that comes out of it.

#include "io/wall/wall_stream.hpp"

#include <backspike/core/error.hpp>

#include "io/wall/read_limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <utility>

namespace backspike {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 16;
constexpr std::size_t longest_text = std::size_t{1} << 16;  // of an error

enum tag : std::uint8_t { item = 1, error = 2, end = 3 };

/// The causes that a reader can have, in the order of `rebuild`; their texts are what their constructors take.
enum cause : std::uint8_t { value, shape, config, missing, format, file, checkpoint, resource, memory, ours };

struct error_record {
  cause kind = ours;
  std::array<std::string, 4> texts;
  std::uint64_t first = 0, second = 0;
};

error_record record_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const value_error& e) {
    return {value, {e.operation, e.argument, e.value, e.accepted}};
  } catch (const shape_error& e) {
    return {shape, {e.operation, e.argument, e.actual, e.expected}};
  } catch (const config_error& e) {
    return {config, {e.file, e.key, e.message, ""}, e.line};
  } catch (const missing_data_error& e) {
    return {missing, {e.path, e.remedy, "", ""}};
  } catch (const format_error& e) {
    return {format, {e.path, e.place, e.message, ""}};
  } catch (const file_error& e) {
    return {file, {e.operation, e.path, e.message, ""}};
  } catch (const checkpoint_error& e) {
    return {checkpoint, {e.path, e.message, "", ""}};
  } catch (const resource_error& e) {
    return {resource, {e.operation, e.advice, "", ""}, e.needed, e.available};
  } catch (const std::bad_alloc&) {
    return {memory, {}};
  } catch (const std::length_error&) {  // what a container says that is asked for more than can be addressed
    return {memory, {}};
  } catch (const std::exception& e) {
    return {ours, {e.what(), "", "", ""}};
  } catch (...) {
    return {ours, {"an error without a text", "", "", ""}};
  }
}

[[noreturn]] void rebuild(const error_record& r, const std::string& path, std::uint64_t limit) {
  const auto& t = r.texts;
  switch (r.kind) {
    case value:
      throw value_error(t[0], t[1], t[2], t[3]);
    case shape:
      throw shape_error(t[0], t[1], t[2], t[3]);
    case config:
      throw config_error(t[0], r.first, t[1], t[2]);
    case missing:
      throw missing_data_error(t[0], t[1]);
    case format:
      throw format_error(t[0], t[1], t[2]);
    case file:
      throw file_error(t[0], t[1], t[2]);
    case checkpoint:
      throw checkpoint_error(t[0], t[1]);
    case resource:
      throw resource_error(t[0], r.first, r.second, t[1]);
    case memory:
      throw resource_error("read " + path, resource_error::beyond, limit, advice_on_memory());
    case ours:
      break;
  }
  throw internal_error("read " + path + ": " + t[0]);
}

}  // namespace

wall_sink::wall_sink(int descriptor) : descriptor_(descriptor) { buffer_.reserve(buffer_bytes); }

void wall_sink::begin_item() { (*this)(std::uint8_t{item}); }

void wall_sink::finish() {
  (*this)(std::uint8_t{end});
  flush();
}

void wall_sink::fail(const std::exception_ptr& thrown) {
  const auto record = record_of(thrown);
  (*this)(std::uint8_t{error});
  (*this)(std::uint8_t{record.kind});
  for (const auto& text : record.texts) {
    const std::size_t length = std::min(text.size(), longest_text);  // no copy: memory may be what went wrong
    (*this)(static_cast<std::uint64_t>(length));
    write(text.data(), length);
  }
  (*this)(record.first);
  (*this)(record.second);
  flush();
}

void wall_sink::operator()(const std::string& text) {
  (*this)(static_cast<std::uint64_t>(text.size()));
  write(text.data(), text.size());
}

void wall_sink::write(const void* from, std::size_t count) {
  const auto* bytes = static_cast<const char*>(from);
  if (buffer_.size() + count > buffer_bytes) {
    flush();
  }
  if (count > buffer_bytes) {
    send(bytes, count);
  } else {
    buffer_.insert(buffer_.end(), bytes, bytes + count);
  }
}

void wall_sink::flush() {
  send(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void wall_sink::send(const char* from, std::size_t count) {
  while (count > 0) {
    const auto sent = ::write(descriptor_, from, count);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      ::_exit(1);  // nobody listens any more
    }
    from += sent;
    count -= static_cast<std::size_t>(sent);
  }
}

wall_source::wall_source(std::string path, std::string format, filler fill, std::uint64_t most_bytes)
    : path_(std::move(path)),
      format_(std::move(format)),
      fill_(std::move(fill)),
      most_(most_bytes),
      left_(most_bytes) {}

void wall_source::begin_item() {
  std::uint8_t kind = 0;
  fill_(&kind, sizeof kind);
  if (kind == error) {
    rethrow();
  }
  if (kind != item) {
    distrust();
  }
}

void wall_source::finish() {
  std::uint8_t kind = 0;
  fill_(&kind, sizeof kind);
  if (kind == error) {
    rethrow();
  }
  if (kind != end) {
    distrust();
  }
}

void wall_source::distrust() const {
  throw format_error(path_, "", "damaged: its reader (" + format_ + ") went astray and gave back nonsense");
}

void wall_source::refuse_length() const {
  throw resource_error("read " + path_, resource_error::beyond, most_, advice_on_memory());
}

void wall_source::operator()(std::string& text) {
  text.resize(length(1));
  read(text.data(), text.size());
}

std::size_t wall_source::length(std::size_t bytes_each) {
  std::uint64_t count = 0;
  read(&count, sizeof count);
  if (count > left_ / bytes_each) {
    refuse_length();
  }
  return static_cast<std::size_t>(count);
}

void wall_source::read(void* to, std::size_t count) {
  if (count > left_) {
    refuse_length();
  }
  left_ -= count;
  fill_(to, count);
}

void wall_source::rethrow() {
  left_ = 8 * longest_text;
  error_record record;
  std::uint8_t kind = 0;
  (*this)(kind);
  for (auto& text : record.texts) {
    (*this)(text);
  }
  (*this)(record.first);
  (*this)(record.second);
  if (kind > ours) {
    distrust();
  }
  record.kind = static_cast<cause>(kind);
  rebuild(record, path_, most_);
}

}  // namespace backspike
