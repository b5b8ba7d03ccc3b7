// Finds a cell by its name: first in the list of cells.hpp, then among those that a program has registered.

#include <backspike/cell/cell_info.hpp>

#include <backspike/cell/cells.hpp>
#include <backspike/cell/register_cell.hpp>
#include <backspike/core/error.hpp>

#include <array>
#include <deque>
#include <string>
#include <utility>

namespace backspike {
namespace {

template <std::size_t I>
using cell_at = std::tuple_element_t<I, cell_list>;

template <std::size_t... I>
constexpr std::array<cell_info, sizeof...(I)> describe_refractory(std::index_sequence<I...>) {
  return {describe_cell<refractory_or_same<cell_at<I>>>(cell_count + I, nullptr)...};
}

constexpr auto refractory_cells = describe_refractory(std::make_index_sequence<cell_count>{});

template <std::size_t... I>
constexpr std::array<cell_info, sizeof...(I)> describe_all(std::index_sequence<I...>) {
  return {describe_cell<cell_at<I>>(I, nullptr, cell_at<I>::spiking ? &refractory_cells[I] : nullptr)...};
}

constexpr auto cells = describe_all(std::make_index_sequence<cell_count>{});

/// Those that programs have registered; a deque, because pointers to its entries are kept.
std::deque<cell_info>& registered() {
  static std::deque<cell_info> list;
  return list;
}

template <class Visit>
const cell_info* first_cell(const Visit& wanted) {
  for (const cell_info& cell : cells) {
    if (wanted(cell)) {
      return &cell;
    }
  }
  for (const cell_info& cell : registered()) {
    if (wanted(cell)) {
      return &cell;
    }
  }
  return nullptr;
}

}  // namespace

std::span<const cell_info> known_cells() { return cells; }

const cell_info& find_cell(std::string_view name) {
  std::string known;
  const cell_info* found = first_cell([&](const cell_info& cell) {
    known += (known.empty() ? "" : ", ") + std::string(cell.name);
    return cell.name == name;
  });
  if (found == nullptr) {
    throw value_error("find_cell", "cell", std::string(name), "one of " + known);
  }
  return *found;
}

const cell_info& detail::add_cell(const cell_info& cell) {
  const auto same_name = [&](const cell_info& other) { return other.name == cell.name; };
  if (first_cell(same_name) != nullptr) {
    throw value_error("register_cell", "name", std::string(cell.name), "a name that no other cell has");
  }
  return registered().emplace_back(cell);
}

}  // namespace backspike
