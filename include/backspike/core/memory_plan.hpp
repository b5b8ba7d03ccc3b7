#pragma once
// Every buffer of training is declared once, by a line that says which vector has room for how much. A plan that takes
// gives the vector this room, before the time loop; a plan that books only adds up the bytes. So a forecast is the sum
// of the lines that allocate.

#include <cstddef>
#include <cstdint>

namespace backspike {

class memory_plan {
 public:
  static memory_plan take() { return memory_plan(true); }
  static memory_plan book() { return memory_plan(false); }

  /// Room for n numbers at least, which keep their values.
  template <class Vector>
  void grow(Vector& v, std::size_t n) {
    add<Vector>(n);
    if (takes_ && v.size() < n) {
      v.resize(n);
    }
  }

  /// Exactly n numbers.
  template <class Vector>
  void exactly(Vector& v, std::size_t n) {
    add<Vector>(n);
    if (takes_) {
      v.resize(n);
    }
  }

  /// n zeros, whatever was there.
  template <class Vector>
  void zeros(Vector& v, std::size_t n) {
    add<Vector>(n);
    if (takes_) {
      v.assign(n, typename Vector::value_type{});
    }
  }

  /// A list of n entries at most, which are written later.
  template <class Vector>
  void list(Vector& v, std::size_t n) {
    add<Vector>(n);
    if (takes_) {
      v.reserve(n);
    }
  }

  /// n sets of buffers. They are made by a plan that books, too: their buffers are declared next.
  template <class Vector>
  void sets(Vector& v, std::size_t n) {
    add<Vector>(n);
    if (v.size() < n) {
      v.resize(n);
    }
  }

  /// What all lines came to so far.
  std::uint64_t bytes() const { return bytes_; }

 private:
  explicit memory_plan(bool takes) : takes_(takes) {}

  template <class Vector>
  void add(std::size_t n) {
    bytes_ += n * sizeof(typename Vector::value_type);
  }

  bool takes_;
  std::uint64_t bytes_ = 0;
};

/// The bytes that declare(plan) comes to.
template <class Declare>
std::uint64_t booked(const Declare& declare) {
  memory_plan plan = memory_plan::book();
  declare(plan);
  return plan.bytes();
}

}  // namespace backspike
