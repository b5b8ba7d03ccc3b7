// Runs an attack beside weaker and longer ones, and says what that shows.

#include "robustness/attack/checklist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace backspike {
namespace {

constexpr double slack = 0.02;        // of the success: what an equal attack may differ by
constexpr double most_gained = 0.03;  // by twice the steps
constexpr double all_of_them = 0.9999;

std::string percent(double share) { return fmt::format("{:.1f} %", 100.0 * share); }

/// Large enough that every change is within it.
double no_budget(const attack_samples& samples, const attack_report& report) {
  const auto rows = static_cast<double>(samples.data.longest());
  const double inputs = rows * samples.data.channels;
  if (report.space == attack_space::spikes) {
    return inputs;
  }
  if (!samples.values) {
    return 1000.0 * report.options.budget;
  }
  const auto values = static_cast<double>(samples.values->width());
  return report.options.norm == attack_norm::linf ? 1.0
         : report.options.norm == attack_norm::l2 ? std::sqrt(values)
                                                  : values;
}

class checking {
 public:
  checking(const attack_report& report, const attack_problem& problem, const attack_samples& samples,
           const attack_problem* other, const std::function<void()>& one_more)
      : report_(report), problem_(problem), samples_(samples), other_(other), one_more_(one_more) {
    compared_ = *std::ranges::min_element(report.points, {},
                                          [](const attack_point& p) { return std::abs(p.success_rate - 0.5); });
  }

  std::vector<check_item> run() {
    if (std::isnan(compared_.success_rate)) {
      return {
          {"monotone", "success grows with the budget", check_state::left_out, "no sample was told right before", ""}};
    }
    return {monotone(), unbounded(), iterated(), plateau(), transfer(), random(), without_gradient()};
  }

 private:
  double success(const attack_options& o) {
    const double rate = run_attack(problem_, samples_, o).success_rate();
    one_more_();
    return rate;
  }

  attack_options as_compared() const {
    attack_options o = report_.options;
    o.budget = compared_.budget;
    return o;
  }

  const attack_info* of_role(attack_role role) const {
    const auto list = attack_list();
    const auto found = std::ranges::find_if(list, [&](const attack_info& a) {
      return a.role == role && a.space == report_.space && a.name != report_.options.attack;
    });
    return found == list.end() ? nullptr : &*found;
  }

  static check_item judged(std::string item, std::string claim, bool holds, std::string seen, std::string cause) {
    return {std::move(item), std::move(claim), holds ? check_state::passed : check_state::failed, std::move(seen),
            holds ? "" : std::move(cause)};
  }
  static check_item left_out(std::string item, std::string claim, std::string why) {
    return {std::move(item), std::move(claim), check_state::left_out, std::move(why), ""};
  }

  check_item monotone() {
    std::string seen;
    bool holds = true;
    double before = 0.0;
    for (const attack_point& p : report_.points) {
      holds = holds && p.success_rate >= before - slack;
      before = std::max(before, p.success_rate);
      seen += fmt::format("{}{} at {:g}", seen.empty() ? "" : ", ", percent(p.success_rate), p.budget);
    }
    const char* claim = "success grows with the budget";
    return report_.points.size() < 2 ? left_out("monotone", claim, "one budget only: give several")
                                     : judged("monotone", claim, holds, seen,
                                              "the attack is stuck: its steps do not suit the larger budgets");
  }

  check_item unbounded() {
    attack_options o = report_.options;
    o.budget = no_budget(samples_, report_);
    const double rate = success(o);
    return judged("unbounded", "without a bound every sample is told wrong", rate >= all_of_them, percent(rate),
                  "gradients vanish or point nowhere: try a wider surrogate (width, encoder_width), more steps or an "
                  "attack without gradients");
  }

