// Experiments and networks.

#include "binding.hpp"

#include <backspike/connection/fold_batch_norm.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/fit.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/report/graph_picture.hpp>

#include <algorithm>

namespace backspike::python {
namespace {

using model_ptr = std::shared_ptr<model>;

/// outputs: values of each.
model_ptr build(const experiment& e, std::uint32_t inputs, double dt, const std::vector<std::size_t>& outputs,
                std::size_t threads) {
  return std::make_shared<model>(network_for(e, inputs, dt, outputs), threads);
}

/// Random spikes, where no data say how active the input is.
dataset noise(const network& net, double rate, std::uint64_t seed) {
  constexpr std::size_t samples = 16, steps = 100;
  dataset data;
  data.channels = net.spec().inputs;
  data.dt = net.spec().dt;
  random_stream random(seed, random_purpose::test, 0);
  for (std::size_t s = 0; s < samples; ++s) {
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::uint32_t c = 0; c < data.channels; ++c) {
        if (random.uniform() < rate) {
          data.inputs.spikes.channels.push_back(c);
        }
      }
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
    data.labels.push_back(0);
  }
  data.class_names.resize(net.outputs());
  return data;
}

void initialise_for(model& m, const dataset& data, std::uint64_t seed) {
  const busy held(m);
  initialise(m.net, m.parameters, seed, data, m.pool);
}

nb::typed<nb::list, facts> parameter_infos(const model& m) {
  nb::list infos;
  for (const parameter_info& p : m.net.parameters().entries()) {
    nb::dict d;
    d["name"] = p.name;
    d["shape"] = nb::tuple(nb::cast(p.extents.extents));
    d["unit"] = p.unit;
    d["low"] = p.low;
    d["high"] = p.high;
    d["learnable"] = p.learnable;
    infos.append(d);
  }
  return infos;
}

nb::typed<nb::list, facts> layer_infos(const model& m) {
  nb::list layers;
  for (const population& p : m.net.populations()) {
    nb::dict d;
    d["name"] = p.spec.name;
    d["cell"] = std::string(p.cell->name);
    d["size"] = p.units;
    d["shape"] = p.spec.shape;
    d["spiking"] = p.cell->spiking;
    d["recurrent"] = p.spec.recurrent;
    d["reset"] = std::string(name_of(p.spec.reset));
    d["surrogate"] = std::string(name_of(p.spec.surrogate.kind));
    d["refractory"] = p.refractory * m.net.spec().dt;  // [ms], whole steps
    std::vector<std::string> states(p.cell->states.begin(), p.cell->states.end());
    d["states"] = states;
    layers.append(d);
  }
  return layers;
}

nb::typed<nb::list, facts> connection_infos(const model& m) {
  nb::list connections;
  for (const connection& c : m.net.connections()) {
    nb::dict d;
    d["name"] = c.name;
    d["source"] = source_name(m.net, c);
    d["target"] = m.net.populations()[c.target].spec.name;
    d["kind"] = std::string(c.info->name);
    d["base_delay"] = c.base_delay;
    d["sign"] = std::string(name_of(c.sign));
    const auto receptors = m.net.populations()[c.target].cell->receptors;
    d["receptor"] = receptors.empty() ? std::string() : std::string(receptors[c.receptor].name);
    d["text"] = connection_text(m.net, c);
    connections.append(d);
  }
  return connections;
}

nb::typed<nb::list, facts> output_infos(const model& m) {
  nb::list outputs;
  const auto& given = m.net.spec().outputs;
  for (std::size_t k = 0; k < m.net.output_list().size(); ++k) {
    const network_output& o = m.net.output(k);
    nb::dict d;
    d["name"] = o.name;
    d["layer"] = m.net.populations()[o.population].spec.name;
    d["first"] = o.first;
    d["size"] = o.units;
    d["target"] = k < given.size() ? given[k].target : std::string();
    d["classes_from"] = k < given.size() ? given[k].classes_from : std::vector<std::uint32_t>();
    d["class_names"] = k < given.size() ? given[k].class_names : std::vector<std::string>();
    d["read"] = std::string(name_of(o.membrane ? output_read::membrane : output_read::output));
    outputs.append(d);
  }
  return outputs;
}

/// Source, target and number in the weight parameter of every synapse of a connection.
nb::typed<nb::tuple, array_out<std::uint32_t>, array_out<std::uint32_t>, array_out<std::uint64_t>> synapses(
    const model& m, std::size_t number) {
  const connection& c = m.net.connections()[number];
  const std::size_t columns = m.net.parameters()[c.weight].cols;
  std::vector<std::uint32_t> sources, targets;
  std::vector<std::uint64_t> weights;
  each_synapse(c, [&](std::uint32_t source, const synapse& s) {
    sources.push_back(source);
    targets.push_back(s.target);
    weights.push_back(std::uint64_t{s.row} * columns + s.column);
  });
  const std::size_t count = sources.size();
  return nb::make_tuple(array_of(std::move(sources), {count}), array_of(std::move(targets), {count}),
                        array_of(std::move(weights), {count}));
}

/// All parameters, in the order of the layout, or none of them; their shapes are the network's.
void load_parameters(model& m, const std::vector<array_in<float, 1>>& values) {
  arena<float> loaded(m.net.parameters());
  if (values.size() != m.net.parameters().size()) {
    throw shape_error("load_state_dict", "state", std::to_string(values.size()) + " arrays",
                      std::to_string(m.net.parameters().size()) + ", one for each parameter");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const parameter_info& p = m.net.parameters()[i];
    if (values[i].size() != p.size()) {
      throw shape_error("load_state_dict", p.name, std::to_string(values[i].size()) + " numbers",
                        std::to_string(p.size()));
    }
    for (std::size_t r = 0; r < p.rows; ++r) {
      std::copy_n(values[i].data() + r * p.cols, p.cols, loaded.view(i).row(r));
    }
  }
  require_in_range(loaded);
  const busy held(m);
  std::ranges::copy(loaded.values(), m.parameters.values().begin());
}

void clamp(model& m) {
  const busy held(m);
  clamp_to_ranges(m.parameters);
}

nb::typed<nb::tuple, experiment, model, nb::typed<nb::list, nb::str>> load(const std::string& path,
                                                                           std::size_t threads) {
  trained_network trained;
  {
    const without_interpreter released;
    trained = load_trained(path);
  }
  auto m = std::make_shared<model>(trained.net->spec(), threads);
  std::ranges::copy(trained.parameters->values(), m->parameters.values().begin());
  return nb::make_tuple(trained.settings, m, trained.class_names);
}

using numbers = array_in<double, 1>;

std::span<const double> span_of(const numbers& x) { return {x.data(), x.size()}; }

/// A trained batch normalisation. weight [rows, channels] and bias [channels] are changed in place; gamma and beta may
/// be empty.
void fold(const nb::ndarray<double, nb::ndim<2>, nb::c_contig, nb::device::cpu>& weight,
          const nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>& bias, const numbers& mean,
          const numbers& var, const numbers& gamma, const numbers& beta, double eps) {
  const batch_norm norm{span_of(mean), span_of(var), span_of(gamma), span_of(beta), eps};
  const std::size_t channels = weight.shape(1);
  fold_batch_norm(norm, matrix_view<double>{weight.data(), weight.shape(0), channels, channels},
                  std::span(bias.data(), bias.size()));
}

}  // namespace

