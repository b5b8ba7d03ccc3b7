// Decides after each epoch which warnings a run deserves; the thresholds stand here, their reasons in docs/health.md.

#include <backspike/report/health_monitor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace backspike {
namespace {

// Where a warning starts, each with its reason in docs/health.md. None is an error: networks learn beyond each of them,
// but seldom well.
constexpr double all_dead = 1.0 - 1e-6;  // a sum of shares, with its rounding
constexpr double nearly_all_dead = 0.95, many_dead = 0.3, many_saturated = 0.1, few_in_support = 0.005;
constexpr double vanished = 1e-4, exploded = 1e3;
constexpr double no_slope = 1e-6, steep = 1e6;  // of the loss, in the norm of the parameters
constexpr double fast_update = 0.1;
constexpr double hardly_fallen = 0.9, lost = 0.5;
constexpr std::uint32_t few_epochs = 3;
constexpr std::size_t names_listed = 8;

std::string percent(double share) { return fmt::format("{:.3g} %", 100.0 * share); }

double largest(const std::vector<double>& error) {
  return error.empty() ? 0.0 : *std::max_element(error.begin(), error.end());
}

std::size_t largest_bin(const std::vector<double>& error) {
  return static_cast<std::size_t>(std::max_element(error.begin(), error.end()) - error.begin());
}

}  // namespace

std::vector<health_warning> health_monitor::look(const epoch_record& r) {
  found_.clear();
  if (seen_++ == 0) {
    start_loss_ = std::isfinite(r.start_loss) ? r.start_loss : r.train_loss;
  }
  look_at_outputs(r);
  for (const layer_health& layer : r.layers) {
    look_at_layer(r, layer);
    look_at_error(r, layer, largest_bin(readout_of(r).error));
  }
  look_at_gradient(r);
  look_at_updates(r);
  look_at_loss(r);
  for (health_warning& w : found_) {
    w.epoch = r.epoch;
  }
  return found_;
}

void health_monitor::recall(const epoch_record& r) {
  look(r);
  for (const health_warning& w : r.warnings) {
    said_.emplace(w.kind, w.subject);
    if (w.kind == "dead_outputs") {  // its subject is a group; each of it has been named
      for (const auto& [output, epochs] : unpredicted_) {
        if (epochs >= few_epochs) {
          dead_outputs_.insert(output);
        }
      }
    }
  }
}

void health_monitor::say(std::string_view kind, const std::string& subject, std::string text) {
  if (said_.emplace(kind, subject).second) {
    found_.push_back({0, std::string(kind), subject, std::move(text)});
  }
}

bool health_monitor::stalled(const epoch_record& r) const {
  return seen_ >= few_epochs && !(r.train_loss < hardly_fallen * start_loss_);
}

std::uint32_t health_monitor::patience() const { return std::max(few_epochs, (epochs_ + 3) / 4); }

void health_monitor::look_at_layer(const epoch_record& r, const layer_health& layer) {
  if (!layer.spiking) {
    return;
  }
  if (layer.dead >= all_dead) {
    say("dead_neurons", layer.name,
        layer.name +
            ": no neuron ever fires, so that nothing behind it can learn; try a larger init_sigma, a lower "
            "v_th, a wider surrogate, a lower learning rate, or smaller penalties on spikes");
  } else if (layer.dead > (stalled(r) ? many_dead : nearly_all_dead)) {
    say("dead_neurons", layer.name,
        layer.name + ": " + percent(layer.dead) +
            " of the neurons never fire; try a larger init_sigma, a lower v_th, or a smaller rate_penalty");
  }
  if (layer.saturated > many_saturated) {
    say("saturated_neurons", layer.name,
        layer.name + ": " + percent(layer.saturated) +
            " of the neurons fire in nearly every step; try a smaller init_sigma, a higher v_th, or a rate_penalty");
  }
  if (layer.in_support < few_in_support && stalled(r)) {
    say("far_from_threshold", layer.name,
        layer.name + ": only " + percent(layer.in_support) +
            " of the membranes are within the surrogate's width of the threshold, and the loss has hardly fallen; try "
            "a "
            "larger surrogate.width or init_sigma");
  }
}

/// `source`: the bin in which most of the error comes in, that is where the readout's own is largest.
void health_monitor::look_at_error(const epoch_record& r, const layer_health& layer, std::size_t source) {
  if (!layer.spiking || layer.error.empty()) {
    return;
  }
  const double most = largest(layer.error), far = layer.error.back();
  const double came_in = layer.error[std::min(source, layer.error.size() - 1)];
  const double nearest = largest(readout_of(r).error);
  if (layer.error.size() >= 4 && most > 0.0 && far < vanished * most && stalled(r)) {
    say("vanishing_gradient", layer.name,
        fmt::format(
            "{}: the error {:.0f} steps back is {:.1e} of its largest, and the loss has hardly fallen; if early "
            "input matters, try longer time constants or a wider surrogate",
            layer.name, layer.steps_per_bin * static_cast<double>(layer.error.size()), far / most));
  }
  if (most < vanished * nearest && stalled(r)) {
    say("vanishing_gradient", layer.name,
        fmt::format("{}: the error that comes to it is {:.1e} of the readout's, and the loss has hardly fallen; try a "
                    "wider surrogate, a larger init_sigma, or fewer layers",
                    layer.name, most / nearest));
  }
  if (layer.error.size() >= 4 && came_in > 0.0 && far > exploded * came_in) {
    say("exploding_gradient", layer.name,
        fmt::format("{}: the error grows {:.1e} times on its way back; try optimiser.clip_norm, a lower "
                    "surrogate.height or smaller recurrent weights",
                    layer.name, far / came_in));
  }
}

