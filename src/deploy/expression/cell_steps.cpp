// Runs the step of each cell of the list once, on the scalar that takes notes.

#include "deploy/expression/cell_steps.hpp"

#include "deploy/expression/traced.hpp"

#include <backspike/cell/cells.hpp>
#include <backspike/core/error.hpp>

#include <array>
#include <string>
#include <utility>

namespace backspike::deploy {
namespace {

traced leaf(operation what, std::size_t index) { return {record({what, static_cast<std::uint32_t>(index), 0.0, {}})}; }

template <class Struct>
Struct leaves(operation what) {
  Struct x;
  for (std::size_t k = 0; k < sizeof(Struct) / sizeof(traced); ++k) {
    members<traced>(x)[k] = leaf(what, k);
  }
  return x;
}

template <class Cell>
cell_step trace(const spike_function& spike) {
  cell_step step;
  recording = &step;
  auto x = leaves<typename Cell::template state<traced>>(operation::state);
  const auto c = leaves<typename Cell::template constants<traced>>(operation::constant);
  const auto in = input_of<Cell, traced>([](std::size_t r) { return leaf(operation::input, r); });
  step.output = Cell::step(x, c, in, spike).at;
  for (std::size_t k = 0; k < state_count<Cell>; ++k) {
    step.states.push_back(members<traced>(x)[k].at);
  }
  recording = nullptr;
  return step;
}

using tracer = cell_step (*)(const spike_function&);

/// Plain ones and then those with a refractory period: the places that cell_info::index counts.
template <std::size_t... I>
constexpr std::array<tracer, 2 * cell_count> make_tracers(std::index_sequence<I...>) {
  return {&trace<std::tuple_element_t<I, cell_list>>...,
          &trace<refractory_or_same<std::tuple_element_t<I, cell_list>>>...};
}
constexpr auto tracers = make_tracers(std::make_index_sequence<cell_count>{});

}  // namespace

cell_step step_of(const population& p) {
  if (p.cell->kernels != nullptr) {
    throw value_error("export", "cell of " + p.spec.name, std::string(p.cell->name),
                      "cells of the library; this one was registered by a program");
  }
  return tracers[p.cell->index](spike_of(p, spike_mode::hard));
}

}  // namespace backspike::deploy
