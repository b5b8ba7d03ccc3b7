// One step of a stream: check the input, run the network, judge the readout, learn, update. The traces are those of
// gradient/rule/eprop.

#include <backspike/online/online_learner.hpp>

#include "core/finite.hpp"
#include "core/short_number.hpp"
#include "gradient/rule/eprop/eprop_pass.hpp"
#include "online/online_state.hpp"
#include "online/online_update.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/reading.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/draws.hpp>
#include <backspike/gradient/plan_activity.hpp>
#include <backspike/network/delays.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

namespace backspike {
namespace {

/// By name: "step_cross_entropy, mean_squared or huber".
std::string stepwise_losses() {
  std::string names;
  for (const loss_info& info : loss_list) {
    names += info.stepwise ? (names.empty() ? "" : ", ") + std::string(info.name) : "";
  }
  const auto last = names.rfind(", ");
  return names.replace(last, 2, " or ");
}

const online_options& checked(const network& net, const objective_spec& objective, const online_options& options) {
  if (!options.learns) {
    return options;
  }
  check_outputs("online_learner", net, objective);
  if (!is_stepwise(objective)) {
    throw value_error("online_learner", "loss", "one that is known only when a sample is over",
                      stepwise_losses() + ", terms included: a stream has no end");
  }
  for (std::size_t k = 0; k < objective.outputs(); ++k) {
    check_class_weights("online_learner", objective.of(k), net.output(k).units);
  }
  return options;
}

/// The price of a spike of each hidden neuron, as far as it is known in every step.
spike_counts<float> known_prices(const network& net, const objective_spec& objective, bool learns) {
  if (!learns) {
    return {};
  }
  const activity_plan plan = plan_activity(net, objective);
  if (plan.operations.weight != 0.0) {
    throw value_error("online_learner", "synaptic_operations.weight", short_number(plan.operations.weight),
                      "0: a stream has no end at which its operations could be counted");
  }
  spike_counts<float> prices(plan.layers.size());
  for (std::size_t q = 0; q < prices.size(); ++q) {
    const population& p = net.populations()[q];
    if (plan.reads(q) && (!is_constant_price(p.spec.activity) || p.is_output)) {
      throw value_error("online_learner", p.spec.name + ".activity", "a loss on its number of spikes",
                        "l1 of a hidden layer: a stream has no end at which spikes could be counted; rates are held by "
                        "rule.target_rate and rule.rate_coefficient");
    }
    prices[q].assign(plan.reads(q) ? p.units : 0, static_cast<float>(p.spec.activity.l1));
  }
  return prices;
}

}  // namespace

struct online_learner::implementation {
  const network& net;
  objective_spec objective;
  online_options options;
  arena<float> parameters, gradient;
  std::optional<eprop_feedback> feedback;  // if it learns
  eprop_model<float> model;
  eprop_pass<float> pass;
  online_optimiser optimiser;
  sample_outputs<float> judge;
  spike_counts<float> prices;
  aligned_vector<float> error;  // [outputs] of this step
  std::vector<float> readout;   // [outputs] of the last step: the same memory in every step
  bool fused;                   // weights take their update from the traces at once, without a gradient in between
  std::function<void(const gradient_rows<float>&)> sink;  // to the optimiser; empty: plain SGD needs none
  bool learns_cells = false;
  std::uint64_t steps = 0, pending = 0, skipped = 0;
  double loss = 0.0;
  sample_draws draws;                         // of the trial, for steps that are learned from
  std::uint32_t trial = 0;                    // since the stream began
  std::vector<float> clean_values;            // of an input with numbers that are skipped
  std::vector<std::uint32_t> clean_channels;  // of such events
  std::vector<online_target> clean_targets;   // [outputs of the network]

