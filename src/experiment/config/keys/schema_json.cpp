// Every key for programs: what the Python package builds its classes, signatures and documentation from.

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>

#include "experiment/config/keys/hardware_keys.hpp"
#include "experiment/config/keys/keys.hpp"

#include <nlohmann/json.hpp>

namespace backspike {
namespace {

using namespace config;
using nlohmann::ordered_json;

std::string type_name(value_type type) {
  constexpr const char* names[] = {"number",  "integer",           "text",     "toggle", "choice",
                                   "numbers", "numbers_or_choice", "integers", "names"};
  return names[static_cast<std::size_t>(type)];
}

ordered_json json_of(const value& v) {
  return std::visit(
      [](const auto& held) -> ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, absent>) {
          return nullptr;
        } else {
          return held;
        }
      },
      v);
}

template <class Owner>
ordered_json describe(const key<Owner>& k, const Owner& defaults) {
  ordered_json out{{"name", k.name}, {"type", type_name(k.type)}, {"unit", k.unit}, {"meaning", k.meaning}};
  out["default"] = json_of(k.get(defaults));
  out["low"] = k.limits.low;  // JSON knows no infinity: null
  out["high"] = k.limits.high;
  out["choices"] = k.choices;
  return out;
}

template <class Owner>
ordered_json describe(const key_table<Owner>& table) {
  const Owner defaults{};
  auto sections = ordered_json::array();
  for (const auto& s : table) {
    auto keys = ordered_json::array();
    for (const auto& k : s.keys) {
      keys.push_back(describe(k, defaults));
    }
    sections.push_back({{"name", s.name}, {"meaning", s.meaning}, {"keys", keys}});
  }
  return sections;
}

ordered_json describe(const cell_info& cell) {
  auto parameters = ordered_json::array();
  for (const field& f : cell.parameters) {
    parameters.push_back({{"name", f.name},
                          {"unit", f.unit},
                          {"default", f.initial},
                          {"low", f.low},
                          {"high", f.high},
                          {"meaning", f.meaning}});
  }
  auto receptors = ordered_json::array();
  for (const receptor& r : cell.receptors) {
    receptors.push_back({{"name", r.name}, {"meaning", r.meaning}});
  }
  return {{"name", cell.name},       {"meaning", cell.meaning},
          {"spiking", cell.spiking}, {"states", std::vector<std::string>(cell.states.begin(), cell.states.end())},
          {"receptors", receptors},  {"parameters", parameters}};
}

ordered_json describe(const connection_info& kind) {
  auto settings = ordered_json::array();
  for (const field& f : kind.fields) {
    settings.push_back(describe(setting_key(f), connection_spec{}));
  }
  return {{"name", kind.name}, {"meaning", kind.meaning}, {"takes_pairs", kind.takes_pairs}, {"settings", settings}};
}

template <class Known>
ordered_json describe_all(const Known& known) {
  auto all = ordered_json::array();
  for (const auto& each : known) {
    all.push_back(describe(each));
  }
  return all;
}

}  // namespace

std::string schema_json() {
  auto parameter = ordered_json::array();
  for (const auto& k : parameter_keys(known_cells().front().parameters.front())) {
    parameter.push_back(describe(k, cell_parameter_spec{}));
  }
  return ordered_json{{"experiment", describe(experiment_keys())},
                      {"layer", describe(layer_keys())},
                      {"connection", describe(connection_keys())},
                      {"group", describe(group_keys())},
                      {"mismatch", describe(mismatch_keys())},
                      {"term", describe(loss_table())},
                      {"output", describe(output_entry_keys())},
                      {"input", describe(part_keys())},
                      {"parameter", parameter},
                      {"cells", describe_all(known_cells())},
                      {"connections", describe_all(known_connections())}}
      .dump(2);
}

}  // namespace backspike
