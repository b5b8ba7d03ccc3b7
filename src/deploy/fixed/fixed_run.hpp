#pragma once
// One sample's way through a network in fixed point, step by step.

#include "deploy/fixed/fixed_program.hpp"

#include <backspike/core/events.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike::deploy {

class fixed_run {
 public:
  explicit fixed_run(const fixed_program& program);

  void reset();
  /// Values of a graded row are rounded to states.
  void step(const event_row& row);
  /// Adds what the outputs give in this step, [outputs].
  void read_outputs(std::span<double> to) const;
  /// Events that a population sent in this step.
  std::size_t sent(std::size_t population) const { return rows_[population].front().ids.size(); }

 private:
  struct event_list {
    std::vector<std::uint32_t> ids;
    std::vector<std::int64_t> values;
    void clear() { ids.clear(), values.clear(); }
  };

  void receive(const event_row& row);
  void run_population(std::size_t q);
  void add(std::size_t k, std::vector<std::int64_t>& to);
  void add_events(std::size_t k, const event_list& row, std::vector<std::int64_t>& to, std::size_t now) const;
  void depart(std::size_t source);
  void step_neuron(std::size_t q, std::size_t n);
  std::int64_t value_of(const fixed_population& f, node_index k, std::size_t q, std::size_t n) const;

  const fixed_program& program_;
  const network_program& net_;
  std::vector<std::vector<std::int64_t>> states_;   // [populations] [states][units]
  std::vector<std::vector<event_list>> rows_;       // [sources][kept], this step's first
  std::vector<std::vector<std::int64_t>> lines_;    // [connections] [line][targets]
  std::vector<std::vector<std::int64_t>> current_;  // [receptors] [widest]
  std::vector<std::int64_t> part_, nodes_;
  std::vector<std::vector<bool>> needed_, known_;  // [populations][nodes]
  std::size_t time_ = 0;
};

}  // namespace backspike::deploy
