#pragma once
// Memory of long lists in huge pages, where the system has them: touched for the first time, 64 MB are 32 faults then
// and not 16,384, which takes longer than to decode what goes there.

#include <cstddef>

namespace backspike {

constexpr std::size_t huge_page = std::size_t{2} << 20U;  // [bytes]

/// `bytes` are a multiple of huge_page; null: there is no more.
void* large_memory(std::size_t bytes);
/// The same memory, longer, and perhaps elsewhere: pages are moved, not copied. Null: there is no more, and the old one
/// is as it was.
void* grown_large_memory(void* old, std::size_t old_bytes, std::size_t bytes);
void free_large_memory(void* memory, std::size_t bytes);

}  // namespace backspike