  implementation(const network& n, const objective_spec& o, const arena<float>& initial, const online_options& given)
      : net(n),
        objective(o),
        options(checked(n, o, given)),
        parameters(initial),
        gradient(n.parameters()),
        model(n, given.rule, parameters, spike_mode::hard),
        pass(model, given.learns),
        optimiser(n, given.optimiser, given.learns),
        prices(known_prices(n, o, given.learns)),
        error(n.outputs()),
        readout(n.outputs()),
        fused(given.update_every == 1 && !optimiser.clips()) {
    clean_values.reserve(n.spec().inputs);
    clean_channels.reserve(n.spec().inputs);
    clean_targets.reserve(n.output_list().size());
    require_in_range(initial);
    if (!options.learns) {
      model.refresh_network(true);
      return;
    }
    if (fused && !optimiser.is_plain()) {
      sink = [this](const gradient_rows<float>& rows) { optimiser.take(rows, parameters); };
    }
    memory_plan take = memory_plan::take();
    draws.plan(take, net);
    draw();
    feedback.emplace(n, options.rule, initial);
    model.refresh(*feedback);
    judge.begin(net, objective, 1, [](const network_output&) { return sample_target{}; });  // takes its memory now
    for (const population& p : net.populations()) {
      learns_cells = learns_cells || p.learns_constants;
    }
  }

  void check_input(const event_row& row) const;
  void check_input(std::span<const float> values) const;
  void check_targets(std::span<const online_target> targets) const;
  void check_target(const network_output& output, const online_target& target) const;
  void require_learning() const;
  void require_readings(const event_row& row) const;
  void require_readings(std::span<const float> values) const;
  void require_readings(const online_target& target) const;
  event_row without_bad(const event_row& row);
  std::span<const float> without_bad(std::span<const float> values);
  online_target without_bad(const online_target& target);
  void require_finite() const;
  void update_parameter(std::size_t i);
  bool has_target(std::size_t output, const online_target& target) const {
    return takes_values(objective.of(output).loss) ? !target.values.empty() : target.label >= 0;
  }
  bool has_target(std::span<const online_target> targets) const {
    for (std::size_t k = 0; k < targets.size(); ++k) {
      if (has_target(k, targets[k])) {
        return true;
      }
    }
    return false;
  }
  std::span<double> offsets() { return feedback ? std::span(feedback->offsets()) : std::span<double>(); }
  void draw() { draws.draw(net, {options.rule.seed, 0, options.learns}, trial); }  // noise counts its steps by `steps`
  void judge_step(std::span<const online_target> targets);
  double judge_output(std::size_t k, const online_target& target);
  void learn(std::span<const online_target> targets);
  void update();
  void update_fused();
  std::vector<named_tensor> save();

  /// A step without targets is not learned from.
  template <class Input>
  std::span<const float> run(const Input& input, std::span<const online_target> targets) {
    check_input(input);
    if (!targets.empty()) {
      require_learning();
      check_targets(targets);
    }
    if (options.not_finite == bad_reading::refuse) {
      require_readings(input);
      std::ranges::for_each(targets, [this](const online_target& target) { require_readings(target); });
      return run_checked(input, targets);
    }
    clean_targets.clear();
    for (const online_target& target : targets) {
      clean_targets.push_back(without_bad(target));
    }
    return run_checked(without_bad(input), clean_targets);
  }

