// Fills a block from the file or from a sender, keeping what was not read yet.

#include "events/byte_source.hpp"

#include <backspike/core/error.hpp>

#include "events/live/live_input.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace backspike {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20U;
constexpr std::size_t live_bytes = std::size_t{1} << 16U;
constexpr int pause_ms = 100;              // of a sender, after which what it has sent is looked at
constexpr std::size_t certainly_one = 32;  // bytes in which an item of any format that is read live is whole

}  // namespace

byte_source::byte_source(const std::string& path)
    : path_(path), file_(std::make_unique<input_file>(path)), size_(file_->size()) {}

byte_source::byte_source(std::span<const std::uint8_t> bytes, std::string name)
    : path_(std::move(name)), ready_(bytes), size_(bytes.size()) {}

byte_source::byte_source(const live_events& live)
    : live_(std::make_unique<live_input>(live)), size_(std::numeric_limits<std::uint64_t>::max()) {
  path_ = live_->name();
}

byte_source::~byte_source() = default;

/// Of the block, with what is ready at its beginning.
void byte_source::make_room(std::size_t wanted) {
  if (block_.size() < wanted) {
    std::vector<std::uint8_t> larger(wanted);
    std::copy(ready_.begin(), ready_.end(), larger.begin());
    block_.swap(larger);
  } else if (ready_.data() != block_.data()) {
    std::copy(ready_.begin(), ready_.end(), block_.begin());
  }
  ready_ = std::span<const std::uint8_t>(block_).first(ready_.size());
}

std::span<const std::uint8_t> byte_source::refilled(std::size_t count) {
  if (live_ != nullptr) {
    while (ready_.size() < count && take_some()) {
    }
    return ready_;
  }
  if (file_ == nullptr || ready_.size() == left()) {
    return ready_;
  }
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(count, block_bytes), left()));
  make_room(wanted);
  const std::size_t kept = ready_.size(), got = file_->read(block_.data() + kept, wanted - kept);
  if (got < wanted - kept) {
    throw file_error("read", path_, "it became shorter while it was read");
  }
  ready_ = std::span<const std::uint8_t>(block_).first(wanted);
  return ready_;
}

bool byte_source::take_some() {
  if (has_ended_) {
    return false;
  }
  const std::size_t kept = ready_.size();
  make_room(kept < block_.size() / 2 ? std::max(block_.size(), live_bytes) : std::max(live_bytes, 2 * block_.size()));
  const std::size_t got = live_->read(block_.data() + kept, block_.size() - kept);
  ready_ = std::span<const std::uint8_t>(block_).first(kept + got);
  has_ended_ = got == 0;
  size_ = has_ended_ ? position_ + kept : size_;
  return !has_ended_;
}

std::span<const std::uint8_t> byte_source::looked(std::size_t count) {
  while (ready_.size() < count && !has_ended_ && (ready_.empty() || live_->comes_within(has_looked_ ? 0 : pause_ms))) {
    take_some();
  }
  has_looked_ = true;
  return ready_;
}

std::span<const std::uint8_t> byte_source::ready_to(std::uint8_t mark, std::size_t most) {
  if (live_ == nullptr) {
    return ready(most);
  }
  while (ready_.size() < most && std::find(ready_.begin(), ready_.end(), mark) == ready_.end() && take_some()) {
  }
  return ready_;
}

bool byte_source::is_here() {
  return live_ == nullptr || has_ended_ || ready_.size() >= certainly_one || live_->comes_within(0);
}

std::uint64_t byte_source::lost() const { return live_ == nullptr ? 0 : live_->lost(); }

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
