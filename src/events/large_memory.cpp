// Asks the system for more than is needed, keeps the part that begins at a huge page, and gives back the rest.

#include "events/large_memory.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

namespace backspike {

void* large_memory(std::size_t bytes) {
  const std::size_t asked = bytes + huge_page;
  void* const place = ::mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) {
    return nullptr;
  }
  auto* const first = static_cast<std::byte*>(place);
  const std::size_t before = (huge_page - reinterpret_cast<std::uintptr_t>(place) % huge_page) % huge_page;
  if (before > 0) {
    ::munmap(first, before);
  }
  ::munmap(first + before + bytes, asked - before - bytes);
  ::madvise(first + before, bytes, MADV_HUGEPAGE);  // where the system has none, small ones do
  return first + before;
}

void* grown_large_memory(void* old, std::size_t old_bytes, std::size_t bytes) {
  void* const grown = large_memory(bytes);
  if (grown != nullptr && ::mremap(old, old_bytes, old_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, grown) == MAP_FAILED) {
    std::memcpy(grown, old, old_bytes);
    ::munmap(old, old_bytes);
  }
  return grown;
}

void free_large_memory(void* memory, std::size_t bytes) { ::munmap(memory, bytes); }

}  // namespace backspike
