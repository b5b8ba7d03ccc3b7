#pragma once
// What an attack does to a network over a sweep of budgets, whether that can be believed, and examples: as JSON, as
// tables, and as a page.

#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/checklist.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// One budget over all samples.
struct attack_point {
  double budget = 0.0;
  double accuracy = 0.0;                      // share of all samples that are told right after the attack
  double success_rate = 0.0;                  // of the samples attacked; NaN: there was none
  double mean_size = 0.0, median_size = 0.0;  // of the changes that succeeded; NaN: none did
  double predicted = 0.0, actual = 0.0;       // mean change of the loss; NaN without gradients
  double queries = 0.0, gradients = 0.0;      // of a sample attacked, mean
  double seconds = 0.0;
};

/// One sample before and after: values [rows][columns], or spikes as (step, channel).
struct attack_example {
  attacked_sample told;
  std::size_t rows = 0, columns = 0;  // spikes: steps, channels
  std::vector<float> before{}, after{};
  std::vector<std::array<std::uint32_t, 2>> spikes_before{}, spikes_after{};
};

struct attack_report {
  std::string name;
  attack_options options;  // the budget: the largest of the sweep
  attack_space space = attack_space::values;
  std::size_t samples = 0;
  double accuracy = 0.0;  // before
  std::vector<std::string> class_names;
  std::vector<attack_point> points{};
  std::vector<attacked_sample> attacked{};  // each sample at the largest budget
  attack_samples changed{};                 // there
  std::vector<attack_example> examples{};   // a few of them that were fooled, else attacked
  std::vector<check_item> checklist{};      // empty: not asked for
};

attack_point point_of(const attack_result& r);

struct attack_plan {
  std::vector<double> budgets{0.1};       // in any order
  bool checklist = false;                 // runs the attack a few times more
  const attack_problem* other = nullptr;  // a network trained apart from this one, for the item `transfer`
};

/// Throws as run_attack does, and value_error without a budget.
attack_report measure_attack(const std::string& name, const attack_problem& problem, const attack_samples& samples,
                             const attack_options& options, const attack_plan& plan,
                             const attack_progress& progress = {});

std::string to_json(const attack_report& r);
std::string to_text(const attack_report& r);
std::string to_html(const attack_report& r);

}  // namespace backspike
