// The list of situations.

#include "memory/situations.hpp"

namespace backspike::testing {
namespace {

layer_spec hidden_layer(std::uint32_t units, bool recurrent) {
  layer_spec hidden = quick_layer("cuba_lif", units);
  hidden.recurrent = recurrent;
  return hidden;
}

/// Two hidden layers of so many neurons, 16 samples of so many steps.
situation chain(const std::string& name, std::size_t steps, std::uint32_t units = 128, bool recurrent = false) {
  situation s{.name = name, .plan = {}, .rule = {}};
  s.plan.network.inputs = 40;
  s.plan.network.layers = {hidden_layer(units, recurrent), hidden_layer(units, recurrent),
                           quick_layer("leaky_integrator", 4)};
  s.plan.rate = 0.05;
  s.plan.gain = 1.1;
  s.plan.lengths.assign(16, steps);
  return s;
}

situation recurrent(const std::string& name, std::size_t steps) { return chain(name, steps, 128, true); }

situation ruled(situation s, const rule_spec& rule) {
  s.rule = rule;
  return s;
}

rule_spec checkpoints(std::uint32_t every) { return {rule_kind::checkpointed_bptt, checkpoint_kind::fixed, every}; }

rule_spec eprop(std::uint32_t every, feedback_kind feedback, double rate_coefficient) {
  rule_spec rule = checkpoints(every);
  rule.kind = rule_kind::eprop;
  rule.form = eprop_form::backward;
  rule.feedback = feedback;
  rule.rate_coefficient = rate_coefficient;
  return rule;
}

rule_spec forward(rule_kind kind) {
  rule_spec rule;
  rule.kind = kind;
  rule.form = eprop_form::forward;
  return rule;
}

void add_plain(std::vector<situation>& all) {
  all.push_back(chain("Chain", 500));
  all.push_back(chain("ChainWide", 200, 640));
  all.push_back(recurrent("Recurrent100", 100));
  all.push_back(recurrent("Recurrent1000", 1000));
  all.push_back(recurrent("OneThread", 500));
  all.back().threads = 1;
  all.push_back(recurrent("FourThreads", 500));
  all.back().threads = 4;
  all.push_back(recurrent("Bfloat16", 500));
  all.back().rule.arithmetic = arithmetic_kind::bfloat16;
  all.push_back(chain("ShortSamples", 10, 256));
  all.back().plan.lengths.assign(200, 10);
}

void add_windows(std::vector<situation>& all) {
  all.push_back(ruled(recurrent("Every10Of1000", 1000), checkpoints(10)));
  all.push_back(ruled(recurrent("Every32Of1000", 1000), checkpoints(32)));
  all.push_back(ruled(recurrent("Every200Of1000", 1000), checkpoints(200)));
  all.push_back(ruled(recurrent("Every64Of4000", 4000), checkpoints(64)));
  all.push_back(recurrent("Truncated", 1000));
  all.back().rule.kind = rule_kind::truncated_bptt;
}

/// Input of which so large a share is there in every step.
situation with_input(situation s, std::uint32_t inputs, double rate, bool graded) {
  s.plan.network.inputs = inputs;
  s.plan.rate = rate;
  s.plan.graded = graded;
  return s;
}

void add_inputs(std::vector<situation>& all) {
  all.push_back(with_input(chain("DenseInput", 200), 500, 0.9, true));
  all.push_back(ruled(with_input(chain("DenseInputBfloat16", 200), 500, 1.0, true), {}));
  all.back().rule.arithmetic = arithmetic_kind::bfloat16;
  all.push_back(
      ruled(with_input(chain("DenseInputEprop", 200), 500, 0.9, true), eprop(500, feedback_kind::symmetric, 0.0)));
  all.push_back(with_input(chain("GradedInput", 200), 500, 0.1, true));
  all.push_back(with_input(chain("WideInput", 30, 1024), 4100, 0.02, false));
}

situation delayed(const std::string& name, std::size_t steps, bool learn, bool loop) {
  situation s = chain(name, steps, 64, loop);
  for (layer_spec& layer : s.plan.network.layers) {
    layer.delay.max = 20;
    layer.delay.learn = learn;
    layer.delay.width.learn = learn;
    layer.delay.kernel = learn ? delay_kernel::gaussian : delay_kernel::linear;
    layer.recurrent_delay = layer.recurrent ? layer.delay : delay_spec{};
  }
  return s;
}

void add_delays(std::vector<situation>& all) {
  all.push_back(delayed("DelaysFixed", 400, false, false));
  all.push_back(delayed("DelaysLearned", 400, true, false));
  all.push_back(delayed("DelaysInLoops", 400, true, true));
  all.push_back(ruled(delayed("DelaysWithCheckpoints", 1000, true, true), checkpoints(50)));
  for (const eprop_form form : {eprop_form::backward, eprop_form::forward}) {
    situation s = delayed(form == eprop_form::forward ? "DelaysEpropForward" : "DelaysEprop", 400, false, true);
    s.plan.network.layers.back().delay = {};
    s.rule = eprop(400, feedback_kind::symmetric, 0.0);
    s.rule.form = form;
    all.push_back(s);
  }
}

void add_eprop_and_rtrl(std::vector<situation>& all) {
  all.push_back(ruled(recurrent("Eprop", 1000), eprop(1000, feedback_kind::symmetric, 0.1)));
  all.push_back(ruled(recurrent("EpropEvery32", 1000), eprop(32, feedback_kind::symmetric, 0.1)));
  all.push_back(ruled(recurrent("EpropRandom", 500), eprop(500, feedback_kind::random, 0.0)));
  all.push_back(ruled(recurrent("EpropAdaptive", 500), eprop(50, feedback_kind::adaptive, 0.0)));
  all.push_back(ruled(recurrent("EpropForward", 100), forward(rule_kind::eprop)));
  all.push_back(ruled(chain("EpropForwardAdaptive", 100), forward(rule_kind::eprop)));
  all.back().rule.feedback = feedback_kind::adaptive;
  all.push_back(ruled(chain("Rtrl", 160, 24, true), forward(rule_kind::rtrl)));
  all.back().plan.lengths.assign(4, 200);
}

/// With dropout and noise of the hidden layers, drawn.
situation drawing(situation s) {
  for (std::size_t q = 0; q + 1 < s.plan.network.layers.size(); ++q) {
    s.plan.network.layers[q].dropout = 0.3;
    s.plan.network.layers[q].noise = 0.1;
  }
  s.plan.draws = {1, 1, true};
  return s;
}

void add_draws(std::vector<situation>& all) {
  all.push_back(drawing(chain("Draws", 500)));
  all.push_back(drawing(ruled(recurrent("DrawsWithCheckpoints", 1000), checkpoints(32))));
  all.push_back(drawing(delayed("DrawsAndDelays", 400, true, true)));
  all.push_back(drawing(ruled(recurrent("DrawsEpropForward", 100), forward(rule_kind::eprop))));
  all.push_back(drawing(ruled(chain("DrawsRtrl", 160, 24, true), forward(rule_kind::rtrl))));
  all.back().plan.lengths.assign(4, 200);
}

/// The output layer of the losses on spike trains spikes.
situation asked(const std::string& name, loss_kind loss, std::uint32_t outputs, bool spiking) {
  situation s = chain(name, 500, 64);
  s.plan.network.layers.back() = quick_layer(spiking ? "lif" : "leaky_integrator", outputs);
  s.plan.objective.loss = loss;
  return s;
}

void add_objectives(std::vector<situation>& all) {
  all.push_back(asked("StepCrossEntropy", loss_kind::step_cross_entropy, 20, false));
  all.push_back(asked("MeanSquared", loss_kind::mean_squared, 100, false));
  all.push_back(asked("LargestOfReadout", loss_kind::cross_entropy, 100, false));
  all.back().plan.objective.readout = readout_kind::max;
  all.push_back(asked("FirstSpike", loss_kind::cross_entropy, 100, true));
  all.back().plan.objective.readout = readout_kind::first_spike;
  all.push_back(asked("Jitter", loss_kind::jitter, 100, true));
  all.push_back(asked("SoftAlignment", loss_kind::soft_alignment, 100, true));
  all.push_back(asked("VanRossumAndFirstSpike", loss_kind::van_rossum, 100, true));
  all.back().plan.objective.terms.push_back({.loss = loss_kind::first_spike_time});
  all.push_back(chain("SpikesHaveAPrice", 500));
  all.back().plan.network.layers.front().activity = {.l2 = 0.001};
}

}  // namespace

std::vector<situation> situations() {
  std::vector<situation> all;
  add_plain(all);
  add_windows(all);
  add_inputs(all);
  add_delays(all);
  add_eprop_and_rtrl(all);
  add_objectives(all);
  add_draws(all);
  return all;
}

}  // namespace backspike::testing