  template <class Input>
  std::span<const float> run_checked(const Input& input, std::span<const online_target> targets) {
    pass.set_input(input);
    pass.draw_from(targets.empty() ? nullptr : &draws, static_cast<std::uint32_t>(steps));
    pass.forward(!targets.empty());
    for (const network_output& o : net.output_list()) {
      std::copy_n(pass.read(o), o.units, readout.data() + o.first);
    }
    require_finite();
    if (!targets.empty()) {
      learn(targets);
    }
    return readout;
  }
};

[[noreturn]] void refuse_reading(const std::string& what, std::uint64_t step, float value) {
  throw value_error("online_learner", what + " in step " + std::to_string(step), std::to_string(value),
                    reading_text() + "; not_finite = skip leaves such numbers out");
}

void online_learner::implementation::require_readings(const event_row& row) const {
  if (const std::size_t k = first_no_reading(row.values); k < row.values.size()) {
    refuse_reading("input channel " + std::to_string(row.channels[k]), pass.steps, row.values[k]);
  }
}

void online_learner::implementation::require_readings(std::span<const float> values) const {
  if (const std::size_t k = first_no_reading(values); k < values.size()) {
    refuse_reading("input channel " + std::to_string(k), pass.steps, values[k]);
  }
}

void online_learner::implementation::require_readings(const online_target& target) const {
  if (const std::size_t k = first_no_reading(target.values); k < target.values.size()) {
    refuse_reading("target value " + std::to_string(k), pass.steps, target.values[k]);
  }
}

event_row online_learner::implementation::without_bad(const event_row& row) {
  if (first_no_reading(row.values) == row.values.size()) {
    return row;
  }
  clean_values.clear();
  clean_channels.clear();
  for (std::size_t k = 0; k < row.values.size(); ++k) {
    if (is_reading(row.values[k])) {
      clean_values.push_back(row.values[k]);
      clean_channels.push_back(row.channels[k]);
    }
  }
  skipped += row.values.size() - clean_values.size();
  if (clean_values.empty()) {
    return {};  // no values, which alone would stand for ones, and no channels
  }
  return {clean_channels, clean_values};
}

std::span<const float> online_learner::implementation::without_bad(std::span<const float> values) {
  if (first_no_reading(values) == values.size()) {
    return values;
  }
  clean_values.assign(values.begin(), values.end());
  for (float& x : clean_values) {
    if (!is_reading(x)) {
      x = 0.0f;
      ++skipped;
    }
  }
  return clean_values;
}

/// A step whose target is not whole has none.
online_target online_learner::implementation::without_bad(const online_target& target) {
  const auto bad = std::ranges::count_if(target.values, [](float x) { return !is_reading(x); });
  skipped += static_cast<std::uint64_t>(bad);
  return bad == 0 ? target : online_target{};
}

/// What overflowed stays so, and what would be learned from it with it. A hidden membrane that is NaN never fires again
/// and is not seen in a readout.
void online_learner::implementation::require_finite() const {
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const std::span<const float> states = pass.states(q);
    if (!all_finite(states.data(), states.size())) {
      require_in_range(parameters);  // then it is these, and a new start would not help
      const auto bad = std::ranges::find_if(states, [](float x) { return !std::isfinite(x); }) - states.begin();
      const population& p = net.populations()[q];
      throw numeric_error(p.spec.name,
                          "the state of neuron " + std::to_string(static_cast<std::size_t>(bad) % p.padded_units) +
                              " is not finite; reset_state() starts anew",
                          pass.steps);
    }
  }
}

void online_learner::implementation::check_input(const event_row& row) const {
  if (!row.values.empty() && row.values.size() != row.channels.size()) {
    throw shape_error("online_learner", "values of the input", "[" + std::to_string(row.values.size()) + "]",
                      "[" + std::to_string(row.channels.size()) + " channels]");
  }
  for (const std::uint32_t c : row.channels) {
    if (c >= net.spec().inputs) {
      throw value_error("online_learner", "input channel", std::to_string(c),
                        "0 to " + std::to_string(net.spec().inputs) + " exclusive");
    }
  }
}

void online_learner::implementation::check_input(std::span<const float> values) const {
  if (values.size() != net.spec().inputs) {
    throw shape_error("online_learner", "input", "[" + std::to_string(values.size()) + "]",
                      "[" + std::to_string(net.spec().inputs) + " channels]");
  }
}

void online_learner::implementation::check_targets(std::span<const online_target> targets) const {
  if (targets.size() != net.output_list().size()) {
    throw shape_error("online_learner", "targets", "[" + std::to_string(targets.size()) + "]",
                      "[" + std::to_string(net.output_list().size()) + "], one for each output");
  }
  for (std::size_t k = 0; k < targets.size(); ++k) {
    check_target(net.output(k), targets[k]);
  }
}

