// The keys of a [[network.connection]]: those that every kind has, and those that a kind declares as its fields.

#include <backspike/connection/connection_info.hpp>

#include "experiment/config/keys/delay_keys.hpp"
#include "experiment/config/keys/keys.hpp"

namespace backspike::config {
namespace {

constexpr range neurons{0, 4294967295.0};

std::vector<key<connection_spec>> plain_keys() {
  using s = connection_spec;
  auto keys = std::vector<key<connection_spec>>{
      row("name", &s::name, "unique; its weights are the parameter NAME.weight; empty: TO.FROM"),
      row("from", &s::from, "the layer that it leads from, or input: the data"),
      row("to", &s::to, "the layer that it leads to"),
      row("kind", &s::kind, "who is joined to whom; the kind's own settings are further keys, listed below"),
      row("sources", &s::sources, "", neurons, "sparse: neuron sources[k] reaches neuron targets[k]; counted from 0"),
      row("targets", &s::targets, "", neurons, "sparse: as many as in sources"),
      row("base_delay", &s::base_delay, "steps", between(0, most_base_delay),
          "that every spike takes; absent: 1 from a layer to itself, else 0"),
      row("learn", &s::learn, "training changes the weights"),
      row("sign", &s::sign, "which sign weights may have: any, only positive or only negative (Dale's principle)"),
      row("dropout", &s::dropout, "", below(0, 1),
          "in training: as that of a layer, of the source's neurons on this connection alone"),
      row("dropout_per", &s::dropout_per, "what is dropped together, as in a layer"),
      row("init", &s::init, "where weights start, as in a layer"),
      row("init_sigma", &s::init_sigma, "v_th", between(0, most_init_sigma),
          "spread of the membrane that the initial weights aim at; absent: that of the layer it leads to"),
      row("weight_transform", &s::transform, "how training keeps the weights, as in a layer"),
      row("receptor", &s::receptor,
          "of the cell it leads to, that it feeds; absent: the first; for cells that have several"),
  };
  auto& kind = keys[3];
  kind.type = value_type::choice;
  for (const connection_info& known : known_connections()) {
    kind.choices.emplace_back(known.name);
  }
  return keys;
}

std::vector<key<short_term_plasticity_spec>> plasticity_keys() {
  using s = short_term_plasticity_spec;
  constexpr double s::*members[] = {&s::U, &s::tau_d, &s::tau_f};
  std::vector<key<s>> keys;
  for (std::size_t k = 0; k < std::size(members); ++k) {
    const field& f = tsodyks_markram::fields[k];
    keys.push_back(
        row(std::string(f.name), members[k], std::string(f.unit), between(f.low, f.high), std::string(f.meaning)));
  }
  keys.push_back(row("learn", &s::learn, "which of U, tau_d and tau_f training changes"));
  keys.push_back(row("per", &s::per, "what those are shared by: the neurons that the connection leads from"));
  return keys;
}

/// The keys of a part that may be absent. Setting one of them makes it.
template <class Whole, class Part>
std::vector<key<Whole>> within_optional(std::optional<Part> Whole::*part, const std::vector<key<Part>>& keys) {
  std::vector<key<Whole>> all;
  all.reserve(keys.size());
  for (const auto& k : keys) {
    all.push_back({static_cast<const key_info&>(k),
                   [part, get = k.get](const Whole& whole) { return get((whole.*part).value_or(Part{})); },
                   [part, set = k.set](Whole& whole, const value& v) {
                     if (!(whole.*part)) {
                       (whole.*part).emplace();
                     }
                     set(*(whole.*part), v);
                   }});
  }
  return all;
}

}  // namespace

const key_table<connection_spec>& connection_keys() {
  static const key_table<connection_spec> table = [] {
    key_table<connection_spec> all{
        {"", "one [[network.connection]] for each connection beside those of the layers", plain_keys()}};
    for (auto& s : connection_delay_sections()) {
      all.push_back(std::move(s));
    }
    all.push_back({plasticity_section, "what a spike carries depends on those before: depression and facilitation",
                   within_optional(&connection_spec::short_term_plasticity, plasticity_keys())});
    return all;
  }();
  return table;
}

key<connection_spec> setting_key(const field& f) {
  const std::string name(f.name);
  return {{name, value_type::number, std::string(f.unit), between(f.low, f.high), {}, std::string(f.meaning)},
          [name, initial = f.initial](const connection_spec& c) -> value {
            const auto given = c.settings.find(name);
            return given == c.settings.end() ? initial : given->second;
          },
          [name](connection_spec& c, const value& v) { c.settings[name] = std::get<double>(v); }};
}

}  // namespace backspike::config
