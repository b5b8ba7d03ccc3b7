// Metrics of spike trains.

#include "binding.hpp"

#include <backspike/metric/raster_metrics.hpp>
#include <backspike/metric/van_rossum.hpp>
#include <backspike/metric/victor_purpura.hpp>

namespace backspike::python {
namespace {

using train_in = array_in<double, 1>;
using raster_in = array_in<float, 2>;  // [steps][neurons] 0 or 1

spike_train train_of(const train_in& a) { return {a.data(), a.size()}; }

spike_raster raster_of(const raster_in& a) {
  spike_raster raster(a.shape(1));
  const float* x = a.data();
  for (std::size_t t = 0; t < a.shape(0); ++t) {
    for (auto& train : raster) {
      if (*x++ != 0.0f) {
        train.push_back(static_cast<double>(t));
      }
    }
  }
  return raster;
}

raster_metrics compare(const raster_in& target, const raster_in& output, double dt, double tolerance, double cost,
                       double tau) {
  const without_interpreter released;
  return compare_rasters(raster_of(target), raster_of(output), dt, {tolerance, cost, tau});
}

void bind_records(nb::module_& m) {
  nb::class_<spike_matching>(m, "SpikeMatching")
      .def_ro("matched", &spike_matching::matched)
      .def_ro("missed", &spike_matching::missed)
      .def_ro("extra", &spike_matching::extra)
      .def_prop_ro("matched_share", &spike_matching::matched_share)
      .def_prop_ro("extra_share", &spike_matching::extra_share)
      .def_prop_ro("jitter", &spike_matching::jitter)
      .def_prop_ro("bias", &spike_matching::bias)
      .def("add", [](spike_matching& self, const spike_matching& other) { self += other; });
  nb::class_<raster_metrics>(m, "RasterMetrics")
      .def(nb::init<>())
      .def_ro("samples", &raster_metrics::samples)
      .def_ro("matching", &raster_metrics::matching)
      .def_ro("victor_purpura", &raster_metrics::victor_purpura)
      .def_ro("van_rossum", &raster_metrics::van_rossum)
      .def_prop_ro("spike_synchronisation", [](const raster_metrics& r) { return r.coincidences.share(); })
      .def("add", [](raster_metrics& self, const raster_metrics& other) { self += other; });
}

}  // namespace

void bind_metrics(nb::module_& m) {
  bind_records(m);
  m.def(
      "victor_purpura",
      [](const train_in& a, const train_in& b, double cost) { return victor_purpura(train_of(a), train_of(b), cost); },
      nb::arg("a"), nb::arg("b"), nb::arg("cost"));
  m.def(
      "van_rossum",
      [](const train_in& a, const train_in& b, double tau) {
        return van_rossum_distance(train_of(a), train_of(b), tau);
      },
      nb::arg("a"), nb::arg("b"), nb::arg("tau"));
  m.def(
      "spike_synchronisation",
      [](const train_in& a, const train_in& b, double longest_window) {
        return spike_synchronisation(train_of(a), train_of(b), longest_window);
      },
      nb::arg("a"), nb::arg("b"), nb::arg("longest_window"));
  m.def(
      "match_spikes",
      [](const train_in& target, const train_in& output, double tolerance) {
        return match_spikes(train_of(target), train_of(output), tolerance);
      },
      nb::arg("target"), nb::arg("output"), nb::arg("tolerance"));
  m.def("compare_rasters", &compare, nb::arg("target"), nb::arg("output"), nb::arg("dt"), nb::arg("tolerance"),
        nb::arg("cost"), nb::arg("tau"));
}

}  // namespace backspike::python
