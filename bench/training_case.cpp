// Reads bench/cases.json, and draws network, data and parameters of a case.

#include "training_case.hpp"

#include <backspike/core/enum_names.hpp>
#include <backspike/core/random.hpp>
#include <backspike/network/delays.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace backspike::bench {
namespace {

constexpr double surrogate_width = 0.5, expected_rate = 0.03;  // of the threshold; spikes a neuron-step

training_case case_of(const nlohmann::json& j) {
  training_case c;
  c.name = j.at("name");
  j.at("sizes").get_to(c.sizes);
  c.stack = j.value("stack", c.stack);
  c.grid = j.value("grid", c.grid);
  c.batch = j.at("batch");
  c.steps = j.at("steps");
  c.density = j.at("density");
  c.cell = j.value("cell", c.cell);
  c.surrogate = j.value("surrogate", c.surrogate);
  c.recurrent = j.value("recurrent", false);
  c.once = j.value("once", false);
  c.every = j.value("every", 0u);
  c.delay = j.value("delay", 0u);
  c.width = j.value("width", c.width);
  c.arithmetic = j.value("arithmetic", c.arithmetic);
  c.threads = j.value("threads", c.threads);
  c.online = j.value("online", false);
  c.learns = j.value("learns", false);
  c.memory = j.value("memory", false);
  c.by_default = j.value("by_default", true);
  return c;
}

/// Places of a row that are 1, by the gaps between them: as many numbers as there are spikes.
void add_sparse_row(events& rows, std::uint32_t channels, double density, random_stream& random) {
  const double scale = 1.0 / std::log1p(-density);
  for (double c = std::floor(std::log(random.uniform()) * scale); c < channels;
       c += 1.0 + std::floor(std::log(random.uniform()) * scale)) {
    rows.channels.push_back(static_cast<std::uint32_t>(c));
  }
  rows.end_row();
}

void add_noise_row(events& rows, std::uint32_t channels, random_stream& random) {
  for (std::uint32_t c = 0; c < channels; ++c) {
    rows.channels.push_back(c);
    rows.values.push_back(static_cast<float>(random.normal()));
  }
  rows.end_row();
}

void add_single_spikes(events& rows, const training_case& c, random_stream& random) {
  std::vector<std::vector<std::uint32_t>> channels(c.steps);
  for (std::uint32_t k = 0; k < c.sizes.front(); ++k) {
    if (random.uniform() < c.density) {
      channels[random.below(c.steps)].push_back(k);
    }
  }
  for (const auto& row : channels) {
    rows.channels.insert(rows.channels.end(), row.begin(), row.end());
    rows.end_row();
  }
}

void add_sample(dataset& data, const training_case& c, std::uint32_t sample) {
  random_stream random(1, random_purpose::encoder, sample);
  events& rows = data.inputs.spikes;
  if (c.once) {
    add_single_spikes(rows, c, random);
  } else {
    for (std::uint32_t t = 0; t < c.steps; ++t) {
      c.density > 0.0 ? add_sparse_row(rows, c.sizes.front(), c.density, random)
                      : add_noise_row(rows, c.sizes.front(), random);
    }
  }
  data.inputs.end_sample();
  data.labels.push_back(static_cast<std::int32_t>(random.below(c.sizes.back())));
}

surrogate_kind surrogate_of(const std::string& name) {
  if (name == "fast_sigmoid") {
    return surrogate_kind::fast_sigmoid;
  }
  if (name == "triangle") {
    return surrogate_kind::triangle;
  }
  throw std::runtime_error("cases.json: surrogate \"" + name + "\"; accepted: fast_sigmoid, triangle");
}

/// The standard deviation of the weights from a source of this rate.
double deviation(const training_case& c, const connection& from) {
  const patch_plan& p = from.synapses.patches;
  const auto n = static_cast<double>(
      from.info->has_patches ? std::size_t{p.y.kernel} * p.x.kernel * p.channels_in / p.groups : from.source_units);
  if (from.base_delay > 0) {
    return 0.2 / std::sqrt(n);
  }
  const double input = c.once ? c.density / c.steps : c.density > 0.0 ? c.density : 1.0;
  const double gain = c.cell == "cuba_lif" ? 1.12 : 1.0;  // its synapse smooths the input
  return gain / std::sqrt(10.0 * (from.source == network_input ? input : expected_rate) * n);
}

}  // namespace

