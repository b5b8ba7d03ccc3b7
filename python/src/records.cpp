// Epochs, health and warnings as dictionaries, and the observer that calls Python functions while training runs.

#include "records.hpp"

#include <backspike/report/health_monitor.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike::python {
namespace {

nb::dict to_dict(const layer_health& l) {
  nb::dict d;
  d["name"] = l.name;
  d["dead"] = l.dead;
  d["saturated"] = l.saturated;
  d["in_support"] = l.in_support;
  d["error"] = l.error;
  d["steps_per_bin"] = l.steps_per_bin;
  d["spiking"] = l.spiking;
  d["rate"] = l.rate;
  d["stuck"] = l.stuck;
  return d;
}

nb::list to_list(const std::vector<health_warning>& warnings) {
  nb::list list;
  for (const auto& w : warnings) {
    nb::dict d;
    d["kind"] = w.kind;
    d["subject"] = w.subject;
    d["text"] = w.text;
    list.append(d);
  }
  return list;
}

/// The record of an epoch that ran under a loss in Python: what such a loop knows of it.
epoch_record record_of(const nb::dict& d) {
  epoch_record r;
  r.epoch = nb::cast<std::uint32_t>(d["epoch"]);
  r.train_loss = nb::cast<double>(d["train_loss"]);
  r.start_loss = nb::cast<double>(d["start_loss"]);
  r.gradient_norm = nb::cast<double>(d["gradient_norm"]);
  r.parameter_norm = nb::cast<double>(d["parameter_norm"]);
  for (const nb::handle layer : nb::cast<nb::list>(d["layers"])) {
    const auto of = nb::cast<nb::dict>(layer);
    layer_health l;
    l.name = nb::cast<std::string>(of["name"]);
    l.spiking = nb::cast<bool>(of["spiking"]);
    l.dead = nb::cast<double>(of["dead"]);
    l.saturated = nb::cast<double>(of["saturated"]);
    l.in_support = 1.0;  // nobody looked
    l.stuck = nb::cast<std::vector<std::uint32_t>>(of["stuck"]);
    r.layers.push_back(std::move(l));
  }
  return r;
}

/// What was not measured is left out: no accuracy in a regression, no validation without samples held out.
void put_measured(nb::dict& d, const char* name, double value) {
  if (!std::isnan(value)) {
    d[name] = value;
  }
}

/// By the name of each output; a network with one has none.
void put_outputs(nb::dict& d, const char* name, const std::vector<output_measure>& outputs) {
  nb::dict named;
  for (const output_measure& o : outputs) {
    nb::dict of;
    of["loss"] = o.loss;
    put_measured(of, "accuracy", o.accuracy);
    named[o.name.c_str()] = of;
  }
  if (!outputs.empty()) {
    d[name] = named;
  }
}

}  // namespace

nb::dict to_dict(const epoch_record& r) {
  nb::dict d;
  d["epoch"] = r.epoch;
  d["train_loss"] = r.train_loss;
  put_outputs(d, "train_outputs", r.train_outputs);
  put_outputs(d, "validation_outputs", r.validation_outputs);
  put_measured(d, "train_accuracy", r.train_accuracy);
  put_measured(d, "validation_loss", r.validation_loss);
  put_measured(d, "validation_accuracy", r.validation_accuracy);
  d["spikes_per_sample"] = r.spikes_per_sample;
  d["learning_rate"] = r.learning_rate;
  d["gradient_norm"] = r.gradient_norm;
  d["seconds"] = r.seconds;
  d["synaptic_operations"] = r.synaptic_operations;
  nb::list layers;
  for (const auto& l : r.layers) {
    layers.append(to_dict(l));
  }
  d["layers"] = layers;
  nb::dict updates;
  for (const auto& u : r.updates) {
    updates[u.parameter.c_str()] = u.ratio;
  }
  d["updates"] = updates;
  d["start_loss"] = r.start_loss;
  d["parameter_norm"] = r.parameter_norm;
  d["unpredicted"] = r.unpredicted;
  d["warnings"] = to_list(r.warnings);
  return d;
}

void bind_health(nb::module_& m) {
  m.def("health_kinds", [] { return std::vector<std::string>(health_kinds.begin(), health_kinds.end()); });
  nb::class_<health_monitor>(m, "HealthMonitor")
      .def(nb::init<std::vector<std::string>, std::uint32_t, std::string>(), nb::arg("class_names"), nb::arg("epochs"),
           nb::arg("readout") = "")
      .def(
          "look",
          [](health_monitor& monitor, const facts& record) -> nb::typed<nb::list, facts> {
            return to_list(monitor.look(record_of(record)));
          },
          nb::arg("record"));
}

template <class F>
void observer::call(const nb::object& function, const F& arguments) {
  if (raised_ || function.is_none()) {
    return;
  }
  const nb::gil_scoped_acquire held;
  try {
    function(arguments());
  } catch (...) {
    raised_ = std::current_exception();
  }
}

void observer::on_progress(const std::string& what, std::size_t done, std::size_t total) {
  if (shown_.due() || done == total) {
    call(on_progress_, [&] { return nb::make_tuple(what, done, total); });
  }
}

void observer::on_start(const run_start& start) {
  call(on_start_, [&] {
    nb::dict d;
    d["directory"] = start.directory;
    d["train_samples"] = start.train_samples;
    d["validation_samples"] = start.validation_samples;
    d["test_samples"] = start.test_samples;
    d["parameters"] = start.parameters;
    d["learnable"] = start.learnable;
    d["threads"] = start.threads;
    d["epochs"] = start.epochs;
    d["epochs_done"] = start.epochs_done;
    d["memory"] = start.memory.total();
    d["rule"] = start.rule_in_words;
    return d;
  });
}

void observer::on_batch(const batch_progress& p) {
  if (shown_.due() || p.batch == p.batches) {
    call(on_batch_, [&] {
      nb::dict d;
      d["epoch"] = p.epoch;
      d["epochs"] = p.epochs;
      d["batch"] = p.batch;
      d["batches"] = p.batches;
      d["loss"] = p.loss;
      put_measured(d, "accuracy", p.accuracy);
      d["spikes_per_sample"] = p.spikes_per_sample;
      return d;
    });
  }
}

void observer::on_epoch(const epoch_record& record, std::uint32_t) {
  call(on_epoch_, [&] { return to_dict(record); });
}

bool observer::stop_requested() {
  if (!raised_ && asked_.due()) {
    try {
      throw_if_interrupted();
    } catch (...) {
      raised_ = std::current_exception();
    }
  }
  return static_cast<bool>(raised_);
}

void observer::rethrow() {
  if (raised_) {
    std::rethrow_exception(std::exchange(raised_, nullptr));
  }
}

}  // namespace backspike::python
