// Makes an environment of the list by its name.

#include "environment/kinds/kinds.hpp"

#include <backspike/core/error.hpp>

#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

namespace backspike {
namespace {

using environments::whole;

/// A kind of the list with its settings.
template <class Kind>
class environment_of final : public environment {
 public:
  explicit environment_of(std::vector<double> settings)
      : environment(Kind::plan(settings)), settings_(std::move(settings)) {}

 private:
  void start(random_stream& draws, std::span<double> state) const override { Kind::start(settings_, draws, state); }
  transition advance(std::span<double> state, std::span<const double> action) const override {
    return Kind::step(settings_, state, action);
  }
  void observe(std::span<const double> state, std::span<float> observation) const override {
    Kind::observe(settings_, state, observation);
  }

  std::vector<double> settings_;
};

struct entry {
  environment_info info;
  std::unique_ptr<environment> (*make)(std::vector<double>);
};

template <class... Kind>
constexpr std::array<entry, sizeof...(Kind)> describe(std::type_identity<std::tuple<Kind...>>) {
  return {entry{{Kind::name, Kind::meaning, Kind::fields}, [](std::vector<double> settings) {
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
      throw value_error(std::string(info.name), "setting", name, known.empty() ? "none: it has no settings" : known);
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