void online_learner::implementation::check_target(const network_output& output, const online_target& target) const {
  const std::string units = std::to_string(output.units);
  if (target.label < -1 || target.label >= static_cast<std::int32_t>(output.units)) {
    throw value_error("online_learner", "target label", std::to_string(target.label),
                      "0 to " + units + " exclusive, or -1 for none");
  }
  if (!target.values.empty() && target.values.size() != output.units) {
    throw shape_error("online_learner", "target values", "[" + std::to_string(target.values.size()) + "]",
                      "[" + units + " outputs]");
  }
}

void online_learner::implementation::require_learning() const {
  if (!options.learns) {
    throw value_error("online_learner", "learns", "false",
                      "true, to take a step that is learned from; infer() runs one");
  }
}

/// Those outputs that have a target.
void online_learner::implementation::judge_step(std::span<const online_target> targets) {
  std::ranges::fill(error, 0.0f);
  double sum = 0.0;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    if (has_target(k, targets[k])) {
      sum += judge_output(k, targets[k]);
    }
  }
  loss = sum;
}

/// Leaves its error and returns its loss.
double online_learner::implementation::judge_output(std::size_t k, const online_target& target) {
  const network_output& o = net.output(k);
  const trace_view<const float> y{pass.read(o), 1, o.units, o.units};
  sample_target told;
  told.label = target.label;
  told.values = target.values;
  judge[k].begin(objective.of(k), told, 1, o.units);
  judge[k].read(0, y, {});
  judge[k].error(0, y, 1.0, {error.data() + o.first, 1, o.units, o.units});
  const auto value = static_cast<double>(judge[k].finish().value);
  if (!std::isfinite(value)) {
    throw numeric_error(o.name, "the loss is not finite", steps);
  }
  return value;
}

void online_learner::implementation::learn(std::span<const online_target> targets) {
  const bool told = has_target(targets);
  if (told) {
    judge_step(targets);
  }
  const float price = static_cast<float>(objective.rate_penalty);
  const bool to_weights = fused && !sink;
  const float scale = to_weights ? -static_cast<float>(optimiser.rate()) : 1.0f;
  if (fused) {
    optimiser.begin(gradient);
  }
  pass.learn({told ? error.data() : nullptr, 1.0f, price, &prices, scale, to_weights ? &parameters : &gradient,
              sink ? &sink : nullptr});
  ++steps;
  ++pending;
  if (options.update_every != 0 && pending >= options.update_every) {
    fused ? update_fused() : update();
  }
}

/// A threshold that became NaN would silence its neuron without a word.
void online_learner::implementation::update_parameter(std::size_t i) {
  optimiser.update_parameter(i, parameters, gradient);
  const parameter_info& p = net.parameters()[i];
  if (!all_finite(parameters.view(i).data, p.rows * p.stride)) {
    throw numeric_error(
        p.name, "is not finite after the update; restore() of an earlier state helps, reset_state() does not", steps);
  }
}

void online_learner::implementation::update() {
  pass.finish(gradient);
  optimiser.begin(gradient);
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    update_parameter(i);
  }
  optimiser.end();
  feedback->follow();
  model.refresh(*feedback, false);
  pending = 0;
}

/// Weights and biases have theirs already.
void online_learner::implementation::update_fused() {
  if (learns_cells) {
    pass.finish(gradient);
    for (const population& p : net.populations()) {
      for (const std::size_t i : p.parameters) {
        update_parameter(i);
      }
    }
  }
  optimiser.end();
  feedback->follow();
  model.refresh(*feedback, false);
  pending = 0;
}

