// Where the readout of a regression starts: at about the loss of who predicts the mean, whatever the scale of the
// targets, without a word from the number of threads; and a classification starts as ever.

#include <backspike/core/random.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>

namespace backspike::testing {
namespace {

constexpr std::uint32_t channels = 20, outputs = 2;
constexpr std::size_t steps = 100;

/// Random spikes, and targets around two means with two deviations.
dataset regression_data(double size, bool weighted = false) {
  random_stream random(3, random_purpose::test, 0);
  dataset data;
  data.channels = channels;
  data.target_width = outputs;
  for (std::size_t s = 0; s < 24; ++s) {
    const double phase = 6.0 * random.uniform();
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        if (random.uniform() < 0.1) {
          data.inputs.spikes.channels.push_back(c);
        }
      }
      data.inputs.spikes.end_row();
      const bool counts = !weighted || t >= steps / 2;
      const double wave = std::sin(0.3 * static_cast<double>(t) + phase);
      data.step_targets.push_back(static_cast<float>(counts ? size * (50.0 + 20.0 * wave) : 1e6));
      data.step_targets.push_back(static_cast<float>(counts ? size * (-3.0 + wave) : 1e6));
      if (weighted) {
        data.step_weights.push_back(counts ? 1.0f : 0.0f);
      }
    }
    data.inputs.end_sample();
  }
  return data;
}

network_spec spec_of(const std::function<void(layer_spec& hidden, layer_spec& readout)>& change = {}) {
  layer_spec hidden, readout;
  hidden.size = 50;
  readout.cell = "leaky_integrator";
  readout.size = outputs;
  readout.bias = true;
  readout.parameters["tau_m"] = {3.0, false};
  if (change) {
    change(hidden, readout);
  }
  network_spec spec;
  spec.inputs = channels;
  spec.layers = {hidden, readout};
  return spec;
}

struct started {
  network net;
  arena<float> parameters;
  double loss = 0.0;

  started(const network_spec& spec, const dataset& data, std::size_t threads = 2)
      : net(spec), parameters(net.parameters()) {
    thread_pool pool(threads);
    initialise(net, parameters, 7, data, pool);
    if (data.labels.empty()) {
      objective_spec objective;
      objective.loss = loss_kind::mean_squared;
      engine e(net, objective, pool);
      std::vector<std::uint32_t> all(data.size());
      std::iota(all.begin(), all.end(), 0u);
      loss = e.evaluate(parameters, {&data, all}).loss / static_cast<double>(data.size());
    }
  }
};

/// Of targets around their means: the loss of who predicts these.
double variance(const dataset& data) {
  double sum = 0.0;
  for (std::uint32_t k = 0; k < outputs; ++k) {
    double weight = 0.0, first = 0.0, second = 0.0;
    for (std::size_t row = 0; row < data.step_targets.size() / outputs; ++row) {
      const double w = data.step_weights.empty() ? 1.0 : static_cast<double>(data.step_weights[row]);
      const auto y = static_cast<double>(data.step_targets[row * outputs + k]);
      weight += w;
      first += w * y;
      second += w * y * y;
    }
    sum += second / weight - first / weight * first / weight;
  }
  return sum / outputs;
}

TEST(ReadoutStart, IsNearTheLossOfTheMeanAtEveryScale) {
  for (const double size : {1e-4, 1.0, 1e4}) {
    const dataset data = regression_data(size);
    const double bar = variance(data), loss = started(spec_of(), data).loss;
    EXPECT_GT(loss, 1.02 * bar) << "a share of the deviation is left, so that the layers before have an error";
    EXPECT_LT(loss, 1.6 * bar) << "the first steps, in which a leaky readout still rises, and 0.3 of the deviation";
  }
}

TEST(ReadoutStart, SamplesOfWeightZeroHaveNoPart) {
  dataset data = regression_data(1.0), other = data;
  for (std::size_t k = 0; k < steps * outputs; ++k) {
    other.step_targets[k] = 1e6f;  // of the first sample
  }
  const auto same = [&] {
    const started a(spec_of(), data), b(spec_of(), other);
    return std::memcmp(a.parameters.values().data(), b.parameters.values().data(),
                       a.parameters.values().size_bytes()) == 0;
  };
  EXPECT_FALSE(same());
  data.sample_weights.assign(data.size(), 2.0f);
  data.sample_weights[0] = 0.0f;
  other.sample_weights = data.sample_weights;
  EXPECT_TRUE(same());
}

TEST(ReadoutStart, HoldsForEveryKindOfNetwork) {
  const dataset data = regression_data(1.0);
  const double bar = variance(data);
  const std::vector<std::pair<std::string, std::function<void(layer_spec&, layer_spec&)>>> kinds{
      {"recurrent", [](layer_spec& hidden, layer_spec&) { hidden.recurrent = true; }},
      {"learned taus of each neuron",
       [](layer_spec&, layer_spec& readout) {
         auto& tau = readout.parameters["tau_m"];
         tau = {3.0, true, parameter_sharing::neuron, parameter_distribution::uniform, 1.0};
       }},
      {"another filter",
       [](layer_spec&, layer_spec& readout) {
         readout.cell = "double_exponential";
         readout.parameters = {{"tau_rise", {1.0, true}}, {"tau_decay", {4.0, true}}};
       }},
      {"delays", [](layer_spec&, layer_spec& readout) { readout.delay.max = 6; }},
  };
  for (const auto& [what, change] : kinds) {
    const double loss = started(spec_of(change), data).loss;
    EXPECT_LT(loss, 2.0 * bar) << what;
    EXPECT_GT(loss, bar) << what;
  }
}

