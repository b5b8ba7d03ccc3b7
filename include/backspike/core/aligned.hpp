#pragma once
// Storage on cache lines, so that a row of 16 floats is one line and aligned vector loads are legal.

#include <cstddef>
#include <vector>

namespace backspike {

inline constexpr std::size_t alignment = 64;  // [bytes]
inline constexpr std::size_t lanes = 16;      // floats in one aligned unit; rows are padded to a multiple of it

constexpr std::size_t padded(std::size_t n) { return (n + lanes - 1) / lanes * lanes; }

namespace detail {
/// On cache lines; large blocks on huge pages where the system has them, since a row of a wide layer is a page by
/// itself.
void* allocate_aligned(std::size_t bytes);
void free_aligned(void* p, std::size_t bytes);
}  // namespace detail

template <class T>
struct aligned_allocator {
  using value_type = T;
  aligned_allocator() = default;
  template <class U>
  aligned_allocator(const aligned_allocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(detail::allocate_aligned(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) { detail::free_aligned(p, n * sizeof(T)); }
  template <class U>
  bool operator==(const aligned_allocator<U>&) const {
    return true;
  }
};

template <class T>
using aligned_vector = std::vector<T, aligned_allocator<T>>;

}  // namespace backspike
