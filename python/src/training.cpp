// fit, evaluate, gradient, compare_gradients and the optimiser.

#include "binding.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/compare_gradients.hpp>
#include <backspike/experiment/fit.hpp>
#include <backspike/experiment/rule_text.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/health.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/optimise/optimiser.hpp>

#include "records.hpp"

#include <algorithm>

namespace backspike::python {
namespace {

facts fit_model(model& m, const experiment& e, const dataset& train, const dataset& validation, bool keep_best,
                const nb::object& on_batch, const nb::object& on_epoch) {
  observer told(on_batch, on_epoch, nb::none(), nb::none());
  fit_result result;
  {
    const busy held(m);
    result = fit(e, train, validation, m.net, m.parameters, m.pool, told, {keep_best, 0});
  }
  told.rethrow();
  nb::dict d;
  nb::list epochs;
  for (const auto& r : result.epochs) {
    epochs.append(to_dict(r));
  }
  d["epochs"] = epochs;
  d["best_epoch"] = result.best_epoch;
  d["finished"] = result.finished;
  d["rule"] = result.rule_in_words;
  return d;
}

/// What one output said of each sample.
void put_predictions(nb::dict& d, output_predictions& kept, std::size_t samples, std::size_t classes) {
  const std::size_t known = kept.confusion.empty() ? 0 : classes;
  d["labels"] = array_of(std::move(kept.labels), {samples});
  d["scores"] = array_of(std::move(kept.scores), {samples, classes});
  d["confusion"] = array_of(std::move(kept.confusion), {known, known});
}

facts evaluate_model(model& m, const experiment& e, const dataset& data, std::size_t batch) {
  const experiment settled = settle_class_weights(e, data);
  evaluation result;
  {
    const busy held(m);
    engine simulator(m.net, settled.objective, m.pool);
    now_and_then pace;
    result = evaluate_all(simulator, m.parameters, data, batch, [&](std::size_t, std::size_t) {
      if (pace.due()) {
        throw_if_interrupted();
      }
    });
  }
  const std::size_t samples = result.samples;
  nb::dict d;
  d["samples"] = samples;
  d["loss"] = result.loss;
  d["accuracy"] = result.accuracy;
  d["spikes_per_sample"] = result.spikes_per_sample;
  put_predictions(d, result.kept, samples, m.net.output(0).units);
  nb::dict outputs;
  for (std::size_t k = 0; k < result.outputs.size(); ++k) {
    nb::dict of;
    of["loss"] = result.outputs[k].loss;
    of["accuracy"] = result.outputs[k].accuracy;
    if (k > 0) {
      put_predictions(of, result.kept.of(k), samples, m.net.output(k).units);
    }
    outputs[result.outputs[k].name.c_str()] = of;
  }
  d["outputs"] = outputs;
  nb::list spikes;
  for (auto& counts : result.kept.spikes) {
    const std::size_t units = counts.size();
    spikes.append(array_of(std::move(counts), {units}));
  }
  d["spikes"] = spikes;
  return d;
}

/// Bytes that training will need beside the data's readers and the interpreter.
facts forecast(model& m, const experiment& e, const dataset& data) {
  const rule_spec rule =
      settle_rule(e.rule, m.net, data, e.train.batch, m.pool.threads(), resident_memory(), available_memory());
  const memory_forecast f = forecast_training(e, data, m.net, m.pool.threads(), rule);
  facts d;
  d["parameters"] = f.parameters;
  d["workers"] = f.per_worker * f.threads;
  d["samples_in_flight"] = f.per_in_flight;
  d["checkpoints"] = f.checkpoints;
  d["data"] = f.dataset;
  d["total"] = f.total();
  return d;
}

/// The gradient of the mean loss under the experiment's rule.
nb::typed<nb::tuple, facts, array_list> gradient_of(const std::shared_ptr<model>& m, const experiment& e,
                                                    const dataset& data,
                                                    const std::optional<array_in<std::uint32_t, 1>>& picked) {
  struct kept {
    std::shared_ptr<model> layout;
    arena<float> values;
  };
  auto owner = std::make_unique<kept>(kept{m, arena<float>(m->net.parameters())});
  const auto samples = picked_samples(data, picked);
  const experiment weighted = settle_class_weights(e, data);
  batch_result sums;
  std::string in_words;
  {
    const busy held(*m);
    const std::uint64_t memory = available_memory();
    check_rule(e.rule, m->net, m->pool.threads(), memory);
    const rule_spec settled =
        settle_rule(e.rule, m->net, data, samples.size(), m->pool.threads(), resident_memory(), memory);
    in_words = rule_text(settled, data.longest(samples));
    learning_rule rule(m->net, weighted.objective, m->pool, settled, e.seed);
    rule.start(m->parameters);
    sums = rule.gradient(m->parameters, {&data, samples}, owner->values);
  }
  const double n = static_cast<double>(std::max<std::size_t>(sums.samples, 1));
  arena<float>& values = owner->values;
  const nb::capsule capsule(owner.release(), [](void* p) noexcept { delete static_cast<kept*>(p); });
  nb::dict d;
  d["loss"] = sums.loss / n;
  d["accuracy"] = share_of(sums.correct, sums.counted);
  d["spikes_per_sample"] = static_cast<double>(sums.hidden_spikes) / n;
  d["rule"] = in_words;
  return nb::make_tuple(d, views_of(values, capsule));
}

nb::typed<nb::tuple, std::string, std::string, std::string> compare(
    model& m, const experiment& e, const dataset& data, const std::optional<array_in<std::uint32_t, 1>>& picked,
    const nb::object& progress) {
  const auto samples = picked_samples(data, picked);
  std::string json, text, html;
  {
    const busy held(m);
    now_and_then pace;
    const auto c = compare_gradients(e, m.net, m.parameters, data, samples, m.pool,
                                     [&](const std::string& what, std::size_t done, std::size_t total) {
                                       throw_if_interrupted();
                                       if (pace.due()) {
                                         const nb::gil_scoped_acquire with_lock;
                                         if (!progress.is_none()) {
                                           progress(what, done, total);
                                         }
                                       }
                                     });
    json = to_json(c);
    text = to_text(c);
    html = to_html(c);
  }
  return nb::make_tuple(json, text, html);
}

/// An optimiser on a network's parameters, for loops written in Python.
struct optimiser_on_model {
  std::shared_ptr<model> of;
  optimiser_spec spec;
  optimiser moves;
  arena<float> gradient;

