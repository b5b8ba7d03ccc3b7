// One epoch: shuffled batches, a gradient and an update for each, then health, validation and warnings. This is the
// training loop.

#include "experiment/run/trainer.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/made_anew.hpp>
#include <backspike/data/split.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/complexity.hpp>
#include <backspike/experiment/delay_changes.hpp>
#include <backspike/network/delays.hpp>

#include "core/finite.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "kernels/pieces.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

namespace backspike {
namespace {

/// The engine says what is not finite; when that was is known here.
template <class F>
auto in_step(std::uint64_t step, F&& f) {
  try {
    return f();
  } catch (const numeric_error& e) {
    throw numeric_error(e.where, e.message, step);
  }
}

/// |after - before| / |before|; 0 where nothing changed.
double change_of(matrix_view<const float> before, matrix_view<const float> after) {
  double change = 0.0, size = 0.0;
  for (std::size_t r = 0; r < before.rows; ++r) {
    for (std::size_t c = 0; c < before.cols; ++c) {
      const auto was = static_cast<double>(before(r, c)), moved = static_cast<double>(after(r, c)) - was;
      change += moved * moved;
      size += was * was;
    }
  }
  return change > 0.0 ? std::sqrt(change / std::max(size, 1e-30)) : 0.0;
}

/// Of what is learned.
double norm_of(const arena<float>& parameters) {
  double sum = 0.0;
  for (std::size_t i = 0; i < parameters.layout().size(); ++i) {
    const auto view = parameters.view(i);
    for (std::size_t r = 0; parameters.layout()[i].learnable && r < view.rows; ++r) {
      for (std::size_t c = 0; c < view.cols; ++c) {
        sum += static_cast<double>(view(r, c)) * static_cast<double>(view(r, c));
      }
    }
  }
  return std::sqrt(sum);
}

/// Classes that a sample or a labelled step belongs to.
std::vector<bool> classes_with_samples(const target_set& of) {
  std::vector<bool> found(of.classes(), false);
  for (const auto* labels : {&of.labels, &of.step_labels}) {
    for (const std::int32_t label : *labels) {
      if (label >= 0 && static_cast<std::size_t>(label) < found.size()) {
        found[static_cast<std::size_t>(label)] = true;
      }
    }
  }
  return found;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void stop_if_requested(run_observer& observer) {
  if (observer.stop_requested()) {
    throw stop_signal{};
  }
}

trainer::trainer(const experiment& e, const rule_spec& rule, const dataset& train, const dataset& validation,
                 const network& net, thread_pool& pool, run_observer& observer, learned_from data)
    : settings_(e),
      train_(train),
      validation_(validation),
      net_(net),
      pool_(pool),
      observer_(observer),
      data_(std::move(data)),
      rule_(net, e.objective, pool, rule, e.seed),
      parameters_(net.parameters()),
      gradient_(net.parameters()),
      before_(net.parameters()),
      optimiser_(e.optimiser, net.parameters()),
      batches_((train.size() + e.train.batch - 1) / e.train.batch),
      has_samples_(classes_with_samples(train.targets(net.output(0).target))),
      monitor_(is_classification(e.objective.loss) ? train.targets(net.output(0).target).class_names
                                                   : std::vector<std::string>{},
               e.train.epochs, net.populations()[net.output(0).population].spec.name) {
  if (e.hardware.trains()) {
    on_hardware_ = std::make_unique<hardware_rule>(net, e.objective, pool, rule, e.hardware, e.seed);
  }
}

void trainer::begin(const arena<float>& initial) {
  std::ranges::copy(initial.values(), parameters_.values().begin());
  start_rules(parameters_);
}

void trainer::start_rules(const arena<float>& initial, std::uint64_t updates) {
  rule_.start(initial, updates);
  if (on_hardware_) {
    on_hardware_->start(initial, updates);
  }
}

/// Of the mean loss over the batch, in gradient_.
batch_result trainer::plain_gradient(batch_view batch) {
  return on_hardware_ ? on_hardware_->gradient(parameters_, batch, optimiser_.steps(), gradient_)
                      : rule_.gradient(parameters_, batch, gradient_);
}

bool trainer::next_epoch() {
  auto record = train_samples(static_cast<std::uint32_t>(epochs_.size()) + 1);
  look_inside(record);
  validate(record);
  record.warnings = monitor_.look(record);
  if (record.epoch == 1) {
    std::ranges::move(warn_of_absent_classes(settings_.objective, net_, train_), std::back_inserter(record.warnings));
  }
  epochs_.push_back(record);
  // A width on its way is not the one that was asked for: such an epoch is the best only until one without it comes.
  const auto annealing = [&](std::uint32_t epoch) { return is_annealing(net_, epoch - 1, settings_.train.epochs); };
  const bool unrivalled =
      best_.epoch == 0 || validation_.size() == 0 || (annealing(best_.epoch) && !annealing(record.epoch));
  const bool equal = record.validation_accuracy == best_.accuracy || std::isnan(record.validation_accuracy);
  const bool improved =
      unrivalled || record.validation_accuracy > best_.accuracy || (equal && record.validation_loss < best_.loss);
  if (improved) {
    best_ = {record.epoch, 0, 0};
    if (validation_.size() > 0) {
      best_.accuracy = record.validation_accuracy;
      best_.loss = record.validation_loss;
    }
  }
  return improved;
}

void trainer::run_epoch(const run_directory& directory) {
  const bool improved = next_epoch();
  save(directory, improved);
  observer_.on_epoch(epochs_.back(), settings_.train.epochs);
}

epoch_record trainer::train_samples(std::uint32_t epoch) {
  anneal_delays(net_, parameters_, epoch - 1, settings_.train.epochs);
  const auto n = static_cast<std::uint32_t>(train_.size());
  const auto order = permutation(n, random_stream(settings_.seed, random_purpose::shuffle, epoch));
  const auto start = std::chrono::steady_clock::now();
  const dataset anew = train_.maker ? made_anew(train_, epoch, settings_.seed, pool_) : dataset{};
  const dataset& samples = train_.maker ? anew : train_;
  epoch_sums sums;  // over samples (norm: over batches), made means at the end
  sums.epoch = epoch;
  for (std::size_t b = 0; b < batches_; ++b) {
    const std::size_t begin = b * settings_.train.batch;
    const std::size_t end = std::min<std::size_t>(begin + settings_.train.batch, n);
    if (b + 1 == batches_) {
      std::ranges::copy(parameters_.values(), before_.values().begin());
    }
    train_batch({&samples, std::span(order).subspan(begin, end - begin), {settings_.seed, epoch, true}}, b, sums);
    const auto done = static_cast<double>(end);
    observer_.on_batch({epoch, settings_.train.epochs, b + 1, batches_, sums.train_loss / done,
                        share_of(sums.outputs.correct, sums.outputs.counted), sums.spikes_per_sample / done,
                        measures_of(net_, sums.outputs, end)});
    stop_if_requested(observer_);
  }
  sums.seconds = seconds_since(start);
  sums.train_loss /= n;
  sums.train_accuracy = share_of(sums.outputs.correct, sums.outputs.counted);
  sums.train_outputs = measures_of(net_, sums.outputs, n);
  sums.spikes_per_sample /= n;
  sums.gradient_norm /= static_cast<double>(batches_);
  sums.parameter_norm = norm_of(parameters_);
  const std::vector<bool>& predicted = sums.outputs.predicted;
  for (std::uint32_t k = 0; k < std::min(predicted.size(), has_samples_.size()); ++k) {
    if (has_samples_[k] && !predicted[k]) {
      sums.unpredicted.push_back(k);
    }
  }
  return sums;
}

void trainer::train_against(const defence_spec& defence, attack_samples samples) {
  defence_ = defence.kind;
  adversary_ = std::make_unique<adversary>(defence, net_, settings_.objective, parameters_, pool_, std::move(samples),
                                           settings_.seed);
}

/// Of the samples of the batch, or of what the adversary makes of them.
batch_result trainer::gradient_of(batch_view batch, std::uint64_t number) {
  if (!adversary_) {
    return plain_gradient(batch);
  }
  const dataset& changed = adversary_->attack(batch.samples, batch.draws.epoch, number);
  if (defence_ != defence_kind::trades) {
    const auto all = every_sample(changed);
    return plain_gradient({&changed, all, batch.draws});
  }
  batch_result result = plain_gradient(batch);
  adversary_->add_divergence(gradient_);
  return result;
}

void trainer::train_batch(batch_view batch, std::uint64_t number, epoch_sums& sums) {
  const auto result = in_step(optimiser_.steps() + 1, [&] { return gradient_of(batch, number); });
  if (std::isnan(sums.start_loss)) {
    sums.start_loss = result.loss / static_cast<double>(result.samples);
  }
  sums.outputs.add(result);
  sums.train_loss += result.loss;
  sums.spikes_per_sample += static_cast<double>(result.hidden_spikes);
  sums.gradient_norm += gradient_norm(gradient_, pool_);
  sums.learning_rate =
      learning_rate_at(settings_.optimiser, optimiser_.steps(), batches_ * settings_.train.epochs, batches_);
  optimiser_.step(parameters_, gradient_, sums.learning_rate, pool_);
  rule_.updated();
  if (on_hardware_) {
    on_hardware_->updated();
  }
  require_finite_parameters();
}

// After every step, not once an epoch: the message then names the step that did it, and nothing is wasted on NaN.
void trainer::require_finite_parameters() {
  if (std::isfinite(kernels::sum_of_squares(parameters_.values(), pool_))) {
    return;
  }
  for (std::size_t i = 0; i < net_.parameters().size(); ++i) {
    const parameter_info& p = net_.parameters()[i];
    if (!all_finite(parameters_.view(i).data, p.rows * p.stride)) {
      throw numeric_error(p.name, "is not finite after the optimiser's step", optimiser_.steps());
    }
  }
}

/// On the same few training samples after every epoch, so that epochs can be compared.
void trainer::look_inside(epoch_record& record) {
  constexpr std::size_t looked_at = 8;
  const auto picked = spread_evenly(train_.size(), looked_at);
  record.delay_widths = delay_widths(net_, parameters_);
  record.layers = rule_.simulator().health(parameters_, {&train_, picked}, gradient_);
  for (std::size_t i = 0; i < net_.parameters().size(); ++i) {
    const auto& info = net_.parameters()[i];
    if (info.learnable) {
      record.updates.push_back(
          {info.name, change_of(std::as_const(before_).view(i), std::as_const(parameters_).view(i))});
    }
  }
}

void trainer::validate(epoch_record& record) {
  if (validation_.size() == 0) {
    record.validation_loss = record.validation_accuracy = std::nan("");
    return;
  }
  const auto report = [this](std::size_t done, std::size_t total) {
    observer_.on_progress("validating", done, total);
    stop_if_requested(observer_);
  };
  const auto result = in_step(optimiser_.steps(), [&] {
    return evaluate_all(rule_.simulator(), parameters_, validation_, settings_.train.eval_batch, report);
  });
  record.validation_loss = result.loss;
  record.validation_accuracy = result.accuracy;
  record.validation_outputs = result.outputs;
  record.synaptic_operations = measure_complexity(net_, parameters_, validation_, result).operations.effective();
}

}  // namespace backspike
