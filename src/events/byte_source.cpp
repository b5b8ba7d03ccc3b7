// Fills a block from the file, keeping what was not read yet.

#include "events/byte_source.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <utility>

namespace backspike {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20U;

}  // namespace

byte_source::byte_source(const std::string& path)
    : path_(path), file_(std::make_unique<input_file>(path)), size_(file_->size()) {}

byte_source::byte_source(std::span<const std::uint8_t> bytes, std::string name)
    : path_(std::move(name)), ready_(bytes), size_(bytes.size()) {}

std::span<const std::uint8_t> byte_source::refilled(std::size_t count) {
  if (file_ == nullptr || ready_.size() == left()) {
    return ready_;
  }
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(count, block_bytes), left()));
  if (block_.size() < wanted) {
    std::vector<std::uint8_t> larger(wanted);
    std::copy(ready_.begin(), ready_.end(), larger.begin());
    block_.swap(larger);
  } else {
    std::copy(ready_.begin(), ready_.end(), block_.begin());
  }
  const std::size_t kept = ready_.size(), got = file_->read(block_.data() + kept, wanted - kept);
  if (got < wanted - kept) {
    throw file_error("read", path_, "it became shorter while it was read");
  }
  ready_ = std::span<const std::uint8_t>(block_).first(wanted);
  return ready_;
}

void byte_source::skip_far(std::uint64_t count) {
  while (count > 0 && left() > 0) {
    const auto there = ready(1);
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(count, there.size()));
    skip(now);
    count -= now;
  }
}

std::string byte_source::place(std::uint64_t behind) const { return "byte " + std::to_string(position_ + behind); }

void byte_source::fail(const std::string& message, std::uint64_t behind) const {
  throw format_error(path_, place(behind), message);
}

}  // namespace backspike
