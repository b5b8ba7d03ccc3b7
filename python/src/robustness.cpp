// What a gradient predicts, and what the hard network does.

#include "binding.hpp"

#include <backspike/experiment/class_weights.hpp>
#include <backspike/robustness/mismatch.hpp>

#include "records.hpp"

namespace backspike::python {
namespace {

nb::typed<nb::tuple, std::string, std::string, std::string> measure(
    model& m, const experiment& given, const dataset& data, const std::optional<array_in<std::uint32_t, 1>>& picked,
    const std::string& of, const std::vector<double>& sizes, const std::vector<double>& widths, std::uint64_t seed,
    const nb::object& progress) {
  const auto samples = picked_samples(data, picked);
  const mismatch_options options{parse_name<moved_part>(of).value(), sizes, widths, seed};
  std::string json, text, html;
  {
    const busy held(m);
    now_and_then pace;
    const experiment e = settle_class_weights(given, data);
    const auto found = measure_mismatch(e.name, m.net, e.objective, m.parameters, data, samples, options, m.pool,
                                        [&](std::size_t done, std::size_t total) {
                                          throw_if_interrupted();
                                          if (pace.due()) {
                                            const nb::gil_scoped_acquire with_lock;
                                            if (!progress.is_none()) {
                                              progress("moving samples", done, total);
                                            }
                                          }
                                        });
    json = to_json(found);
    text = to_text(found);
    html = to_html(found);
  }
  return nb::make_tuple(json, text, html);
}

}  // namespace

void bind_robustness(nb::module_& m) {
  m.def("mismatch", &measure, nb::arg("network"), nb::arg("experiment"), nb::arg("data"), nb::arg("samples").none(),
        nb::arg("of"), nb::arg("sizes"), nb::arg("widths"), nb::arg("seed"), nb::arg("progress").none());
}

}  // namespace backspike::python
