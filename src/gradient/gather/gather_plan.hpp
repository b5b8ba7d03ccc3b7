#pragma once
// What gathering weight gradients needs, kept from batch to batch so that nothing is allocated again.

#include "gradient/gather/panels.hpp"

#include <backspike/core/events.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike {

/// A row of a chunk's errors: step `step` of the window of a sample.
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

struct gather_worker {
  std::vector<std::uint32_t> before, next;
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
  std::vector<std::uint32_t> all_rows;
  panels errors;                      // of a dense block
  std::vector<delayed_sums> delayed;  // [connections]
  std::vector<gather_worker> workers;
};

/// Bytes that a worker copies the errors of a tile to, where a layer is wide enough.
std::uint64_t gather_worker_bytes(const network& net);

}  // namespace backspike
