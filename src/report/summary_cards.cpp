// The cards at the top of a report: accuracy, loss, spikes, time.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/summary.hpp"
#include "report/text.hpp"

namespace backspike::report {
namespace {

struct card {
  std::string label, value, note;
};

std::string html(const card& c) {
  return fmt::format(
      "<div class=\"card\"><div class=\"card-label\">{}</div><div class=\"card-value\">{}</div>"
      "<div class=\"card-note\">{}</div></div>\n",
      escape_html(c.label), escape_html(c.value), escape_html(c.note));
}

const std::string absent = "\u2013";

std::string duration(double seconds) {
  if (seconds < 120) {
    return fmt::format("{:.1f} s", seconds);
  }
  const auto minutes = static_cast<std::uint64_t>(seconds / 60);
  if (minutes < 120) {
    return fmt::format("{} min {:02} s", minutes, static_cast<std::uint64_t>(seconds) % 60);
  }
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

card accuracy_card(const report_data& data) {
  std::uint64_t all = 0, correct = 0;
  for (std::size_t i = 0; i < data.confusion.size(); ++i) {
    all = std::accumulate(data.confusion[i].begin(), data.confusion[i].end(), all);
    correct += data.confusion[i][i];
  }
  if (data.class_names.empty()) {
    return {"Task", "regression", "no classes, so that there is no accuracy"};
  }
  if (all == 0) {
    return {"Test accuracy", absent, "no test samples"};
  }
  return {"Test accuracy", fmt::format("{:.2f} %", 100.0 * static_cast<double>(correct) / static_cast<double>(all)),
          fmt::format("{} of {} test samples", correct, all)};
}

/// The lowest of a curve, of the epochs that have a value.
const epoch_record* lowest(const std::vector<epoch_record>& epochs, double epoch_record::*member) {
  const epoch_record* best = nullptr;
  for (const auto& epoch : epochs) {
    if (std::isfinite(epoch.*member) && (best == nullptr || epoch.*member < best->*member)) {
      best = &epoch;
    }
  }
  return best;
}

card loss_card(const report_data& data) {
  if (const auto* best = lowest(data.epochs, &epoch_record::validation_loss)) {
    return {"Validation loss", fmt::format("{:.4f}", best->validation_loss),
            fmt::format("the lowest, after epoch {} of {}", best->epoch, data.epochs.size())};
  }
  if (const auto* best = lowest(data.epochs, &epoch_record::train_loss)) {
    return {"Training loss", fmt::format("{:.4f}", best->train_loss),
            fmt::format("the lowest, in epoch {} of {}; no validation set", best->epoch, data.epochs.size())};
  }
  return {"Loss", absent, "no epochs"};
}

card spikes_card(const report_data& data) {
  if (data.epochs.empty() || !std::isfinite(data.epochs.back().spikes_per_sample)) {
    return {"Spikes per sample", absent, "not recorded"};
  }
  return {"Spikes per sample", fmt::format("{:.1f}", data.epochs.back().spikes_per_sample),
          "of all hidden layers, in the last epoch"};
}

card time_card(const report_data& data) {
  if (data.epochs.empty()) {
    return {"Training time", absent, "no epochs"};
  }
  double seconds = 0;
  for (const auto& epoch : data.epochs) {
    seconds += epoch.seconds;
  }
  const auto epochs = data.epochs.size();
  return {"Training time", duration(seconds),
          fmt::format("{} {}, {:.3g} s each", epochs, epochs == 1 ? "epoch" : "epochs",
                      seconds / static_cast<double>(epochs))};
}

}  // namespace

std::string cards(const report_data& data) {
  return html(accuracy_card(data)) + html(loss_card(data)) + html(spikes_card(data)) + html(time_card(data));
}

}  // namespace backspike::report