/// Every tensor, in a fixed order.
std::vector<named_tensor> online_learner::implementation::save() {
  std::vector<named_tensor> to;
  save_arena("parameters", parameters, to);
  save_arena("gradient", gradient, to);
  save_arena("first_moment", optimiser.first, to);
  save_arena("second_moment", optimiser.second, to);
  pass.visit([&](const std::string& name, const aligned_vector<float>& values) {
    to.push_back({"state." + name, {values.size()}, {values.begin(), values.end()}});
  });
  std::vector<std::uint64_t> numbers{pass.steps, pass.rate_steps,   steps,
                                     pending,    optimiser.updates, std::bit_cast<std::uint64_t>(loss)};
  for (const double x : offsets()) {
    numbers.push_back(std::bit_cast<std::uint64_t>(x));
  }
  if (net.draws()) {
    numbers.push_back(trial);
  }
  auto pieces = pack(numbers);
  to.push_back({"counters_and_feedback", {pieces.size()}, std::move(pieces)});
  return to;
}

online_learner::online_learner(const network& net, const objective_spec& objective, const arena<float>& initial,
                               const online_options& options)
    : implementation_(std::make_unique<implementation>(net, objective, initial, options)) {}

online_learner::~online_learner() = default;

std::span<const float> online_learner::step(const event_row& input, const online_target& target) {
  return implementation_->run(input, std::span(&target, 1));
}

std::span<const float> online_learner::step(std::span<const float> input, const online_target& target) {
  return implementation_->run(input, std::span(&target, 1));
}

std::span<const float> online_learner::step_outputs(const event_row& input, std::span<const online_target> targets) {
  implementation_->check_targets(targets);
  return implementation_->run(input, targets);
}

std::span<const float> online_learner::step_outputs(std::span<const float> input,
                                                    std::span<const online_target> targets) {
  implementation_->check_targets(targets);
  return implementation_->run(input, targets);
}

std::span<const float> online_learner::infer(const event_row& input) { return implementation_->run(input, {}); }

std::span<const float> online_learner::infer(std::span<const float> input) { return implementation_->run(input, {}); }

void online_learner::end_trial() {
  if (implementation_->pending > 0) {
    implementation_->update();
  }
  reset_state();
}

void online_learner::reset_state() {
  implementation_->pass.finish(implementation_->gradient);  // what the cells have gathered is not of the trial's state
  implementation_->pass.start();
  ++implementation_->trial;
  implementation_->draw();
}

const arena<float>& online_learner::parameters() const { return implementation_->parameters; }
double online_learner::loss() const { return implementation_->loss; }
std::uint64_t online_learner::steps() const { return implementation_->steps; }
std::uint64_t online_learner::updates() const { return implementation_->optimiser.updates; }
std::uint64_t online_learner::skipped() const { return implementation_->skipped; }

std::vector<named_tensor> online_learner::save() const { return implementation_->save(); }

void online_learner::restore(std::span<const named_tensor> saved) {
  implementation& self = *implementation_;
  check_tensors(saved, save(), [](const named_tensor& t) { return t.name.ends_with(".traces"); });
  const std::size_t count = self.net.parameters().size();
  arena<float> restored(self.net.parameters());
  restore_arena(saved, restored);
  require_in_range(restored);
  restore_arena(saved, self.parameters);
  restore_arena(saved.subspan(count), self.gradient);
  restore_arena(saved.subspan(2 * count), self.optimiser.first);
  restore_arena(saved.subspan(3 * count), self.optimiser.second);
  std::size_t next = 4 * count;
  self.pass.visit([&](const std::string&, aligned_vector<float>& values) {
    values.assign(saved[next].values.begin(), saved[next].values.end());
    ++next;
  });
  self.pass.adopt_restored();
  const auto numbers = unpack(saved[next].values);
  self.pass.steps = numbers[0];
  self.pass.rate_steps = numbers[1];
  self.steps = numbers[2];
  self.pending = numbers[3];
  self.optimiser.updates = numbers[4];
  self.loss = std::bit_cast<double>(numbers[5]);
  for (std::size_t k = 0; k < self.offsets().size(); ++k) {
    self.offsets()[k] = std::bit_cast<double>(numbers[6 + k]);
  }
  if (self.net.draws()) {
    self.trial = static_cast<std::uint32_t>(numbers.back());
    self.draw();
  }
  self.feedback ? self.model.refresh(*self.feedback) : self.model.refresh_network(true);
}

}  // namespace backspike
