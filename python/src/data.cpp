// Data sets from arrays, and arrays over data sets.

#include "binding.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/reading.hpp>
#include <backspike/core/time_grid.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/spike_hdf5.hpp>
#include <backspike/data/split.hpp>
#include <backspike/experiment/given_data.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <cmath>

namespace backspike::python {
namespace {

using dataset_ptr = std::shared_ptr<dataset>;

/// Appends the events of one step: every channel that is not 0.
void add_row(const float* x, std::size_t channels, std::size_t sample, std::size_t step, events& e, bool& graded) {
  for (std::size_t c = 0; c < channels; ++c) {
    if (x[c] != 0.0f) {
      if (!is_reading(x[c])) {
        throw value_error("Data", "input", std::to_string(x[c]),
                          reading_text() + " (sample " + std::to_string(sample) + ", step " + std::to_string(step) +
                              ", channel " + std::to_string(c) + ")");
      }
      e.channels.push_back(static_cast<std::uint32_t>(c));
      e.values.push_back(x[c]);
      graded = graded || x[c] != 1.0f;
    }
  }
  e.end_row();
}

/// [samples][steps][channels]
dataset_ptr from_dense(const array_in<float, 3>& x, double dt) {
  const without_interpreter released;
  auto data = std::make_shared<dataset>();
  data->channels = static_cast<std::uint32_t>(x.shape(2));
  data->dt = dt;
  bool graded = false;
  for (std::size_t s = 0; s < x.shape(0); ++s) {
    for (std::size_t t = 0; t < x.shape(1); ++t) {
      add_row(x.data() + (s * x.shape(1) + t) * x.shape(2), x.shape(2), s, t, data->inputs.spikes, graded);
    }
    data->inputs.end_sample();
  }
  if (!graded) {
    data->inputs.spikes.values = {};
  }
  return data;
}

template <class T>
std::vector<T> copy_of(const array_in<T, 1>& a) {
  return std::vector<T>(a.data(), a.data() + a.size());
}

void require_readings(const std::vector<float>& values, const char* argument) {
  const std::size_t bad = first_no_reading(values);
  if (bad < values.size()) {
    throw value_error("Data", std::string(argument) + "[" + std::to_string(bad) + "]", std::to_string(values[bad]),
                      reading_text());
  }
}

void check_inputs(const dataset& data) {
  const auto& rows = data.inputs.sample_rows;
  const events& e = data.inputs.spikes;
  if (rows.empty() || rows.front() != 0 || rows.back() != e.rows() || !std::ranges::is_sorted(rows)) {
    throw value_error("Data", "sample_rows", "not ascending from 0 to the number of rows", "first row of each sample");
  }
  e.validate(data.channels);
}

/// Compressed rows, checked.
dataset_ptr from_rows(const array_in<std::uint64_t, 1>& sample_rows, const array_in<std::uint64_t, 1>& row_offsets,
                      const array_in<std::uint32_t, 1>& channels, const std::optional<array_in<float, 1>>& values,
                      std::uint32_t channel_count, double dt) {
  auto data = std::make_shared<dataset>();
  data->channels = channel_count;
  data->dt = dt;
  data->inputs.sample_rows = copy_of(sample_rows);
  events& e = data->inputs.spikes;
  e.row_offsets = copy_of(row_offsets);
  e.channels = copy_of(channels);
  if (values) {
    e.values = copy_of(*values);
  }
  check_inputs(*data);
  return data;
}

void check_rows(const dataset& data, std::size_t size, std::size_t width, const char* argument) {
  const std::size_t expected = data.inputs.spikes.rows() * width;
  if (size != expected) {
    throw shape_error("Data", argument, std::to_string(size) + " numbers",
                      std::to_string(expected) + ", one for each step of each sample" +
                          (width == 1 ? "" : ", times " + std::to_string(width)));
  }
}

void set_labels(dataset& data, const array_in<std::int32_t, 1>& labels, std::vector<std::string> names) {
  if (labels.size() != data.size()) {
    throw shape_error("Data", "labels", std::to_string(labels.size()), std::to_string(data.size()) + ", one a sample");
  }
  for (std::size_t s = 0; s < labels.size(); ++s) {
    const std::int32_t label = labels.data()[s];
    if (label < 0 || static_cast<std::size_t>(label) >= names.size()) {
      throw value_error("Data", "label of sample " + std::to_string(s), std::to_string(label),
                        "0 to " + std::to_string(names.size() - 1));
    }
  }
  data.labels = copy_of(labels);
  data.class_names = std::move(names);
}

void set_step_labels(dataset& data, const array_in<std::int32_t, 1>& labels, std::vector<std::string> names) {
  check_rows(data, labels.size(), 1, "step_labels");
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const std::int32_t label = labels.data()[r];
    if (label < -1 || label >= static_cast<std::int32_t>(names.size())) {
      throw value_error("Data", "step_labels[" + std::to_string(r) + "]", std::to_string(label),
                        "-1 (no label) to " + std::to_string(names.size() - 1));
    }
  }
  data.step_labels = copy_of(labels);
  data.class_names = std::move(names);
}

void set_step_targets(dataset& data, const array_in<float, 2>& targets) {
  check_rows(data, targets.shape(0), 1, "step_targets");
  data.step_targets.assign(targets.data(), targets.data() + targets.size());
  require_readings(data.step_targets, "step_targets");
  data.target_width = static_cast<std::uint32_t>(targets.shape(1));
}

void set_step_weights(dataset& data, const array_in<float, 1>& weights) {
  check_rows(data, weights.size(), 1, "step_weights");
  data.step_weights = copy_of(weights);
  require_readings(data.step_weights, "step_weights");
  if (std::ranges::any_of(data.step_weights, [](float w) { return w < 0.0f; })) {
    throw value_error("Data", "step_weights", "a negative weight", "0 or more");
  }
}

void set_shape(dataset& data, const grid_shape& shape) {
  if (!shape.empty() && (shape.size() > 3 || neurons_of(shape) != data.channels)) {
    throw shape_error(
        "Data", "shape", text_of(shape),
        "[channels, height, width] or [channels, length] of " + std::to_string(data.channels) + " channels in all");
  }
  data.shape = shape;
}

void set_sample_weights(dataset& data, const array_in<float, 1>& weights) {
  if (weights.size() != data.size()) {
    throw shape_error("Data", "sample_weight", std::to_string(weights.size()),
                      std::to_string(data.size()) + ", one a sample");
  }
  data.sample_weights = copy_of(weights);
  require_readings(data.sample_weights, "sample_weight");
  if (std::ranges::any_of(data.sample_weights, [](float w) { return w < 0.0f; })) {
    throw value_error("Data", "sample_weight", "a negative weight", "0 or more");
  }
}

/// Moves its own targets to a place of that name, and leaves it without.
void name_targets(dataset& data, const std::string& name) {
  named_targets& to = data.further.emplace_back();
  std::swap(static_cast<target_set&>(to), static_cast<target_set&>(data));
  to.name = name;
}

/// Makes targets of a name its own, too.
void own_targets(dataset& data, const std::string& name) { static_cast<target_set&>(data) = data.targets(name); }

/// Classes of targets of a name, and whether they have any.
nb::typed<nb::list, facts> further_infos(const dataset& data) {
  nb::list all;
  for (const named_targets& set : data.further) {
    nb::dict d;
    d["name"] = set.name;
    d["class_names"] = set.class_names;
    d["target_width"] = set.target_width;
    d["outputs"] = set.outputs();
    all.append(d);
  }
  return all;
}

using named_labels = nb::typed<nb::tuple, array_out<std::int32_t>, nb::typed<nb::list, nb::str>>;

named_labels as_tuple(labelled_classes&& classes) {
  const std::size_t count = classes.labels.size();
  return named_labels(nb::make_tuple(array_of(std::move(classes.labels), {count}), std::move(classes.names)));
}

std::span<const std::int64_t> span_of(const array_in<std::int64_t, 1>& values) {
  return {values.data(), values.size()};
}

/// The data with these classes, or those that a network without names has outputs for; itself if it has them.
dataset_ptr with_classes(const dataset_ptr& data, const std::vector<std::string>& names, std::size_t outputs) {
  auto changed = std::make_shared<dataset>(*data);
  if (names.empty()) {
    spread_classes(*changed, outputs, "network");
  } else {
    adopt_classes(*changed, names, "network");
  }
  return changed;
}

template <class T>
array_out<const T> vector_view(nb::handle self, const std::vector<T>& values) {
  return array_over(values.data(), {values.size()}, self);
}

/// The steps that times fall in; `unit` and `dt` in the same measure, `bits` the precision that the times came in.
array_out<double> steps_of(const array_in<double, 1>& times, double dt, double unit, int bits) {
  const time_grid grid(dt, unit, bits);
  std::vector<double> steps(times.size());
  std::transform(times.data(), times.data() + times.size(), steps.begin(), [&](double t) { return grid.step_of(t); });
  const std::size_t count = steps.size();
  return array_of(std::move(steps), {count});
}

// ---- pickling: every member by its name ----

nb::list planted_state(const dataset& d) {
  nb::list all;
  for (const planted_values& p : d.planted) {
    all.append(nb::make_tuple(p.parameter, p.values));
  }
  return all;
}

nb::list continuation_state(const dataset& d) {
  nb::list all;
  for (const series_continuation& c : d.continuations) {
    all.append(nb::make_tuple(c.known, c.truth, c.steps, c.centre, c.scale, c.linear, c.correction));
  }
  return all;
}

facts state_of(nb::handle self) {
  const auto& d = nb::cast<dataset&>(self);
  facts s;
  s["name"] = d.name;
  s["channels"] = d.channels;
  s["dt"] = d.dt;
  s["sample_rows"] = vector_view(self, d.inputs.sample_rows);
  s["row_offsets"] = vector_view(self, d.inputs.spikes.row_offsets);
  s["event_channels"] = vector_view(self, d.inputs.spikes.channels);
  s["event_values"] = vector_view(self, d.inputs.spikes.values);
  s["labels"] = vector_view(self, d.labels);
  s["speakers"] = vector_view(self, d.speakers);
  s["class_names"] = d.class_names;
  s["speaker_names"] = d.speaker_names;
  s["step_labels"] = vector_view(self, d.step_labels);
  s["step_targets"] = vector_view(self, d.step_targets);
  s["target_width"] = d.target_width;
  s["step_weights"] = vector_view(self, d.step_weights);
  s["sample_weights"] = vector_view(self, d.sample_weights);
  s["planted"] = planted_state(d);
  s["continuations"] = continuation_state(d);
  s["merged_events"] = d.merged_events;
  s["shape"] = d.shape;
  nb::list further;
  for (const named_targets& set : d.further) {
    further.append(nb::make_tuple(set.name, set.class_names, set.target_width, vector_view(self, set.labels),
                                  vector_view(self, set.step_labels), vector_view(self, set.step_targets)));
  }
  s["further"] = further;
  return s;
}

template <class T>
void take(const facts& state, const char* name, T& to) {
  to = nb::cast<T>(state[name]);
}

template <class T>
void take_array(const facts& state, const char* name, std::vector<T>& to) {
  to = copy_of(nb::cast<array_in<T, 1>>(state[name]));
}

void take_records(const facts& state, dataset& d) {
  for (const nb::handle entry : nb::cast<nb::list>(state["planted"])) {
    const auto p = nb::cast<nb::tuple>(entry);
    d.planted.push_back({nb::cast<std::string>(p[0]), nb::cast<std::vector<float>>(p[1])});
  }
  for (const nb::handle entry : nb::cast<nb::list>(state["continuations"])) {
    const auto c = nb::cast<nb::tuple>(entry);
    using points = std::vector<double>;
    d.continuations.push_back({nb::cast<points>(c[0]), nb::cast<points>(c[1]), nb::cast<std::uint32_t>(c[2]),
                               nb::cast<double>(c[3]), nb::cast<double>(c[4]), nb::cast<points>(c[5]),
                               nb::cast<double>(c[6])});
  }
}

void set_state(dataset& self, const facts& state) {
  dataset d;
  take(state, "name", d.name);
  take(state, "channels", d.channels);
  take(state, "dt", d.dt);
  take_array(state, "sample_rows", d.inputs.sample_rows);
  take_array(state, "row_offsets", d.inputs.spikes.row_offsets);
  take_array(state, "event_channels", d.inputs.spikes.channels);
  take_array(state, "event_values", d.inputs.spikes.values);
  take_array(state, "labels", d.labels);
  take_array(state, "speakers", d.speakers);
  take(state, "class_names", d.class_names);
  take(state, "speaker_names", d.speaker_names);
  take_array(state, "step_labels", d.step_labels);
  take_array(state, "step_targets", d.step_targets);
  take(state, "target_width", d.target_width);
  take_array(state, "step_weights", d.step_weights);
  if (state.contains("sample_weights")) {  // which older versions did not write
    take_array(state, "sample_weights", d.sample_weights);
  }
  if (state.contains("further")) {  // nor this
    for (const nb::handle entry : nb::cast<nb::list>(state["further"])) {
      const auto given = nb::cast<nb::tuple>(entry);
      named_targets& set = d.further.emplace_back();
      set.name = nb::cast<std::string>(given[0]);
      set.class_names = nb::cast<std::vector<std::string>>(given[1]);
      set.target_width = nb::cast<std::uint32_t>(given[2]);
      set.labels = copy_of(nb::cast<array_in<std::int32_t, 1>>(given[3]));
      set.step_labels = copy_of(nb::cast<array_in<std::int32_t, 1>>(given[4]));
      set.step_targets = copy_of(nb::cast<array_in<float, 1>>(given[5]));
    }
  }
  take_records(state, d);
  take(state, "merged_events", d.merged_events);
  if (state.contains("shape")) {  // which older versions did not write
    take(state, "shape", d.shape);
  }
  check_inputs(d);
  new (&self) dataset(std::move(d));
}

nb::typed<nb::tuple, dataset, dataset, dataset> load(const experiment& e, const nb::object& progress) {
  dataset_split split;
  {
    now_and_then pace;
    const without_interpreter released;
    split = load_data(e.data, e.seed, [&](const std::string& what, std::size_t done, std::size_t total) {
      if (pace.due() || done == total) {
        throw_if_interrupted();
        const nb::gil_scoped_acquire held;
        if (!progress.is_none()) {
          progress(what, done, total);
        }
      }
    });
  }
  return nb::make_tuple(std::make_shared<dataset>(std::move(split.train)),
                        std::make_shared<dataset>(std::move(split.validation)),
                        std::make_shared<dataset>(std::move(split.test)));
}

/// All of `path`, for a network of these inputs, step and classes that the experiment trained.
dataset_ptr load_all(const experiment& e, const std::string& path, const std::vector<std::string>& overrides,
                     std::uint32_t channels, double dt, const std::vector<std::string>& names) {
  const nb::gil_scoped_release released;
  return std::make_shared<dataset>(load_whole(given_data(e, path, overrides), {channels, dt, names}, e.seed));
}

}  // namespace

