// Allocates the aligned buffers of core/aligned.hpp. Large ones get whole huge pages, so that long passes over memory
// cost fewer look-ups of addresses.

#include <backspike/core/aligned.hpp>

#include <sys/mman.h>

#include <new>

namespace backspike::detail {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t large = 4 * huge_page;  // below, rounding up to whole pages would show in the memory used

constexpr std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= large ? huge_page : alignment};
}

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  void* p = ::operator new(bytes, alignment_of(bytes));
  if (bytes >= large) {
    madvise(p, bytes / huge_page * huge_page, MADV_HUGEPAGE);  // a wish: that it cannot be met is no error
  }
  return p;
}

void free_aligned(void* p, std::size_t bytes) { ::operator delete(p, alignment_of(bytes)); }

}  // namespace backspike::detail
