// A network on many devices of a chip, and what their mismatch is predicted to cost.

#include "binding.hpp"

#include <backspike/hardware/deployment.hpp>
#include <backspike/hardware/sensitivity.hpp>

#include "records.hpp"

namespace backspike::python {
namespace {

using page = nb::typed<nb::tuple, std::string, std::string, std::string>;

/// What `measure(progress)` finds, as JSON, text and a page.
template <class F>
page shown(model& m, const char* what, const nb::object& progress, const F& measure) {
  std::string json, text, html;
  {
    const busy held(m);
    now_and_then pace;
    const auto found = measure([&](std::size_t done, std::size_t total) {
      throw_if_interrupted();
      if (pace.due()) {
        const nb::gil_scoped_acquire with_lock;
        if (!progress.is_none()) {
          progress(what, done, total);
        }
      }
    });
    json = to_json(found);
    text = to_text(found);
    html = to_html(found);
  }
  return nb::make_tuple(json, text, html);
}

page run_devices(model& m, const experiment& e, const dataset& data, std::uint32_t devices, std::uint64_t seed,
                 double bar, const nb::object& progress) {
  const deployment_options options{
      .device = e.hardware, .devices = devices, .seed = seed, .bar = bar, .eval_batch = e.train.eval_batch};
  return shown(m, "running devices", progress, [&](const auto& advance) {
    return deploy(e.name, m.net, e.objective, m.parameters, data, options, m.pool, advance);
  });
}

page probe(model& m, const experiment& e, const dataset& data, const std::string& match,
           const std::vector<double>& sigmas, std::uint32_t probes, double probe_sigma, std::uint32_t devices,
           std::uint64_t seed, const nb::object& progress) {
  const sensitivity_options options{.match = match,
                                    .sigmas = sigmas,
                                    .probes = probes,
                                    .probe_sigma = probe_sigma,
                                    .devices = devices,
                                    .seed = seed,
                                    .eval_batch = e.train.eval_batch};
  return shown(m, "probing and running devices", progress, [&](const auto& advance) {
    return measure_sensitivity(e.name, m.net, e.objective, m.parameters, data, options, m.pool, advance);
  });
}

}  // namespace

void bind_hardware(nb::module_& m) {
  m.def("deploy", &run_devices, nb::arg("network"), nb::arg("experiment"), nb::arg("data"), nb::arg("devices"),
        nb::arg("seed"), nb::arg("bar"), nb::arg("progress").none());
  m.def("sensitivity", &probe, nb::arg("network"), nb::arg("experiment"), nb::arg("data"), nb::arg("match"),
        nb::arg("sigmas"), nb::arg("probes"), nb::arg("probe_sigma"), nb::arg("devices"), nb::arg("seed"),
        nb::arg("progress").none());
}

}  // namespace backspike::python