/// slope: by how many times the loss at the start the loss would change, to first order, if the parameters moved by
/// their own size. It does not depend on the units of loss and parameters.
void health_monitor::look_at_gradient(const epoch_record& r) {
  const double slope = r.gradient_norm * r.parameter_norm / start_loss_;
  if (!std::isfinite(slope) || start_loss_ <= 0.0) {
    return;
  }
  if (slope > steep) {
    say("exploding_gradient", "gradient",
        fmt::format("the gradient's norm is {:.1e}: parameters that move by a millionth of their size would change "
                    "the loss by {:.3g} times what it was at the start; try optimiser.clip_norm, a lower "
                    "surrogate.height, smaller recurrent weights or targets of a smaller scale",
                    r.gradient_norm, slope / 1e6));
  }
  if (slope < no_slope && stalled(r)) {
    say("vanishing_gradient", "gradient",
        fmt::format("the gradient's norm is {:.1e} while the loss is where it started; try a wider surrogate, a larger "
                    "init_sigma, or another readout",
                    r.gradient_norm));
  }
}

void health_monitor::look_at_updates(const epoch_record& r) {
  for (const update_ratio& u : r.updates) {
    if (u.ratio > fast_update && stalled(r)) {
      say("large_updates", u.parameter,
          u.parameter + ": a step changes it by " + percent(u.ratio) +
              " of its size, and the loss has hardly fallen; try a lower learning rate");
    }
  }
}

/// More than half of what was learned is gone, or the loss has doubled where nothing was, and the next epoch did not
/// bring it back.
void health_monitor::look_at_loss(const epoch_record& r) {
  if (!std::isfinite(r.train_loss)) {
    return;
  }
  const bool bad = best_epoch_ > 0 && r.train_loss > 2.0 * best_loss_ &&
                   r.train_loss - best_loss_ > lost * std::max(0.0, start_loss_ - best_loss_);
  const bool again = std::exchange(was_bad_, bad);
  if (bad && (again || r.epoch == epochs_)) {  // one unlucky epoch is not a collapse, unless it was the last
    say("collapse", "loss",
        fmt::format(
            "the loss was {:.4g} after epoch {} and is {:.4g} now: training has collapsed; try a lower learning "
            "rate, a schedule, optimiser.clip_norm, or the parameters of the best epoch",
            best_loss_, best_epoch_, r.train_loss));
  }
  if (best_epoch_ == 0 || r.train_loss < best_loss_) {
    best_loss_ = r.train_loss;
    best_epoch_ = r.epoch;
  }
}

bool health_monitor::is_silent_before_readout(const epoch_record& r) const {
  return r.layers.size() > 1 && r.layers[r.layers.size() - 2].dead >= all_dead;
}

std::string health_monitor::output_names(const std::vector<std::uint32_t>& outputs) const {
  std::string text = class_names_.empty() ? "output" : "class";
  text += outputs.size() == 1 ? " " : class_names_.empty() ? "s " : "es ";
  for (std::size_t i = 0; i < std::min(outputs.size(), names_listed); ++i) {
    const bool named = outputs[i] < class_names_.size() && !class_names_[outputs[i]].empty();
    text += (i == 0 ? "" : ", ") + (named ? class_names_[outputs[i]] : std::to_string(outputs[i]));
  }
  return text + (outputs.size() > names_listed ? fmt::format(" and {} more", outputs.size() - names_listed) : "");
}

const layer_health& health_monitor::readout_of(const epoch_record& r) const {
  const auto named = std::ranges::find(r.layers, readout_, &layer_health::name);
  return named == r.layers.end() ? r.layers.back() : *named;
}

/// Once for each layer; the classes of these are not known here.
void health_monitor::look_at_other_outputs(const epoch_record& r) {
  for (const layer_health& layer : r.layers) {
    if (&layer != &readout_of(r) && !layer.stuck.empty()) {
      say("dead_outputs", layer.name,
          fmt::format("{}: the loss asks {} of its neurons for a change, but no weight has any gradient from it; try "
                      "the readout mean, a wider surrogate or a larger init_sigma there",
                      layer.name, layer.stuck.size()));
    }
  }
}

void health_monitor::look_at_outputs(const epoch_record& r) {
  const bool silent = is_silent_before_readout(r);  // which is said of that layer
  std::vector<std::uint32_t> stuck, ignored;
  if (!r.layers.empty() && !silent) {
    std::ranges::copy_if(readout_of(r).stuck, std::back_inserter(stuck),
                         [&](std::uint32_t k) { return dead_outputs_.insert(k).second; });
  }
  if (!stuck.empty()) {
    say("dead_outputs", output_names(stuck),
        output_names(stuck) +
            ": the loss asks for a change, but no weight has any gradient from it; try the readout "
            "mean, a wider surrogate or a larger init_sigma in the last layer");
  }
  look_at_other_outputs(r);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;
  for (const std::uint32_t k : r.unpredicted) {
    const auto before = std::ranges::find(unpredicted_, k, &std::pair<std::uint32_t, std::uint32_t>::first);
    rows.emplace_back(k, 1 + (before == unpredicted_.end() ? 0 : before->second));
    if (rows.back().second >= patience() && !silent && dead_outputs_.insert(k).second) {
      ignored.push_back(k);
    }
  }
  unpredicted_ = std::move(rows);
  if (!ignored.empty()) {
    say("dead_outputs", output_names(ignored),
        output_names(ignored) +
            fmt::format(
                ": has samples, but none was taken for it in the last {} epochs; try the readout mean, a larger "
                "learning rate, or as many samples of each class",
                patience()));
  }
}

}  // namespace backspike
