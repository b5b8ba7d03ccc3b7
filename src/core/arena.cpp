#include <backspike/core/arena.hpp>

#include <backspike/core/error.hpp>

#include <utility>

namespace backspike {

std::size_t parameter_layout::add(std::string name, shape extents, std::string unit, double low, double high,
                                  bool learnable, parameter_transform transform) {
  for (const auto& e : entries_) {
    if (e.name == name) {
      throw internal_error("parameter_layout: the name " + name + " is taken");
    }
  }
  const bool matrix = extents.extents.size() > 1;
  const std::size_t rows = matrix ? extents.extents.front() : 1;
  const std::size_t cols = extents.size() / (rows == 0 ? 1 : rows);
  const std::size_t stride = padded(cols);
  entries_.push_back({std::move(name), std::move(extents), std::move(unit), low, high, learnable, transform, rows, cols,
                      stride, floats_});
  floats_ += rows * stride;
  return entries_.size() - 1;
}

std::size_t parameter_layout::find(std::string_view name) const {
  std::string known;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name == name) {
      return i;
    }
    known += (known.empty() ? "" : ", ") + entries_[i].name;
  }
  throw value_error("parameter_layout", "name", std::string(name), "one of " + known);
}

std::size_t parameter_layout::learnable_count() const {
  std::size_t n = 0;
  for (const auto& e : entries_) {
    n += e.learnable ? e.size() : 0;
  }
  return n;
}

}  // namespace backspike
