// Writes a report with made-up content for the browser test: make_report full|hostile|empty|sweep FILE.

#include <backspike/report/report.hpp>

#include <backspike/core/file.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>

namespace {

using namespace backspike;

constexpr std::uint32_t classes = 10, steps = 100;

std::mt19937 bits(1);

double uniform() { return static_cast<double>(bits()) / 4294967296.0; }

std::vector<layer_health> make_layers(std::uint32_t epoch) {
  std::vector<layer_health> layers{{"hidden1", true, 0.05, 0.4 / epoch, 0.02, 0.2, {}, 2.5},
                                   {"hidden2", true, 0.04, 0.2 / epoch, 0.05, 0.3, {}, 2.5},
                                   {"readout", false, 0, 0, 0, 0, {}, 2.5}};
  for (auto& layer : layers) {
    for (std::size_t bin = 0; bin < error_bins; ++bin) {
      layer.error.push_back(1e-2 * std::exp(-0.1 * static_cast<double>(bin) / epoch));
    }
  }
  return layers;
}

std::vector<epoch_record> make_epochs() {
  std::vector<epoch_record> epochs;
  for (std::uint32_t e = 1; e <= 20; ++e) {
    const double progress = 1 - std::exp(-0.25 * e), noise = 0.02 * uniform();
    epochs.push_back({e,
                      1.9 - 1.7 * progress,
                      0.3 + 0.65 * progress,
                      1.95 - 1.55 * progress + noise,
                      0.3 + 0.58 * progress - noise,
                      900 - 20.0 * e,
                      0.001 * std::cos(0.075 * e),
                      1.5 + uniform(),
                      12.5 + uniform(),
                      make_layers(e),
                      {{"hidden1.weight", 0.01 / e}, {"readout.weight", 0.02 / e}},
                      NAN,
                      {{"hidden1.delay_width", std::max(0.5, 12 * std::exp(-0.3 * (e - 1)))},
                       {"hidden2.delay_width", std::max(0.5, 6 * std::exp(-0.2 * (e - 1)))}}});
  }
  return epochs;
}

std::vector<std::vector<std::uint32_t>> make_confusion() {
  std::vector<std::vector<std::uint32_t>> counts(classes, std::vector<std::uint32_t>(classes));
  for (std::uint32_t t = 0; t < classes; ++t) {
    for (std::uint32_t sample = 0; sample < 1000; ++sample) {
      const bool mistaken = uniform() < 0.03 * t;
      ++counts[t][mistaken ? (t + 1 + bits() % 3) % classes : t];
    }
  }
  return counts;
}

/// Neurons 0, 7, 14, ... are dead; 1 and 2 are saturated.
layer_activity make_activity(const std::string& name, std::size_t neurons) {
  layer_activity layer{name, {}};
  for (std::size_t i = 0; i < neurons; ++i) {
    layer.rates.push_back(i % 7 == 0 ? 0.0 : i < 3 ? 0.95 : 0.3 * uniform() * uniform());
  }
  return layer;
}

weight_histogram make_weights(const std::string& name) {
  weight_histogram h{name, {}, {}, {}};
  for (int i = 0; i <= 60; ++i) {
    h.edges.push_back(-0.6 + 0.02 * i);
  }
  for (int i = 0; i < 60; ++i) {
    const double x = h.edges[i] + 0.01;
    h.before.push_back(static_cast<std::uint64_t>(std::abs(x) < 0.2 ? 900 : 0));
    h.after.push_back(static_cast<std::uint64_t>(900 * std::exp(-30 * (x - 0.05) * (x - 0.05))));
  }
  return h;
}

/// Delays from 0 to 25 steps, spread evenly before, and after it in two heaps.
delay_change make_delays(const std::string& name) {
  delay_change c;
  c.delays.name = name;
  for (int d = 0; d <= 26; ++d) {
    c.delays.edges.push_back(d - 0.5);
  }
  for (int d = 0; d <= 25; ++d) {
    c.delays.before.push_back(40);
    c.delays.after.push_back(static_cast<std::uint64_t>(110 * std::exp(-0.08 * (d - 6) * (d - 6)) +
                                                        50 * std::exp(-0.05 * (d - 18) * (d - 18))));
  }
  for (int k = 0; k <= 19; ++k) {
    c.moved_edges.push_back(k - 9.5);
  }
  for (int k = 0; k < 19; ++k) {
    c.moved.push_back(static_cast<std::uint64_t>(200 * std::exp(-0.1 * (k - 9) * (k - 9))));
  }
  c.mean_distance = 2.2;
  c.largest_distance = 9.1;
  c.share_moved = 0.71;
  return c;
}

raster make_raster(const std::string& name, std::uint32_t neurons, double rate) {
  raster r{name, neurons, {}, {}};
  for (std::uint32_t s = 0; s < steps; ++s) {
    for (std::uint32_t n = 0; n < neurons; ++n) {
      if (uniform() < rate * (1 + std::sin(0.02 * n + 0.1 * s))) {
        r.steps.push_back(s);
        r.channels.push_back(n);
      }
    }
  }
  return r;
}

sample_recording make_sample(std::uint32_t index, std::int32_t label, std::int32_t predicted) {
  sample_recording sample{index, label, predicted, steps, 0.5, {}, {}, {}};
  sample.rasters = {make_raster("input", 784, 0.05), make_raster("hidden1", 128, 0.02),
                    make_raster("hidden2", 32, 0.03)};
  for (std::uint32_t k = 0; k < classes; ++k) {
    sample.readout.emplace_back();
    const double goal = k == static_cast<std::uint32_t>(predicted) ? 2.0
                        : k == static_cast<std::uint32_t>(label)   ? 1.4
                                                                   : 0.6 * uniform() - 0.5;
    for (std::uint32_t s = 0; s < steps; ++s) {
      sample.readout.back().push_back(static_cast<float>(goal * (1 - std::exp(-0.04 * s)) + 0.1 * uniform()));
    }
  }
  return sample;
}

/// Spikes in a wave to write, of which more and more are where they belong.
raster_history make_history() {
  raster_history history{steps, 0.5, {"target", 20, {}, {}}, {}};
  for (std::uint32_t n = 0; n < 20; ++n) {
    history.target.steps.push_back(50 + static_cast<std::uint32_t>(40 * std::sin(0.3 * n)));
    history.target.channels.push_back(n);
  }
  for (const std::uint32_t epoch : {0U, 1U, 2U, 4U, 8U}) {
    auto spikes = history.target;
    for (auto& step : spikes.steps) {
      step = uniform() < epoch / 8.0 ? step : static_cast<std::uint32_t>(bits() % steps);
    }
    history.frames.push_back({epoch == 0 ? "before training" : "epoch " + std::to_string(epoch), spikes, epoch / 8.0,
                              1.0 - epoch / 8.0, epoch == 0 ? std::nan("") : 2.0 / epoch});
  }
  return history;
}

/// With a connection that skips a layer and one that leads back.
graph_picture make_graph() {
  network_spec spec;
  spec.inputs = 784;
  spec.layers.resize(3);
  for (auto& layer : spec.layers) {
    layer.size = classes;
  }
  spec.layers[0].recurrent = true;
  spec.layers[2].from = {{"hidden2", "input"}};
  spec.connections.resize(1);
  spec.connections[0].from = "hidden2";
  spec.connections[0].to = "hidden1";
  spec.connections[0].base_delay = 3;
  spec.connections[0].sign = weight_sign::inhibitory;
  return picture_of(network(spec));
}

/// Stripes of either sign.
kernel_pictures make_kernels(const std::string& name) {
  kernel_pictures k{name, 12, 2, 5, 5, {}};
  for (std::uint32_t i = 0; i < 12 * 2 * 5 * 5; ++i) {
    k.weights.push_back(static_cast<float>(std::sin(0.1 * (i / 50 + 1) * (i % 25))));
  }
  return k;
}

report_data full() {
  report_data data;
  data.title = "A made-up run for the browser test";
  data.facts = {{"test accuracy", "86.42 %"},
                {"training time", "258.7 s"},
                {"threads", "8"},
                {"parameters", "118282, of which 118282 learnable"},
                {"seed", "1"},
                {"version", "backspike 0.1.0"}};
  data.experiment =
      "name = \"made-up\"\n\n[train]\nepochs = 20\nbatch = 256\n\n[[layer]]\nneurons = 128\ncell = \"lif\"\n";
  data.class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                      "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  data.epochs = make_epochs();
  data.confusion = make_confusion();
  data.activity = {make_activity("hidden1", 512), make_activity("hidden2", 32)};
  data.weights = {make_weights("input_hidden1.weight"), make_weights("hidden1_hidden2.weight"),
                  make_weights("hidden2_readout.weight")};
  data.delays = {make_delays("hidden1.delay"), make_delays("hidden2.delay")};
  data.history = make_history();
  data.graph = make_graph();
  data.samples = {make_sample(0, 9, 9), make_sample(17, 6, 0), make_sample(23, 1, 1)};
  data.grids = {{"input", 2, 28, 14}, {"hidden1", 8, 4, 4}};
  data.kernels = {make_kernels("input_hidden1.weight")};
  data.energy = {{"effective ACs", "181,881 (2.80 % of dense)", "additions a sample"},
                 {"footprint", "1,630,272 bytes", "parameters and states"}};
  return data;
}

/// Names that try to leave their place, values that are not numbers, and lists of length one.
report_data hostile() {
  const std::string attack =
      "</script><script>document.documentElement.dataset.attacked = 'yes'</script><!-- {{data}} %{x} \xE2\x80\xA8 \xFF";
  auto data = full();
  data.title = data.experiment = attack;
  data.facts = {{attack, attack}};
  data.class_names = {attack, "<b>bold</b>", "<a href=\"https://example.org\">link</a>"};
  data.epochs.resize(1);
  data.epochs[0].validation_loss = data.epochs[0].validation_accuracy = std::nan("");
  data.epochs[0].gradient_norm = INFINITY;
  data.epochs[0].layers[0].name = data.epochs[0].updates[0].parameter = attack;
  data.epochs[0].layers[1].error = {};
  data.delays.resize(1);
  data.delays[0].delays.name = data.epochs[0].delay_widths[0].parameter = attack;
  data.energy = {{attack, attack, attack}};
  data.history.frames.resize(1);
  data.history.frames[0].when = data.history.frames[0].spikes.name = attack;
  for (auto& population : data.graph.populations) {
    population.name = population.note = attack;
  }
  data.graph.connections[0].text = data.graph.connections[0].details = attack;
  data.activity.resize(1);
  data.activity[0].name = data.weights[0].name = data.samples[0].rasters[0].name = attack;
  data.weights.resize(1);
  data.samples.resize(1);
  data.samples[0].rasters.erase(data.samples[0].rasters.begin());
  data.samples[0].rasters.resize(1);
  data.samples[0].readout.clear();
  data.samples[0].rasters[0].name = attack;
  data.grids = {{attack, 1, 16, 8}};
  data.kernels = {make_kernels(attack)};
  return data;
}

/// Two settings, two seeds, one failure; names that try to leave their place.
sweep_page sweep() {
  const std::string attack =
      "</script><script>document.documentElement.dataset.attacked = 'yes'</script><!-- {{data}} %{x}";
  sweep_page page;
  page.title = attack;
  page.axes = 2;
  page.seeds = 2;
  page.members = 18;
  page.finished = 17;
  page.rows = {{"objective.rate_penalty", "train.batch", "seeds", "accuracy [%]"}};
  page.failures = {attack};
  page.reading = "Of the points ... " + attack;
  std::string points;
  for (int i = 0; i < 9; ++i) {
    const double spikes = 200 / (1 + i * i), accuracy = 0.9 - 0.002 * i * i;
    const std::string value = std::to_string(i / 3), batch = std::to_string(16 << (i % 3));
    page.rows.push_back({value, batch, "2", std::to_string(100 * accuracy)});
    const auto figure = [](double mean, const std::string& deviation) {
      return "{\"mean\":" + std::to_string(mean) + ",\"deviation\":" + deviation + "}";
    };
    points += std::string(i == 0 ? "" : ",") + R"({"values":[")" + value + R"(",")" + batch +
              R"("],"finished":2,"figures":{"accuracy":)" + figure(accuracy, "0.004") + R"(,"loss":)" +
              figure(1 - accuracy, "null") + R"(,"spikes_per_sample":)" + figure(spikes, "4.5") +
              R"(,"synaptic_operations":)" + figure(180000 + 10 * spikes, "null") + "}}";
  }
  page.json = R"({"axes":[{"key":"objective.rate_penalty","values":["0","1","2"]},)"
              R"({"key":"train.batch","values":["16","32","64"]}],"points":[)" +
              points + "]}";
  return page;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 3 ? argv[1] : "";
  if (kind != "full" && kind != "hostile" && kind != "empty" && kind != "sweep") {
    std::cerr << "usage: make_report full|hostile|empty|sweep FILE\n";
    return 2;
  }
  if (kind == "sweep") {
    write_text_file(argv[2], render_sweep(sweep()));
    return 0;
  }
  write_text_file(argv[2], render_report(kind == "full" ? full() : kind == "hostile" ? hostile() : report_data{}));
}
