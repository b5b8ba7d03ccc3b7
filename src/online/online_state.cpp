// Saves the state of a stream as named tensors, and restores it only if every name and length fits.

#include "online/online_state.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>

namespace backspike {
namespace {

constexpr std::size_t pieces_of_number = 4;

std::string length_text(const named_tensor& t) { return "[" + std::to_string(t.values.size()) + " values]"; }

}  // namespace

std::vector<float> pack(std::span<const std::uint64_t> numbers) {
  std::vector<float> pieces;
  for (const std::uint64_t x : numbers) {
    for (std::size_t k = 0; k < pieces_of_number; ++k) {
      pieces.push_back(static_cast<float>(x >> (16 * k) & 0xffffu));
    }
  }
  return pieces;
}

std::vector<std::uint64_t> unpack(std::span<const float> pieces) {
  std::vector<std::uint64_t> numbers(pieces.size() / pieces_of_number, 0);
  for (std::size_t k = 0; k < numbers.size() * pieces_of_number; ++k) {
    numbers[k / pieces_of_number] |= static_cast<std::uint64_t>(pieces[k]) << (16 * (k % pieces_of_number));
  }
  return numbers;
}

void save_arena(const std::string& prefix, const arena<float>& values, std::vector<named_tensor>& to) {
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const auto view = values.view(i);
    named_tensor t{prefix + "." + values.layout()[i].name, values.layout()[i].extents.extents, {}};
    for (std::size_t r = 0; r < view.rows; ++r) {
      t.values.insert(t.values.end(), view.row(r), view.row(r) + view.cols);
    }
    to.push_back(std::move(t));
  }
}

void restore_arena(std::span<const named_tensor> from, arena<float>& values) {
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const auto view = values.view(i);
    for (std::size_t r = 0; r < view.rows; ++r) {
      std::copy_n(from[i].values.data() + r * view.cols, view.cols, view.row(r));
    }
  }
}

void check_tensors(std::span<const named_tensor> saved, std::span<const named_tensor> expected,
                   const std::function<bool(const named_tensor&)>& other_size) {
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (k >= saved.size() || saved[k].name != expected[k].name) {
      throw value_error("online_learner", "restored tensor " + std::to_string(k),
                        k < saved.size() ? saved[k].name : "missing", expected[k].name);
    }
    if (saved[k].values.size() != expected[k].values.size() && !other_size(saved[k])) {
      throw shape_error("online_learner", saved[k].name, length_text(saved[k]), length_text(expected[k]));
    }
  }
  if (saved.size() != expected.size()) {
    throw value_error("online_learner", "restored tensors", std::to_string(saved.size()),
                      std::to_string(expected.size()) + " of this network");
  }
}

}  // namespace backspike