  optimiser_on_model(std::shared_ptr<model> m, const experiment& e)
      : of(std::move(m)), spec(e.optimiser), moves(spec, of->net.parameters()), gradient(of->net.parameters()) {}
};

double step(optimiser_on_model& o, const std::vector<nb::ndarray<const float, nb::device::cpu>>& gradient,
            std::uint64_t total_steps, std::uint64_t steps_per_epoch) {
  const auto& layout = o.of->net.parameters();
  if (gradient.size() != layout.size()) {
    throw shape_error("step", "gradient", std::to_string(gradient.size()) + " arrays",
                      std::to_string(layout.size()) + ", one for each parameter");
  }
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const auto& g = gradient[i];
    const auto to = o.gradient.view(i);
    if (g.size() != layout[i].size()) {
      throw shape_error("step", "gradient of " + layout[i].name, std::to_string(g.size()) + " numbers",
                        std::to_string(layout[i].size()));
    }
    const bool matrix = g.ndim() == 2;
    const std::int64_t row = matrix ? g.stride(0) : 0, column = g.ndim() > 0 ? g.stride(g.ndim() - 1) : 0;
    for (std::size_t r = 0; r < to.rows; ++r) {
      for (std::size_t c = 0; c < to.cols; ++c) {
        to(r, c) = g.data()[static_cast<std::int64_t>(r) * row + static_cast<std::int64_t>(c) * column];
      }
    }
  }
  const busy held(*o.of);
  const double rate = learning_rate_at(o.spec, o.moves.steps(), total_steps, steps_per_epoch);
  o.moves.step(o.of->parameters, o.gradient, rate, o.of->pool);
  return rate;
}

}  // namespace

void bind_training(nb::module_& m) {
  m.attr("dead_rate") = dead_rate;  // for losses in Python, whose loop judges by them
  m.attr("saturated_rate") = saturated_rate;
  m.def("fit", &fit_model, nb::arg("network"), nb::arg("experiment"), nb::arg("train"), nb::arg("validation"),
        nb::arg("keep_best"), nb::arg("on_batch").none(), nb::arg("on_epoch").none());
  m.def("evaluate", &evaluate_model, nb::arg("network"), nb::arg("experiment"), nb::arg("data"), nb::arg("batch"));
  m.def("forecast", &forecast, nb::arg("network"), nb::arg("experiment"), nb::arg("data"));
  m.def("gradient", &gradient_of, nb::arg("network"), nb::arg("experiment"), nb::arg("data"),
        nb::arg("samples").none());
  m.def("compare_gradients", &compare, nb::arg("network"), nb::arg("experiment"), nb::arg("data"),
        nb::arg("samples").none(), nb::arg("progress").none());
  nb::class_<optimiser_on_model>(m, "Optimiser")
      .def(nb::init<std::shared_ptr<model>, const experiment&>())
      .def("step", &step, nb::arg("gradient"), nb::arg("total_steps"), nb::arg("steps_per_epoch"));
}

}  // namespace backspike::python
