// Makes an environment of the list by its name.

#include "environment/kinds/kinds.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

namespace backspike {
namespace {

using environments::whole;

/// Of every environment, before its own settings.
constexpr field repeat{"repeat", whole, 1.0, 1.0, 1e6, "steps that an action lasts; their rewards add up"};

template <class Kind>
constexpr auto settings_of = [] {
  std::array<field, Kind::fields.size() + 1> all{};
  all[0] = repeat;
  std::copy(Kind::fields.begin(), Kind::fields.end(), all.begin() + 1);
  return all;
}();

/// A kind of the list with its settings, `repeat` first.
template <class Kind>
class environment_of final : public environment {
 public:
  explicit environment_of(std::vector<double> settings)
      : environment(plan_of(settings)), repeats_(settings.front()), settings_(settings.begin() + 1, settings.end()) {}

 private:
  /// Limits count actions.
  static environment_plan plan_of(const std::vector<double>& settings) {
    environment_plan plan = Kind::plan(std::span(settings).subspan(1));
    const auto times = static_cast<std::uint32_t>(settings.front());
    if (plan.limit % times != 0) {
      throw value_error(plan.name, std::string(repeat.name), std::to_string(times),
                        "what divides " + std::to_string(plan.limit) + ", the limit of an episode");
    }
    plan.limit /= times;
    return plan;
  }

  void start(random_stream& draws, std::span<double> state) const override { Kind::start(settings_, draws, state); }
  transition advance(std::span<double> state, std::span<const double> action) const override {
    transition all;
    for (double n = 0.0; n < repeats_ && !all.over(); ++n) {
      const transition t = Kind::step(settings_, state, action);
      all.reward += t.reward;
      all.terminated = t.terminated;
    }
    return all;
  }
  void observe(std::span<const double> state, std::span<float> observation) const override {
    Kind::observe(settings_, state, observation);
  }

  double repeats_;
  std::vector<double> settings_;
};

struct entry {
  environment_info info;
  std::unique_ptr<environment> (*make)(std::vector<double>);
};

template <class... Kind>
constexpr std::array<entry, sizeof...(Kind)> describe(std::type_identity<std::tuple<Kind...>>) {
  return {entry{{Kind::name, Kind::meaning, settings_of<Kind>}, [](std::vector<double> settings) {
                  return std::unique_ptr<environment>(new environment_of<Kind>(std::move(settings)));
                }}...};
}

constexpr auto entries = describe(std::type_identity<environments::environment_list>{});

/// "a, b, c".
template <class List, class Name>
std::string joined(const List& list, const Name& name) {
  std::string all;
  for (const auto& of : list) {
    all += (all.empty() ? "" : ", ") + std::string(name(of));
  }
  return all;
}

const entry& find(std::string_view name) {
  for (const entry& e : entries) {
    if (e.info.name == name) {
      return e;
    }
  }
  throw value_error("environment", "name", std::string(name),
                    "one of " + joined(entries, [](const entry& e) { return e.info.name; }));
}

void require_known(const environment_info& info, const std::map<std::string, double>& settings) {
  for (const auto& [name, value] : settings) {
    const auto of = std::ranges::find(info.settings, name, &field::name);
    if (of == info.settings.end()) {
      const std::string known = joined(info.settings, [](const field& f) { return f.name; });
      throw value_error(std::string(info.name), "setting", name, known);
    }
    if (!(value >= of->low && value <= of->high)) {
      throw value_error(std::string(info.name), name, std::to_string(value),
                        std::to_string(of->low) + " to " + std::to_string(of->high));
    }
    if (of->unit == whole && value != std::floor(value)) {
      throw value_error(std::string(info.name), name, std::to_string(value), "a whole number");
    }
  }
}

}  // namespace

std::span<const environment_info> known_environments() {
  static constexpr auto infos = [] {
    std::array<environment_info, entries.size()> all;
    std::ranges::transform(entries, all.begin(), &entry::info);
    return all;
  }();
  return infos;
}

bool is_common(const field& setting) { return setting.name == repeat.name; }

std::unique_ptr<environment> make_environment(std::string_view name, const std::map<std::string, double>& settings) {
  const entry& e = find(name);
  require_known(e.info, settings);
  std::vector<double> values;
  for (const field& f : e.info.settings) {
    const auto given = settings.find(std::string(f.name));
    values.push_back(given == settings.end() ? f.initial : given->second);
  }
  return e.make(std::move(values));
}

}  // namespace backspike
