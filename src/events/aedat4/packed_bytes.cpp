// Feeds a frame to its library, which writes into memory that grows by doubling up to the bound.

#include "events/aedat4/packed_bytes.hpp"

#include <lz4frame.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace backspike {
namespace {

constexpr std::size_t first_bytes = 65536;

std::string too_large(std::size_t most) { return "unpacks to more than " + std::to_string(most) + " bytes"; }

struct lz4_closer {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};
struct zstd_closer {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

bool unpacked_bytes::grow(std::size_t most) {
  if (size_ == most) {
    return false;
  }
  if (size_ == memory_.size()) {
    memory_.resize(std::min(most, std::max(first_bytes, 2 * memory_.size())));
  }
  return true;
}

std::string unpacked_bytes::unpack(std::span<const std::uint8_t> packed, packing how, std::size_t most) {
  size_ = 0;
  if (how == packing::none) {
    memory_.resize(std::max(memory_.size(), packed.size()));
    std::copy(packed.begin(), packed.end(), memory_.begin());
    size_ = packed.size();
    return "";
  }
  return how == packing::lz4 ? unpack_lz4(packed, most) : unpack_zstd(packed, most);
}

std::string unpacked_bytes::unpack_lz4(std::span<const std::uint8_t> packed, std::size_t most) {
  LZ4F_dctx* made = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<LZ4F_dctx, lz4_closer> context(made);
  for (std::size_t next = 1; next != 0;) {  // what the library would like to read; 0: the frame is at its end
    if (!grow(most)) {
      return too_large(most);
    }
    std::size_t in = packed.size(), out = std::min(memory_.size(), most) - size_;
    next = LZ4F_decompress(made, memory_.data() + size_, &out, packed.data(), &in, nullptr);
    if (LZ4F_isError(next) != 0) {
      return std::string("no frame of LZ4: ") + LZ4F_getErrorName(next);
    }
    if (in == 0 && out == 0 && next != 0) {
      return "a frame of LZ4 that is cut off";
    }
    size_ += out;
    packed = packed.subspan(in);
  }
  return packed.empty() ? "" : "bytes behind its frame of LZ4";
}

std::string unpacked_bytes::unpack_zstd(std::span<const std::uint8_t> packed, std::size_t most) {
  const std::unique_ptr<ZSTD_DCtx, zstd_closer> context(ZSTD_createDCtx());
  if (context == nullptr) {
    throw std::bad_alloc();
  }
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  for (std::size_t next = 1; next != 0;) {
    if (!grow(most)) {
      return too_large(most);
    }
    ZSTD_outBuffer out{memory_.data(), std::min(memory_.size(), most), size_};
    const auto taken = in.pos;
    next = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(next) != 0) {
      return std::string("no frame of Zstandard: ") + ZSTD_getErrorName(next);
    }
    if (in.pos == taken && out.pos == size_ && next != 0) {
      return "a frame of Zstandard that is cut off";
    }
    size_ = out.pos;
  }
  return in.pos == in.size ? "" : "bytes behind its frame of Zstandard";
}

}  // namespace backspike