void bind_data(nb::module_& m) {
  nb::class_<dataset>(m, "Data")
      .def_static("from_dense", &from_dense)
      .def_static("from_rows", &from_rows, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg())
      .def("set_labels", &set_labels)
      .def("set_step_labels", &set_step_labels)
      .def("set_step_targets", &set_step_targets)
      .def("set_step_weights", &set_step_weights)
      .def("set_sample_weights", &set_sample_weights)
      .def("name_targets", &name_targets, nb::arg("name"))
      .def("own_targets", &own_targets, nb::arg("name"))
      .def_prop_ro("further", &further_infos)
      .def("__getstate__", &state_of)
      .def("__setstate__", &set_state)
      .def("__len__", &dataset::size)
      .def_ro("channels", &dataset::channels)
      .def_ro("dt", &dataset::dt)
      .def_rw("name", &dataset::name)
      .def_rw("merged_events", &dataset::merged_events)
      .def_prop_rw(
          "shape", [](const dataset& d) { return d.shape; }, &set_shape)
      .def_ro("class_names", &dataset::class_names)
      .def_ro("speaker_names", &dataset::speaker_names)
      .def_ro("target_width", &dataset::target_width)
      .def_prop_ro("outputs", &dataset::outputs)
      .def_prop_ro("events", [](const dataset& d) { return d.inputs.spikes.size(); })
      .def_prop_ro("sample_rows", [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).inputs.sample_rows); })
      .def_prop_ro("row_offsets",
                   [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).inputs.spikes.row_offsets); })
      .def_prop_ro("event_channels",
                   [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).inputs.spikes.channels); })
      .def_prop_ro("event_values",
                   [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).inputs.spikes.values); })
      .def_prop_ro("labels", [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).labels); })
      .def_prop_ro("speakers", [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).speakers); })
      .def_prop_ro("step_labels", [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).step_labels); })
      .def_prop_ro("step_weights", [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).step_weights); })
      .def_prop_ro("sample_weights", [](nb::handle h) { return vector_view(h, nb::cast<dataset&>(h).sample_weights); })
      .def_prop_ro("step_targets",
                   [](nb::handle h) {
                     const auto& d = nb::cast<dataset&>(h);
                     const std::size_t width = std::max<std::size_t>(d.target_width, 1);
                     return array_over(d.step_targets.data(), {d.step_targets.size() / width, width}, h);
                   })
      .def("subset",
           [](const dataset& d, const array_in<std::uint32_t, 1>& picked) {
             for (std::size_t k = 0; k < picked.size(); ++k) {
               if (picked.data()[k] >= d.size()) {
                 throw value_error("subset", "sample", std::to_string(picked.data()[k]),
                                   "below " + std::to_string(d.size()));
               }
             }
             return std::make_shared<dataset>(subset(d, std::span(picked.data(), picked.size())));
           })
      .def("inputs_only",
           [](const dataset& d) {
             auto copy = std::make_shared<dataset>();
             copy->name = d.name;
             copy->channels = d.channels;
             copy->dt = d.dt;
             copy->inputs = d.inputs;
             copy->merged_events = d.merged_events;
             copy->shape = d.shape;
             return copy;
           })
      .def("write", [](const dataset& d, const std::string& path) {
        const without_interpreter released;
        write_spike_hdf5(path, d);
      });
  m.def("classes_of", [](const array_in<std::int64_t, 1>& values) { return as_tuple(classes_of(span_of(values))); });
  m.def("step_classes_of",
        [](const array_in<std::int64_t, 1>& values) { return as_tuple(step_classes_of(span_of(values))); });
  m.def("are_numbers", [](const std::vector<std::string>& names) { return are_numbers(names); });
  m.def("with_classes", &with_classes, nb::arg("data"), nb::arg("names"), nb::arg("outputs"));
  m.def("is_same_step", &is_same_step, nb::arg("a"), nb::arg("b"));
  m.def("steps_of", &steps_of, nb::arg("times"), nb::arg("dt"), nb::arg("unit"), nb::arg("bits"));
  m.def("spread_evenly", &spread_evenly, nb::arg("samples"), nb::arg("count"));
  m.def("load_whole", &load_all, nb::arg("experiment"), nb::arg("path"), nb::arg("overrides"), nb::arg("channels"),
        nb::arg("dt"), nb::arg("class_names"));
  m.def("load_data", &load, nb::arg(), nb::arg().none());
}

}  // namespace backspike::python
