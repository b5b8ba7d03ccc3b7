// Environments: those of the list, one by one.

#include "agents/rl.hpp"

#include <backspike/environment/environment.hpp>

#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace backspike::python {
namespace {

using numbers_in = array_in<double, 1>;

std::span<const double> span_of(const numbers_in& a) { return {a.data(), a.size()}; }

array_out<float> observation_of(const environment& e) {
  const auto seen = e.observation();
  return array_of(std::vector<float>(seen.begin(), seen.end()), {seen.size()});
}

facts facts_of(const environment_info& info) {
  facts about;
  nb::dict settings;
  for (const field& f : info.settings) {
    settings[nb::str(f.name.data(), f.name.size())] = f.initial;
  }
  about["name"] = std::string(info.name);
  about["meaning"] = std::string(info.meaning);
  about["settings"] = settings;
  return about;
}

std::vector<facts> every_environment() {
  std::vector<facts> all;
  for (const environment_info& info : known_environments()) {
    all.push_back(facts_of(info));
  }
  return all;
}

}  // namespace

void bind_environment(nb::module_& m) {
  nb::class_<space>(m, "Space")
      .def_ro("choices", &space::choices)
      .def_ro("low", &space::low)
      .def_ro("high", &space::high);
  nb::class_<environment>(m, "Environment")
      .def_prop_ro("name", [](const environment& e) { return e.plan().name; })
      .def_prop_ro("limit", [](const environment& e) { return e.plan().limit; })
      .def_prop_ro("observations", [](const environment& e) { return e.plan().observations; })
      .def_prop_ro("actions", [](const environment& e) { return e.plan().actions; })
      .def_prop_ro("observation", &observation_of, nb::rv_policy::move)
      .def(
          "reset", [](environment& e, std::uint64_t seed) { e.reset(seed); }, nb::arg("seed"))
      .def(
          "start_from", [](environment& e, const numbers_in& state) { e.start_from(span_of(state)); }, nb::arg("state"))
      .def(
          "step",
          [](environment& e, const numbers_in& action) {
            const transition t = e.step(span_of(action));
            return std::tuple(t.reward, t.terminated, t.truncated);
          },
          nb::arg("action"))
      .def("save", [](const environment& e) { return e.save(); })
      .def(
          "restore", [](environment& e, const numbers_in& saved) { e.restore(span_of(saved)); }, nb::arg("saved"));
  m.def("environments", &every_environment);
  m.def(
      "make_environment",
      [](const std::string& name, const std::map<std::string, double>& settings) {
        return make_environment(name, settings);
      },
      nb::arg("name"), nb::arg("settings"));
}

}  // namespace backspike::python
