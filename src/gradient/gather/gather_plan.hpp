#pragma once
// What gathering weight gradients needs, kept from batch to batch so that nothing is allocated again.

#include "gradient/engine/workspace.hpp"
#include "gradient/gather/panels.hpp"
#include "kernels/patches.hpp"

#include <backspike/core/events.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike {

inline constexpr std::size_t block_rows = 1024;
inline constexpr std::size_t packed_columns = 128;  // of errors that are copied: 512 KiB of a block, and eight vectors
inline constexpr std::size_t cached_width = 512;    // from which on a block's do not stay in the second-level cache
inline constexpr std::size_t dense_strip = 56;      // sources of a dense block at a time: 4 blocks of 14

constexpr std::size_t blocks_of(std::size_t rows) { return (rows + block_rows - 1) / block_rows; }

/// A row of the errors of the samples in flight: step `step` of the window of a sample.
struct gather_row {
  std::uint32_t sample, step, row;
};

/// The events of one connection and block by source: those of channel s are entries [first[s], first[s + 1]).
struct by_source {
  // packed: enough that each worker copies the errors of a tile to one place first. dense: so many that they are
  // multiplied as a matrix, and nothing is sorted.
  enum class way : std::uint8_t { plain, packed, dense };

  way how = way::plain;
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> rows;  // the row of the error that the event reached; packed: counted within the block
  std::vector<float> values;        // empty unless graded
};

/// The events of one connection and some rows by channel of the source, a convolution's.
struct by_channel {
  std::vector<std::uint32_t> first;
  std::vector<kernels::patch_event> events;
  std::vector<float> values;  // empty unless graded
};

inline constexpr std::size_t near_bytes = 512u << 10;  // of errors that stay in the second-level cache
inline constexpr std::size_t sorted_together = 64;     // groups of such rows

struct gather_worker {
  std::vector<std::uint32_t> before, next;
  std::vector<float> before_values;
  std::vector<event_row> events;  // of the rows of a block
  aligned_vector<float> dense, errors;
  product_rows product;
};

/// The same of a connection with delays: its spikes by source, and the sums over its taps.
struct delayed_sums {
  std::vector<std::uint32_t> begin, at;  // at: where on a line of errors
  std::vector<float> values;             // empty unless graded
  aligned_vector<float> sums;            // [target][source][lanes]
};

struct gather_plan {
  std::vector<gather_row> rows;  // in the order of summation
  std::size_t blocks = 0;
  std::vector<by_source> sorted;  // [connections][blocks]
  std::vector<by_channel> near;   // [sorted_together] of the convolution at hand
  std::vector<std::uint32_t> all_rows;
  panels errors;                      // of a dense block
  std::vector<delayed_sums> delayed;  // [connections]
  std::vector<gather_worker> workers;
};

/// A window of samples in flight whose weight gradients are gathered.
struct gather_size {
  std::size_t samples = 0, rows = 0;
  bool dense = false;    // blocks of the input are multiplied as matrices
  bool rounded = false;  // matrices are
};

/// Whether most blocks of such an input are multiplied as matrices.
bool multiplies_input(const input_facts& input, bool rounded);

/// Room for all that does not depend on the number of spikes: what the workers share, and what one has for itself.
void plan_gather(memory_plan& m, gather_plan& plan, const network& net, const gather_size& size);
void plan_gather_worker(memory_plan& m, gather_worker& w, const network& net, const gather_size& size);

}  // namespace backspike
