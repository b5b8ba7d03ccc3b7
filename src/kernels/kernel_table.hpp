#pragma once
// One table of functions per instruction set; the engine fetches the table once per call.

#include "kernels/adam.hpp"
#include "kernels/compact_spikes.hpp"
#include "kernels/dot.hpp"
#include "kernels/eligibility.hpp"
#include "kernels/interleave.hpp"
#include "kernels/nonzeros.hpp"
#include "kernels/normals.hpp"
#include "kernels/product.hpp"
#include "kernels/squares.hpp"
#include "kernels/taps.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/cell_kernels.hpp>
#include <backspike/cell/cells.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backspike::kernels {

/// sum[c] = from[c] + sum_k factor_k * rows[ids[k] * stride + c] for c < width. values == nullptr: every factor is 1;
/// from == nullptr: sum itself. This one operation is a spike adding its weight row (ids: channels) and the gathering
/// of a weight's gradient (ids: steps).
struct accumulate_args {
  float* sum;
  const float* rows;
  std::size_t stride, width;  // width: a multiple of 16
  const std::uint32_t* ids;
  const float* values;
  std::size_t count;
  const float* from = nullptr;
};

struct table {
  std::string_view name;
  bool (*supported)();
  const table* fused;  // the same, but that products and their sums are rounded once; null: it is that
  std::array<cell_functions, 2 * cell_count>
      cells;  // of the library, plain and refractory; a registered one has its own
  void (*accumulate)(const accumulate_args&);
  void (*dot)(const dot_args&);
  void (*tile_dot)(const tile_dot_args&);
  void (*product)(const product_args&);
  void (*pair_product)(const product_args&);  // of bfloat16 pairs, the depth in pairs
  void (*pairs)(const pairs_args&);
  void (*panel_pairs)(const panel_pairs_args&);
  std::size_t (*compact_spikes)(const std::uint16_t* words, std::size_t units, std::uint32_t* out);
  nonzeros_found (*nonzeros)(const nonzeros_args&);
  double (*squares)(const float* values, std::size_t count);
  void (*eligibility)(const eligibility_args<float>&);
  void (*adam)(const adam_args&);
  void (*adam_step)(const adam_step_args&);
  void (*tap_add)(const tap_add_args&);
  void (*tap_gather)(const tap_gather_args&);
  void (*tap_block)(const tap_send_args&);
  void (*tap_step)(const tap_send_args&);
  void (*interleave)(const interleave_args&);
  void (*add_apart)(const add_apart_args&);
  void (*normals)(const normals_args&);

  const cell_functions& of(const cell_info& cell) const {
    return cell.kernels == nullptr ? cells[cell.index] : *cell.kernels;
  }
};

/// Every instruction set this library was built with, best first.
std::span<const table* const> all_tables();

/// The best table that this processor runs, or the one that the environment variable BACKSPIKE_ISA names. Throws
/// value_error if that one is unknown or cannot run here.
const table& active_table();

}  // namespace backspike::kernels
