#pragma once
// Parameters live in one flat aligned buffer; a parameter is a named, shaped view into it. Gradients and optimiser
// moments live in buffers of the same layout, so that optimisers, checkpoints and all-reduce see one contiguous range.
// Rows are padded to `lanes` floats; the padding is zero and stays zero under every optimiser.

#include <backspike/core/aligned.hpp>
#include <backspike/core/field.hpp>
#include <backspike/core/shape.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

struct parameter_info {
  std::string name;  // "hidden1.weight", "hidden1.tau_m"
  shape extents;     // [rows, cols] or [cols]
  std::string unit;
  double low, high;  // accepted range; training keeps to it
  bool learnable;
  parameter_transform transform;           // how
  std::size_t rows, cols, stride, offset;  // in floats; row r starts at offset + r * stride
  bool or_zero = false;                    // 0 is accepted, too, as a meaning of its own, and is not trained
  bool standardised = false;               // training keeps the mean of each column at 0, and its norm

  std::size_t size() const { return rows * cols; }  // without padding
  bool bounded() const { return low != -unbounded || high != unbounded; }
};

class parameter_layout {
 public:
  /// Appends a parameter; the name must be new (internal_error otherwise). Returns its index.
  std::size_t add(std::string name, shape extents, std::string unit, double low, double high, bool learnable,
                  parameter_transform transform = parameter_transform::clamp, bool or_zero = false);
  /// Training keeps the mean of each column of parameter i at 0, and its norm.
  void standardise(std::size_t i) { entries_[i].standardised = true; }
  /// Index of the parameter; throws value_error listing the names there are.
  std::size_t find(std::string_view name) const;
  const parameter_info& operator[](std::size_t i) const { return entries_[i]; }
  std::span<const parameter_info> entries() const { return entries_; }
  std::size_t size() const { return entries_.size(); }
  std::size_t floats() const { return floats_; }  // length of a buffer, padding included
  std::size_t learnable_count() const;            // numbers that training may change

 private:
  std::vector<parameter_info> entries_;
  std::size_t floats_ = 0;
};

/// A strided two-dimensional view; row r is contiguous and aligned.
template <class S>
struct matrix_view {
  S* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;
  S* row(std::size_t r) const { return data + r * stride; }
  S& operator()(std::size_t r, std::size_t c) const { return data[r * stride + c]; }
};

/// A buffer of one layout. The layout must outlive it.
template <class S>
class arena {
 public:
  explicit arena(const parameter_layout& layout) : layout_(&layout), values_(layout.floats(), S(0)) {}
  const parameter_layout& layout() const { return *layout_; }
  std::span<S> values() { return values_; }
  std::span<const S> values() const { return values_; }
  matrix_view<S> view(std::size_t i) { return make_view<S>(values_.data(), i); }
  matrix_view<const S> view(std::size_t i) const { return make_view<const S>(values_.data(), i); }
  matrix_view<S> view(std::string_view name) { return view(layout_->find(name)); }
  matrix_view<const S> view(std::string_view name) const { return view(layout_->find(name)); }
  void fill(S value) {
    for (std::size_t i = 0; i < layout_->size(); ++i) {
      const auto v = view(i);
      for (std::size_t r = 0; r < v.rows; ++r) {
        for (std::size_t c = 0; c < v.cols; ++c) {
          v(r, c) = value;
        }
      }
    }
  }

 private:
  template <class T, class P>
  matrix_view<T> make_view(P* base, std::size_t i) const {
    const auto& e = (*layout_)[i];
    return {base + e.offset, e.rows, e.cols, e.stride};
  }
  const parameter_layout* layout_;
  aligned_vector<S> values_;
};

/// Which parameters are looked at. Weights and biases may be any finite number: `bounded` ones are cell parameters and
/// delays, few enough to be looked at before every batch.
enum class range_scope { all, bounded };

/// The first number that its parameter does not accept, in words: "hidden1.tau_m[3]", "-5 ms", "0.01 to 1e+06 ms".
struct range_problem {
  std::string number, value, accepted;
};
std::optional<range_problem> find_out_of_range(const arena<float>& values, range_scope scope = range_scope::all);

/// Throws value_error naming parameter, index, value and range for a number out of its range, numeric_error for what is
/// not finite. All parameters that come in pass here: what is outside is never simulated, trained or written.
void require_in_range(const arena<float>& values, range_scope scope = range_scope::all);

/// Brings `n` numbers of a parameter, without padding, into its range.
void clamp_to_range(const parameter_info& p, std::size_t n, float* value);

/// Every number into the range of its parameter.
void clamp_to_ranges(arena<float>& values);

}  // namespace backspike