  check_item iterated() {
    const char* claim = "many steps are no worse than one";
    const attack_info* one = of_role(attack_role::one_step);
    if (attack_named(report_.options.attack).role != attack_role::iterated || one == nullptr) {
      return left_out("iterated", claim, "the attack is not an iterated one with a gradient");
    }
    attack_options o = as_compared();
    o.attack = one->name;
    const double rate = success(o);
    return judged("iterated", claim, compared_.success_rate >= rate - slack, beside(one->name, rate),
                  "the gradient changes from step to step without sense (masking): try a wider surrogate or smaller "
                  "steps");
  }

  check_item plateau() {
    attack_options o = as_compared();
    o.steps *= 2;
    o.queries *= 2;
    const double rate = success(o);
    return judged("plateau", "twice the steps gain little", rate <= compared_.success_rate + most_gained,
                  fmt::format("{} with twice the steps, {} as asked, at {:g}", percent(rate),
                              percent(compared_.success_rate), compared_.budget),
                  "the attack has not ended: more steps or restarts");
  }

  /// Found on the other network, held against this one.
  check_item transfer() {
    const char* claim = "what another network gives away is no stronger";
    if (other_ == nullptr) {
      return left_out("transfer", claim, "no other network was given");
    }
    attack_options further = as_compared(), none = further;
    further.stops = false;  // what just fools the other network fools no third one
    const attack_result there = run_attack(*other_, samples_, further);
    none.budget = 0.0;
    const attack_result before = run_attack(problem_, samples_, none),
                        after = run_attack(problem_, there.changed, none);
    one_more_();
    double right = 0.0, fooled = 0.0;
    for (std::size_t s = 0; s < before.samples.size(); ++s) {
      right += before.samples[s].right ? 1.0 : 0.0;
      fooled += before.samples[s].right && !after.samples[s].right ? 1.0 : 0.0;
    }
    const double rate = right > 0.0 ? fooled / right : 0.0;
    return judged("transfer", claim, compared_.success_rate >= rate - slack, beside("transfer", rate),
                  "this network hides its gradients: the attack through another network sees more");
  }

  check_item random() {
    const char* claim = "chance is weaker";
    const attack_info* chance = of_role(attack_role::random);
    if (chance == nullptr) {
      return left_out("random", claim, "there is no attack by chance beside it");
    }
    attack_options o = as_compared();
    o.attack = chance->name;
    o.restarts = std::max(o.restarts, 10u);
    const double rate = success(o);
    return judged("random", claim, compared_.success_rate >= rate - slack, beside(chance->name, rate),
                  "the attack is no better than noise: its gradient says nothing here");
  }

  check_item without_gradient() {
    const char* claim = "an attack without gradients is no stronger";
    const attack_info* blind = of_role(attack_role::without_gradient);
    if (blind == nullptr) {
      return left_out("without_gradient", claim, "there is none beside it");
    }
    attack_options o = as_compared();
    o.attack = blind->name;
    const double rate = success(o);
    return judged("without_gradient", claim, compared_.success_rate >= rate - slack, beside(blind->name, rate),
                  "gradients are masked: believe the attack without them");
  }

  std::string beside(std::string_view other, double rate) const {
    return fmt::format("{} {}, {} {}, at {:g}", report_.options.attack, percent(compared_.success_rate), other,
                       percent(rate), compared_.budget);
  }

  const attack_report& report_;
  const attack_problem& problem_;
  const attack_samples& samples_;
  const attack_problem* other_;
  const std::function<void()>& one_more_;
  attack_point compared_;  // whose success is the nearest to a half: there attacks can differ
};

}  // namespace

bool is_reliable(const std::vector<check_item>& list) {
  return std::ranges::none_of(list, [](const check_item& i) { return i.state == check_state::failed; });
}

std::vector<check_item> check_attack_results(const attack_report& report, const attack_problem& problem,
                                             const attack_samples& samples, const attack_problem* other,
                                             const std::function<void()>& one_more) {
  return checking(report, problem, samples, other, one_more).run();
}

}  // namespace backspike
