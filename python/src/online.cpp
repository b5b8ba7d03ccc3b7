// Learning on a stream, a step a call: nothing on the way but the arguments' conversion.

#include "binding.hpp"
#include "float_row.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/online/online_learner.hpp>

#include <algorithm>
#include <optional>

namespace backspike::python {
namespace {

/// A learner and the network it refers to.
struct learner_of_model {
  std::shared_ptr<model> of;
  online_learner learner;

  learner_of_model(std::shared_ptr<model> m, const objective_spec& objective, const online_options& options)
      : of(std::move(m)), learner(of->net, objective, of->parameters, options) {}
};

/// It has its own copy of the parameters and is used by one thread at a time.
struct stream {
  std::shared_ptr<model> of;
  std::shared_ptr<learner_of_model> kept;  // the readout's array keeps it alive, not the stream: no circle
  online_learner* learner;
  nb::any readout;  // the array of the last step
  const float* readout_at = nullptr;

  stream(std::shared_ptr<model> m, const experiment& e, double rate, std::uint64_t update_every, bool learns,
         bool skips)
      : of(std::move(m)) {
    online_options options;
    options.learns = learns;
    if (e.rule.form == eprop_form::backward) {
      throw value_error("OnlineLearner", "rule.form", "backward",
                        "forward or auto: a stream has no end to go back from");
    }
    options.rule = eprop_options_of(e.rule, of->net, e.seed);
    options.optimiser = e.optimiser;
    options.optimiser.learning_rate = rate;
    options.update_every = update_every;
    options.not_finite = skips ? bad_reading::skip : bad_reading::refuse;
    kept = std::make_shared<learner_of_model>(of, e.objective, options);
    learner = &kept->learner;
  }
};

/// The array over the readout; made anew only where it moved.
nb::any shown(stream& s, std::span<const float> values) {
  if (s.readout_at != values.data()) {
    s.readout_at = values.data();
    auto* owner = new std::shared_ptr<learner_of_model>(s.kept);
    const nb::capsule capsule(owner,
                              [](void* p) noexcept { delete static_cast<std::shared_ptr<learner_of_model>*>(p); });
    s.readout = nb::borrow<nb::any>(nb::cast(array_over(values.data(), {values.size()}, capsule)));
  }
  return s.readout;
}

nb::any step(stream& s, nb::handle input, std::int32_t label, nb::handle values) {
  const float_row from = row_of(input, "input");
  const float_row to = values.is_none() ? float_row() : row_of(values, "values");
  return shown(s, s.learner->step(from.values(), {label, to.values()}));
}

/// Of a network of several outputs: (label, values) for each.
nb::any step_outputs(stream& s, nb::handle input, const nb::typed<nb::list, nb::any>& targets) {
  const float_row from = row_of(input, "input");
  std::vector<float_row> rows(targets.size());
  std::vector<online_target> told;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto target = nb::cast<nb::tuple>(targets[k]);
    if (!target[1].is_none()) {
      rows[k] = row_of(target[1], "values");
    }
    told.push_back({nb::cast<std::int32_t>(target[0]), rows[k].values()});
  }
  return shown(s, s.learner->step_outputs(from.values(), told));
}

nb::any infer(stream& s, nb::handle input) { return shown(s, s.learner->infer(row_of(input, "input").values())); }

named_arrays save(const stream& s) { return arrays_of(s.learner->save()); }

void restore(stream& s, const nb::typed<nb::list, nb::any>& saved) { s.learner->restore(tensors_of(saved)); }

}  // namespace

named_arrays arrays_of(std::vector<named_tensor>&& tensors) {
  nb::list arrays;
  for (named_tensor& t : tensors) {
    arrays.append(nb::make_tuple(t.name, array_of(std::move(t.values), t.extents)));
  }
  return arrays;
}

std::vector<named_tensor> tensors_of(const nb::typed<nb::list, nb::any>& arrays) {
  std::vector<named_tensor> tensors;
  for (const nb::handle entry : arrays) {
    const auto pair = nb::cast<nb::tuple>(entry);
    const auto values = nb::cast<nb::ndarray<const float, nb::c_contig, nb::device::cpu>>(pair[1]);
    named_tensor t{nb::cast<std::string>(pair[0]), {}, {values.data(), values.data() + values.size()}};
    for (std::size_t k = 0; k < values.ndim(); ++k) {
      t.extents.push_back(values.shape(k));
    }
    tensors.push_back(std::move(t));
  }
  return tensors;
}

void bind_online(nb::module_& m) {
  find_array_type();
  nb::class_<stream>(m, "Stream")
      .def(nb::init<std::shared_ptr<model>, const experiment&, double, std::uint64_t, bool, bool>())
      .def("step", &step, nb::arg("input").none(), nb::arg("label") = -1, nb::arg("values").none() = nb::none())
      .def("step_outputs", &step_outputs, nb::arg("input").none(), nb::arg("targets"))
      .def("infer", &infer, nb::arg("input").none())
      .def("end_trial", [](stream& s) { s.learner->end_trial(); })
      .def("reset_state", [](stream& s) { s.learner->reset_state(); })
      .def_prop_ro("loss", [](const stream& s) { return s.learner->loss(); })
      .def_prop_ro("steps", [](const stream& s) { return s.learner->steps(); })
      .def_prop_ro("updates", [](const stream& s) { return s.learner->updates(); })
      .def_prop_ro("skipped", [](const stream& s) { return s.learner->skipped(); })
      .def("save", &save)
      .def("restore", &restore)
      .def("write_back", [](stream& s) {
        const busy held(*s.of);
        std::ranges::copy(s.learner->parameters().values(), s.of->parameters.values().begin());
      });
}

}  // namespace backspike::python
