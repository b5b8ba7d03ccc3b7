// Finds a kind of connection by its name, in the list of connections.hpp.

#include <backspike/connection/connection_info.hpp>

#include <backspike/connection/connections.hpp>
#include <backspike/core/error.hpp>

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace backspike {
namespace {

/// The first setting of a field of whole numbers that is none.
std::optional<synapse_problem> find_no_whole_number(std::span<const field> fields, std::span<const double> settings) {
  for (std::size_t k = 0; k < fields.size(); ++k) {
    if (fields[k].is_whole && settings[k] != std::floor(settings[k])) {
      return synapse_problem{std::string(fields[k].name), std::to_string(settings[k]), "a whole number"};
    }
  }
  return std::nullopt;
}

template <class Kind>
std::optional<synapse_problem> problem_of(const synapse_request& r) {
  if (auto problem = find_no_whole_number(Kind::fields, r.settings)) {
    return problem;
  }
  return Kind::problem(r);
}

template <std::size_t I>
constexpr connection_info describe() {
  using kind = std::tuple_element_t<I, connection_list>;
  return {I,
          kind::name,
          kind::meaning,
          kind::fields,
          kind::matrix,
          kind::shares_weights,
          kind::takes_pairs,
          kind::finds_targets,
          kind::fixed,
          kind::has_patches,
          kind::sets_neurons,
          &problem_of<kind>,
          &kind::target_shape,
          &kind::plan,
          &kind::weights};
}

template <std::size_t... I>
constexpr std::array<connection_info, sizeof...(I)> describe_all(std::index_sequence<I...>) {
  return {describe<I>()...};
}

constexpr auto kinds = describe_all(std::make_index_sequence<connection_kind_count>{});

}  // namespace

std::span<const connection_info> known_connections() { return kinds; }

const connection_info& find_connection(std::string_view name) {
  std::string known;
  for (const connection_info& kind : kinds) {
    if (kind.name == name) {
      return kind;
    }
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw value_error("network", "kind of a connection", std::string(name), "one of " + known);
}

}  // namespace backspike
