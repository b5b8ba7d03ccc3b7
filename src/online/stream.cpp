#include <backspike/online/stream.hpp>

#include "gradient/eprop_pass.hpp"

#include <backspike/core/error.hpp>
#include <backspike/network/delays.hpp>

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
    model.refresh(eprop_feedback(n, {}, parameters));
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

std::vector<double> roll_out(stream& network, const series_continuation& series, std::size_t points) {
  const std::size_t shown = network.inputs();
  if (series.known.size() < shown) {
    throw value_error("roll_out", "known points", std::to_string(series.known.size()),
                      "at least " + std::to_string(shown) + ", one for each input channel");
  }
  if (series.steps == 0) {
    throw value_error("roll_out", "steps", "0", "at least 1 step for each point");
  }
  std::vector<double> x(series.known);
  std::vector<float> input(shown);
  for (std::size_t k = 0; k < points; ++k) {
    for (std::size_t c = 0; c < shown; ++c) {
      input[c] = static_cast<float>((x[x.size() - shown + c] - series.centre) / series.scale);
    }
    network.reset_state();
    double output = 0.0;
    for (std::uint32_t t = 0; t < series.steps; ++t) {
      const auto y = network.step(std::span<const float>(input));
      if (y.size() != 1) {
        throw value_error("roll_out", "outputs", std::to_string(y.size()), "1: the series has one value");
      }
      output = static_cast<double>(y[0]);
    }
    x.push_back(x.back() + series.increment * (output + series.drift));
  }
  x.erase(x.begin(), x.end() - static_cast<std::ptrdiff_t>(points));
  return x;
}

}  // namespace backspike
