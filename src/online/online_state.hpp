#pragma once
// Between the arrays of a learner and named tensors. A tensor holds floats; wider numbers travel as pieces of 16 bits,
// which a float holds exactly.

#include <backspike/core/aligned.hpp>
#include <backspike/core/arena.hpp>
#include <backspike/data/checkpoint.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace backspike {

std::vector<float> pack(std::span<const std::uint64_t> numbers);
std::vector<std::uint64_t> unpack(std::span<const float> pieces);

/// Appends every parameter of an arena, without padding, as PREFIX.NAME.
void save_arena(const std::string& prefix, const arena<float>& values, std::vector<named_tensor>& to);
/// The way back, from as many tensors as the layout has parameters.
void restore_arena(std::span<const named_tensor> from, arena<float>& values);

/// Throws value_error or shape_error unless `saved` has the names of `expected` in their order, with as many values or
/// as `other_size` allows.
void check_tensors(std::span<const named_tensor> saved, std::span<const named_tensor> expected,
                   const std::function<bool(const named_tensor&)>& other_size);

}  // namespace backspike
