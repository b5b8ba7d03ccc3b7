// What a gradient predicts, and what the hard network does.

#include "binding.hpp"

#include <backspike/experiment/class_weights.hpp>
#include <backspike/robustness/attack_report.hpp>
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

/// Values [samples][rows][columns] as an encoder reads them.
encoded_values values_of(const experiment& e, const array_in<float, 3>& values) {
  encoded_values raw{.encoder = e.data.encoder,
                     .rows = values.shape(1),
                     .columns = values.shape(2),
                     .seed = e.seed,
                     .values{values.data(), values.data() + values.size()},
                     .streams{}};
  for (std::uint32_t s = 0; s < values.shape(0); ++s) {
    raw.streams.push_back(s);
  }
  return raw;
}

dataset encode_values(const experiment& e, const array_in<float, 3>& values) {
  const encoded_values raw = values_of(e, values);
  const value_encoder encoder(raw.encoder, raw.rows, raw.columns, raw.seed);
  thread_pool pool;
  dataset data;
  data.name = "values";
  data.channels = encoder.channels();
  data.shape = encoder.shape();
  data.dt = raw.encoder.dt;
  data.inputs = encode(raw, raw.values, 0, pool);
  return data;
}

attack_options options_of(const facts& given) {
  attack_options o;
  o.attack = nb::cast<std::string>(given["attack"]);
  o.norm = parse_name<attack_norm>(nb::cast<std::string>(given["norm"])).value();
  o.steps = nb::cast<std::uint32_t>(given["steps"]);
  o.restarts = nb::cast<std::uint32_t>(given["restarts"]);
  o.step_size = nb::cast<double>(given["step_size"]);
  o.width = nb::cast<double>(given["width"]);
  o.encoder_width = nb::cast<double>(given["encoder_width"]);
  o.draws = nb::cast<std::uint32_t>(given["draws"]);
  o.queries = nb::cast<std::uint32_t>(given["queries"]);
  o.seed = nb::cast<std::uint64_t>(given["seed"]);
  if (!given["target"].is_none()) {
    o.target = nb::cast<std::int32_t>(given["target"]);
  }
  return o;
}

/// JSON, text, page, the changed data, and the changed values (None: none were before an encoder).
nb::typed<nb::tuple, std::string, std::string, std::string, dataset, nb::any> attack_network(
    model& m, const experiment& given, const dataset& data, const std::optional<array_in<float, 3>>& values,
    const facts& settings, const std::vector<double>& budgets, bool checklist, const nb::object& progress) {
  const attack_options options = options_of(settings);
  attack_samples samples{data, {}};
  if (values) {
    samples.values = values_of(given, *values);
  }
  attack_report report;
  {
    const busy held(m);
    now_and_then pace;
    const experiment e = settle_class_weights(given, data);
    report = measure_attack(e.name, {m.net, e.objective, m.parameters, m.pool}, samples, options,
                            {budgets, checklist, nullptr}, [&](std::size_t done, std::size_t total) {
                              throw_if_interrupted();
                              if (pace.due()) {
                                const nb::gil_scoped_acquire with_lock;
                                if (!progress.is_none()) {
                                  progress("attacking", done, total);
                                }
                              }
                            });
  }
  const std::string json = to_json(report), text = to_text(report), html = to_html(report);
  nb::object changed = nb::none();
  if (report.changed.values) {
    const encoded_values& raw = *report.changed.values;
    changed = nb::cast(array_of(std::vector<float>(raw.values), {raw.size(), raw.rows, raw.columns}));
  }
  return nb::make_tuple(json, text, html, std::move(report.changed.data), changed);
}

std::vector<std::string> attack_names() {
  std::vector<std::string> names;
  for (const attack_info& a : attack_list()) {
    names.emplace_back(a.name);
  }
  return names;
}

}  // namespace

void bind_robustness(nb::module_& m) {
  m.def("mismatch", &measure, nb::arg("network"), nb::arg("experiment"), nb::arg("data"), nb::arg("samples").none(),
        nb::arg("of"), nb::arg("sizes"), nb::arg("widths"), nb::arg("seed"), nb::arg("progress").none());
  m.def("encode_values", &encode_values, nb::arg("experiment"), nb::arg("values"));
  m.def("attack", &attack_network, nb::arg("network"), nb::arg("experiment"), nb::arg("data"), nb::arg("values").none(),
        nb::arg("settings"), nb::arg("budgets"), nb::arg("checklist"), nb::arg("progress").none());
  m.def("attack_names", &attack_names);
}

}  // namespace backspike::python