double training_case::neuron_steps() const {
  const network net(network_of(*this));
  std::size_t hidden = 0;
  for (std::size_t q = 0; q < net.output(0).population; ++q) {
    hidden += net.populations()[q].units;
  }
  return static_cast<double>(batch) * static_cast<double>(steps) * static_cast<double>(hidden);
}

std::vector<training_case> read_cases() {
  std::ifstream file(BACKSPIKE_BENCH_CASES);
  if (!file) {
    throw std::runtime_error("cannot read " BACKSPIKE_BENCH_CASES);
  }
  std::vector<training_case> cases;
  nlohmann::json whole = nlohmann::json::object();  // cases by name, with what they take from others
  for (const auto& entry : nlohmann::json::parse(file)) {
    nlohmann::json j =
        entry.contains("like") ? whole.at(entry.at("like").get<std::string>()) : nlohmann::json::object();
    j.update(entry);
    cases.push_back(case_of(j));
    whole[cases.back().name] = std::move(j);
  }
  return cases;
}

/// "16C5" or "P2": a convolution that leaves the grid as large as it is, or a pool.
layer_spec window_layer(const training_case& c, const std::string& word) {
  layer_spec layer;
  layer.cell = c.cell;
  layer.surrogate = {surrogate_of(c.surrogate), surrogate_width, 1.0};
  const std::size_t at = word.find('C');
  if (at == std::string::npos) {
    layer.kind = "sum_pool";
    layer.settings["kernel"] = std::stod(word.substr(1));
  } else {
    const double kernel = std::stod(word.substr(at + 1));
    layer.kind = "conv2d";
    layer.settings = {{"channels", std::stod(word)}, {"kernel", kernel}, {"padding", std::floor(kernel / 2.0)}};
  }
  return layer;
}

network_spec network_of(const training_case& c) {
  network_spec spec;
  spec.inputs = c.sizes.front();
  spec.input_shape = c.grid;
  std::istringstream stack(c.stack);
  for (std::string word; std::getline(stack, word, '-');) {
    spec.layers.push_back(window_layer(c, word));
  }
  for (std::size_t k = 1; k < c.sizes.size(); ++k) {
    layer_spec layer;
    layer.size = c.sizes[k];
    if (k + 1 == c.sizes.size()) {
      layer.cell = "leaky_integrator";
    } else {
      layer.cell = c.cell;
      layer.recurrent = c.recurrent;
      layer.surrogate = {surrogate_of(c.surrogate), surrogate_width, 1.0};
    }
    layer.delay.max = c.delay;
    layer.delay.width.from = c.width;
    layer.delay.width.schedule = width_schedule::constant;
    spec.layers.push_back(std::move(layer));
  }
  return spec;
}

dataset data_of(const training_case& c) {
  dataset data;
  data.name = c.name;
  data.channels = c.sizes.front();
  data.class_names.assign(c.sizes.back(), "class");
  for (std::uint32_t s = 0; s < c.batch; ++s) {
    add_sample(data, c, s);
  }
  data.inputs.spikes.channels.shrink_to_fit();
  data.inputs.spikes.values.shrink_to_fit();
  return data;
}

arena<float> parameters_of(const training_case& c, const network& net) {
  arena<float> values(net.parameters());
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      values.view(p.parameters[k])(0, 0) =
          static_cast<float>(p.spec.parameters.at(std::string(p.cell->parameters[k].name)).value);
    }
  }
  for (const connection& from : net.connections()) {
    random_stream random(2, random_purpose::weights, from.weight);
    const auto w = values.view(from.weight);
    const double sigma = deviation(c, from);
    if (from.info->fixed) {
      w(0, 0) = 0.6f;  // of a threshold, for what a pool gets from one spike
      continue;
    }
    for (std::size_t row = 0; row < w.rows; ++row) {
      for (std::size_t column = 0; column < w.cols; ++column) {
        w(row, column) = static_cast<float>(sigma * random.normal());
      }
    }
  }
  initialise_delays(net, values, 2);
  return values;
}

rule_spec rule_of(const training_case& c) {
  rule_spec rule;
  rule.arithmetic = parse_name<arithmetic_kind>(c.arithmetic).value();
  if (c.every > 0) {
    rule.kind = rule_kind::checkpointed_bptt;
    rule.memory = checkpoint_kind::fixed;
    rule.every = c.every;
  }
  return rule;
}

}  // namespace backspike::bench
