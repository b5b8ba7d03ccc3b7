#pragma once
// Storage on cache lines, so that a row of 16 floats is one line and aligned vector loads are legal.

#include <cstddef>
#include <new>
#include <vector>

namespace backspike {

inline constexpr std::size_t alignment = 64;  // [bytes]
inline constexpr std::size_t lanes = 16;      // floats in one aligned unit; rows are padded to a multiple of it

constexpr std::size_t padded(std::size_t n) { return (n + lanes - 1) / lanes * lanes; }

template <class T>
struct aligned_allocator {
  using value_type = T;
  aligned_allocator() = default;
  template <class U>
  aligned_allocator(const aligned_allocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{alignment})); }
  void deallocate(T* p, std::size_t) { ::operator delete (p, std::align_val_t{alignment}); }
  template <class U>
  bool operator==(const aligned_allocator<U>&) const {
    return true;
  }
};

template <class T>
using aligned_vector = std::vector<T, aligned_allocator<T>>;

}  // namespace backspike
