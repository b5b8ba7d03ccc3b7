#pragma once
// What is wrong with a training run, judged from the records of its epochs. Everybody who trains asks here: the command
// line, sweeps, Python and reports. docs/health.md has every threshold with its reason.

#include <backspike/report/report.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backspike {

/// The kinds of warnings; absent_classes is one of the data, and whoever trains says it (experiment/class_weights.hpp).
inline constexpr std::array<std::string_view, 9> health_kinds{
    "dead_neurons",  "saturated_neurons", "far_from_threshold", "vanishing_gradient", "exploding_gradient",
    "large_updates", "collapse",          "dead_outputs",       "absent_classes"};

class health_monitor {
 public:
  /// class_names: of the outputs, empty in a regression; epochs: as many as are planned; readout: the layer that these
  /// outputs are, empty: the last one.
  explicit health_monitor(std::vector<std::string> class_names = {}, std::uint32_t epochs = 0, std::string readout = "")
      : class_names_(std::move(class_names)), readout_(std::move(readout)), epochs_(epochs) {}

  /// What the next epoch, after those before it, gives reason to say for the first time.
  std::vector<health_warning> look(const epoch_record& record);
  /// The same of an epoch that another monitor has judged, perhaps with another number of epochs planned: what the
  /// record says is not said again.
  void recall(const epoch_record& record);

 private:
  void look_at_layer(const epoch_record& r, const layer_health& layer);
  void look_at_error(const epoch_record& r, const layer_health& layer, std::size_t source);
  void look_at_gradient(const epoch_record& r);
  void look_at_updates(const epoch_record& r);
  void look_at_loss(const epoch_record& r);
  void look_at_outputs(const epoch_record& r);
  /// True if the loss is about where it was before the first step, although there was time.
  bool stalled(const epoch_record& r) const;
  const layer_health& readout_of(const epoch_record& r) const;
  void look_at_other_outputs(const epoch_record& r);
  bool is_silent_before_readout(const epoch_record& r) const;
  std::uint32_t patience() const;
  std::string output_names(const std::vector<std::uint32_t>& outputs) const;
  void say(std::string_view kind, const std::string& subject, std::string text);

  std::vector<std::string> class_names_;
  std::string readout_;
  std::uint32_t epochs_, seen_ = 0;
  double start_loss_ = 0.0, best_loss_ = 0.0;
  std::uint32_t best_epoch_ = 0;
  bool was_bad_ = false;                                              // the loss of the epoch before, against its best
  std::vector<std::pair<std::uint32_t, std::uint32_t>> unpredicted_;  // class, epochs in a row up to the last one
  std::set<std::uint32_t> dead_outputs_;                              // that have been named
  std::set<std::pair<std::string, std::string>> said_;                // kind and subject
  std::vector<health_warning> found_;                                 // in the epoch at hand
};

}  // namespace backspike