void bind_model(nb::module_& m) {
  m.def("fold_batch_norm", &fold, nb::arg("weight"), nb::arg("bias"), nb::arg("mean"), nb::arg("var"), nb::arg("gamma"),
        nb::arg("beta"), nb::arg("eps"));
  m.def("default_layer_name", &default_layer_name, nb::arg("index"), nb::arg("count"));
  nb::class_<experiment>(m, "Experiment")
      .def_static("parse", &parse_experiment, nb::arg("text"), nb::arg("origin"), nb::arg("overrides"))
      .def_static("load", &load_experiment, nb::arg("path"), nb::arg("overrides"))
      .def("toml", &to_toml)
      .def("with_default_optimiser",
           [](experiment e) {
             e.optimiser = {};
             return e;
           })
      .def("with_class_weights", &settle_class_weights, nb::arg("training"))
      .def(
          "with_targets",
          [](const experiment& e, const dataset& data) {
            auto all = std::make_shared<dataset>(data);
            add_targets(e.network, *all);
            return all;
          },
          nb::arg("data"))
      .def(
          "values_of_outputs",
          [](const experiment& e, const dataset& data) { return values_of_outputs(e.network, data); }, nb::arg("data"))
      .def_prop_ro("output_names",
                   [](const experiment& e) {
                     std::vector<std::string> names;
                     for (const network_output_spec& o : e.network.outputs) {
                       names.push_back(o.name);
                     }
                     return names;
                   })
      .def_ro("name", &experiment::name)
      .def_ro("seed", &experiment::seed)
      .def_prop_ro("source", [](const experiment& e) { return std::string(name_of(e.data.source)); })
      .def_prop_ro("layers", [](const experiment& e) { return e.network.layers.size(); })
      .def_prop_ro("epochs", [](const experiment& e) { return e.train.epochs; })
      .def_prop_ro("batch", [](const experiment& e) { return e.train.batch; });
  nb::class_<model>(m, "Network")
      .def_static("build", &build, nb::arg("experiment"), nb::arg("inputs"), nb::arg("dt"), nb::arg("outputs"),
                  nb::arg("threads"))
      .def_static("load", &load, nb::arg("path"), nb::arg("threads"))
      .def_prop_ro("inputs", [](const model& x) { return x.net.spec().inputs; })
      .def_prop_ro("outputs", [](const model& x) { return x.net.outputs(); })
      .def_prop_ro("output_infos", &output_infos)
      .def_prop_ro("dt", [](const model& x) { return x.net.spec().dt; })
      .def_prop_ro("draws", [](const model& x) { return x.net.draws(); })
      .def_prop_ro("threads", [](const model& x) { return x.pool.threads(); })
      .def_prop_ro("learnable_count", [](const model& x) { return x.net.parameters().learnable_count(); })
      .def_prop_ro("parameter_infos", &parameter_infos)
      .def_prop_ro("layer_infos", &layer_infos)
      .def_prop_ro("connection_infos", &connection_infos)
      .def("synapses", &synapses, nb::arg("number"))
      .def("graph_svg", [](const model& x) { return svg_of(picture_of(x.net)); })
      .def_prop_ro("parameters", [](nb::handle h) { return views_of(nb::cast<model&>(h).parameters, h); })
      .def("initialise", &initialise_for, nb::arg("data"), nb::arg("seed"))
      .def("initialise_blind",
           [](model& x, double rate, std::uint64_t seed) { initialise_for(x, noise(x.net, rate, seed), seed); })
      .def(
          "initialise_weights",
          [](model& x, const dataset& data, std::uint64_t seed) {
            const busy held(x);
            initialise_weights(x.net, x.parameters, seed, data, x.pool);
          },
          nb::arg("data"), nb::arg("seed"))
      .def("check_input", [](const model& x, const std::string& operation,
                             const dataset& data) { check_input(operation.c_str(), x.net, data, {}); })
      .def("check_ranges", [](const model& x) { require_in_range(x.parameters); })
      .def("load_parameters", &load_parameters, nb::arg("values"))
      .def("clamp", &clamp)
      .def("save", [](model& x, const experiment& e, const std::string& path, const std::vector<std::string>& names) {
        const busy held(x);
        save_network(path, e, x.net, x.parameters, names);
      });
}

}  // namespace backspike::python
