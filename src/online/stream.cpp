#include <backspike/online/stream.hpp>

#include "gradient/eprop_pass.hpp"

#include <backspike/core/error.hpp>
#include <backspike/network/delays.hpp>

#include <numeric>
#include <string>

namespace backspike {
namespace {

const network& checked(const network& net) {
  refuse_delays(net, "stream", "0: a stream keeps no spikes of the past");
  return net;
}

}  // namespace

struct stream::implementation {
  const network& net;
  arena<float> parameters;
  eprop_model<float> model;
  eprop_pass<float> pass;

  implementation(const network& n, const arena<float>& p)
      : net(checked(n)), parameters(p), model(n, {}, parameters, spike_mode::hard), pass(model, false) {
    model.refresh_cells();
  }

  void check(const event_row& row) const;
  void check(std::span<const float> values) const;

  template <class Input>
  std::span<const float> run(const Input& input) {
    check(input);
    pass.set_input(input);
    pass.forward();
    return {pass.readout(), net.outputs()};
  }
};

void stream::implementation::check(const event_row& row) const {
  if (!row.values.empty() && row.values.size() != row.channels.size()) {
    throw shape_error("stream", "values of the input", "[" + std::to_string(row.values.size()) + "]",
                      "[" + std::to_string(row.channels.size()) + " channels]");
  }
  for (const std::uint32_t c : row.channels) {
    if (c >= net.spec().inputs) {
      throw value_error("stream", "input channel", std::to_string(c),
                        "0 to " + std::to_string(net.spec().inputs) + " exclusive");
    }
  }
}

void stream::implementation::check(std::span<const float> values) const {
  if (values.size() != net.spec().inputs) {
    throw shape_error("stream", "input", "[" + std::to_string(values.size()) + "]",
                      "[" + std::to_string(net.spec().inputs) + " channels]");
  }
}

stream::stream(const network& net, const arena<float>& parameters)
    : implementation_(std::make_unique<implementation>(net, parameters)) {}

stream::~stream() = default;

std::span<const float> stream::step(const event_row& input) { return implementation_->run(input); }

std::span<const float> stream::step(std::span<const float> input) { return implementation_->run(input); }

void stream::reset_state() { implementation_->pass.start(); }

std::size_t stream::inputs() const { return implementation_->net.spec().inputs; }

std::uint64_t stream::steps() const { return implementation_->pass.steps; }

namespace {

void require_fit(const stream& network, const series_continuation& series) {
  const std::size_t shown = network.inputs();
  if (series.known.size() < shown) {
    throw value_error("roll_out", "known points", std::to_string(series.known.size()),
                      "at least " + std::to_string(shown) + ", one for each input channel");
  }
  if (series.linear.size() != shown + 1) {
    throw shape_error("roll_out", "linear", "[" + std::to_string(series.linear.size()) + "]",
                      "[" + std::to_string(shown + 1) + "], one for each input channel and a constant");
  }
  if (series.steps == 0) {
    throw value_error("roll_out", "steps", "0", "at least 1 step for each point");
  }
}

/// The output after some steps from rest with this input.
double answer(stream& network, std::span<const float> input, std::uint32_t steps) {
  network.reset_state();
  double output = 0.0;
  for (std::uint32_t t = 0; t < steps; ++t) {
    const auto y = network.step(input);
    if (y.size() != 1) {
      throw value_error("roll_out", "outputs", std::to_string(y.size()), "1: the series has one value");
    }
    output = static_cast<double>(y[0]);
  }
  return output;
}

}  // namespace

std::vector<double> roll_out(stream& network, const series_continuation& series, std::size_t points) {
  require_fit(network, series);
  const std::size_t shown = network.inputs();
  std::vector<double> inputs;  // all points, standardised
  for (std::size_t c = series.known.size() - shown; c < series.known.size(); ++c) {
    inputs.push_back((series.known[c] - series.centre) / series.scale);
  }
  std::vector<double> predicted;
  for (std::size_t k = 0; k < points; ++k) {
    const auto last = std::span<const double>(inputs).last(shown);
    const std::vector<float> input(last.begin(), last.end());
    const double linear = std::inner_product(last.begin(), last.end(), series.linear.begin(), series.linear.back());
    inputs.push_back(linear + series.correction * answer(network, input, series.steps));
    predicted.push_back(series.centre + series.scale * inputs.back());
  }
  return predicted;
}

}  // namespace backspike
