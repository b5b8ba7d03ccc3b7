#include <backspike/cell/cell_info.hpp>

#include <backspike/cell/cell_kernels.hpp>
#include <backspike/cell/cells.hpp>
#include <backspike/core/error.hpp>

#include <array>
#include <string>
#include <utility>

namespace backspike {
namespace {

template <class Cell>
constexpr cell_info describe(std::size_t index) {
  return {Cell::name, Cell::meaning, Cell::spiking, Cell::fields, Cell::states, constant_count<Cell>, index};
}

template <std::size_t... I>
constexpr std::array<cell_info, sizeof...(I)> describe_all(std::index_sequence<I...>) {
  return {describe<std::tuple_element_t<I, cell_list>>(I)...};
}

constexpr auto cells = describe_all(std::make_index_sequence<cell_count>{});

}  // namespace

std::span<const cell_info> known_cells() { return cells; }

const cell_info& find_cell(std::string_view name) {
  std::string known;
  for (const auto& cell : cells) {
    if (cell.name == name) {
      return cell;
    }
    known += (known.empty() ? "" : ", ") + std::string(cell.name);
  }
  throw value_error("find_cell", "cell", std::string(name), "one of " + known);
}

}  // namespace backspike