TEST(ReadoutStart, WithoutABiasTheMeanComesFromTheRates) {
  const dataset data = regression_data(1.0);
  const auto without = [](layer_spec&, layer_spec& readout) { readout.bias = false; };
  const double loss = started(spec_of(without), data).loss;
  double silence = 0.0;
  for (const float y : data.step_targets) {
    silence += static_cast<double>(y) * static_cast<double>(y) / static_cast<double>(data.step_targets.size());
  }
  EXPECT_LT(loss, 0.5 * silence);
  EXPECT_LT(loss, 4.0 * variance(data)) << "rates fluctuate, a bias does not";
}

TEST(ReadoutStart, LooksAtStepsThatCountAlone) {
  const dataset data = regression_data(1.0, true);
  EXPECT_LT(started(spec_of(), data).loss, 1.5 * variance(data)) << "1e6 stands in the others";
}

TEST(ReadoutStart, FollowsInitSigma) {
  const dataset data = regression_data(1.0);
  const auto with = [](double sigma) {
    return [sigma](layer_spec&, layer_spec& readout) { readout.init_sigma = sigma; };
  };
  const double little = started(spec_of(with(0.1)), data).loss, much = started(spec_of(with(4.0)), data).loss;
  EXPECT_GT(much, 1.5 * little);
}

TEST(ReadoutStart, HasTheSameBitsAtAnyNumberOfThreads) {
  for (const bool bias : {true, false}) {
    const dataset data = regression_data(1.0);
    const auto change = [bias](layer_spec& hidden, layer_spec& readout) {
      hidden.recurrent = true;
      readout.bias = bias;
    };
    const started one(spec_of(change), data, 1), three(spec_of(change), data, 3);
    EXPECT_EQ(std::memcmp(one.parameters.values().data(), three.parameters.values().data(),
                          one.parameters.values().size_bytes()),
              0);
  }
}

/// Weights and biases into the last layer.
std::vector<float> readout_of(const started& x) {
  std::vector<float> all;
  for (const char* name : {"readout.weight", "readout.bias"}) {
    for (std::size_t i = 0; i < x.net.parameters().size(); ++i) {
      const auto view = x.parameters.view(i);
      for (std::size_t k = 0; x.net.parameters()[i].name == name && k < view.rows * view.cols; ++k) {
        all.push_back(view(k / view.cols, k % view.cols));
      }
    }
  }
  return all;
}

TEST(ReadoutStart, LeavesEverythingElseAsItWasDrawn) {
  const dataset values = regression_data(1.0);
  dataset classes = values;
  classes.step_targets.clear();
  classes.target_width = 0;
  classes.labels.assign(classes.size(), 0);
  classes.class_names = {"a", "b"};
  const auto drawn = [](layer_spec&, layer_spec& readout) { readout.init = weight_init::fluctuation; };
  EXPECT_EQ(readout_of(started(spec_of(), classes)), readout_of(started(spec_of(drawn), classes)))
      << "a classification";
  EXPECT_EQ(readout_of(started(spec_of(drawn), values)), readout_of(started(spec_of(drawn), classes)))
      << "what asks for the drawn weights";
  EXPECT_NE(readout_of(started(spec_of(), values)), readout_of(started(spec_of(drawn), values)));
  dataset both = values;  // labels, and values beside them
  both.labels.assign(both.size(), 0);
  both.class_names = {"a", "b"};
  EXPECT_EQ(readout_of(started(spec_of(), both)), readout_of(started(spec_of(), classes)));
  const auto spikes = [](layer_spec&, layer_spec& readout) {
    readout.cell = "lif";
    readout.parameters.clear();
  };
  dataset trains = values;
  for (float& y : trains.step_targets) {
    y = y > 50.0f ? 1.0f : 0.0f;
  }
  EXPECT_EQ(readout_of(started(spec_of(spikes), trains)), readout_of(started(spec_of(spikes), classes)))
      << "a layer that spikes";
}

TEST(ReadoutStart, OfTargetsThatAreNothingIsTheDrawnOne) {
  dataset data = regression_data(1.0);
  std::ranges::fill(data.step_targets, 0.0f);
  const std::vector<float> weights = readout_of(started(spec_of(), data));
  for (const float w : weights) {
    EXPECT_TRUE(std::isfinite(w));
  }
  const auto drawn = [](layer_spec&, layer_spec& readout) { readout.init = weight_init::fluctuation; };
  EXPECT_EQ(weights, readout_of(started(spec_of(drawn), data)));
}

}  // namespace
}  // namespace backspike::testing
