// Populations in C: what a neuron receives, its step, and the spikes or values that it sends.

#include "deploy/c_source/c_network.hpp"
#include "deploy/c_source/fixed_style.hpp"
#include "deploy/c_source/float_style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace backspike::deploy {
namespace {

class population_writer {
 public:
  population_writer(const c_program& c, std::size_t q)
      : c_(c), q_(q), p_(c.net.populations[q]), name_(population_name(p_, q)) {}

  void write() {
    for (std::size_t k = 0; k < p_.is->cell->states.size(); ++k) {
      c_.text.buffer({c_.number(), 4}, state_name(p_, q_, k), p_.is->units);
    }
    std::unique_ptr<number_style> style;
    if (c_.fixed == nullptr) {
      style = std::make_unique<float_style>(p_, name_, c_.text);
    } else {
      style = std::make_unique<fixed_style>(*c_.fixed, q_, name_, c_.text);
    }
    const std::string step = step_statements(p_, q_, *style);
    c_.text.line(fmt::format("/* {}: {}, {} neurons */\nstatic void step_{}(void) {{\n{}{}{}{}}}\n", name_,
                             p_.is->cell->name, p_.is->units, name_, start(), arrivals(), neurons(step), departures()));
  }

 private:
  std::string bias() {
    if (p_.bias.empty()) {
      return c_.zero();
    }
    const bool same = std::ranges::all_of(p_.bias, [&](float b) { return b == p_.bias[0]; });
    if (c_.fixed != nullptr) {
      const auto& fixed = c_.fixed->populations[q_].bias;
      if (!same) {
        c_.text.table<std::int64_t>({"int32_t", 4}, name_ + "_bias", fixed);
      }
      return same ? literal(fixed[0]) : name_ + "_bias[n]";
    }
    if (!same) {
      c_.text.table<float>(float_type, name_ + "_bias", p_.bias);
    }
    return same ? literal(p_.bias[0]) : name_ + "_bias[n]";
  }

  std::string start() {
    std::string text = fmt::format("  for (uint32_t n = 0; n < {}; ++n) {{\n", p_.is->units);
    for (std::size_t r = 0; r < p_.is->inlets(); ++r) {
      text += fmt::format("    current{}[n] = {};\n", r, r == 0 ? bias() : c_.zero());
    }
    return text + "  }\n";
  }

  /// In the order of the engine's sums.
  std::string arrivals() const {
    std::string text;
    for (const std::size_t k : p_.is->inputs) {
      text += fmt::format("  add_k{}();\n", k);
    }
    return text;
  }

  std::string neurons(const std::string& step) const {
    const source_program& source = c_.net.sources[q_];
    const std::string row = kept_row(c_, q_, 0);
    std::string text = fmt::format("  const uint32_t row = {};\n  {}_count[row] = 0;\n", row, name_);
    text += fmt::format("  for (uint32_t n = 0; n < {}; ++n) {{\n{}", p_.is->units, step);
    text += fmt::format("    if (sent {} {}) {{\n", p_.is->cell->spiking ? ">" : "!=", c_.zero());
    const std::string at = fmt::format("[row * {} + {}_count[row]]", p_.is->units, name_);
    text += fmt::format("      {}_sent{} = ({})n;\n", name_, at, index_below(p_.is->units).name);
    if (source.graded) {
      text += fmt::format("      {}_value{} = sent;\n", name_, at);
    }
    return text + fmt::format("      ++{}_count[row];\n    }}\n  }}\n", name_);
  }

  std::string departures() const {
    std::string text;
    for (std::size_t k = 0; k < c_.net.connections.size(); ++k) {
      const connection_program& link = c_.net.connections[k];
      if (link.line > 0 && link.is->source == q_) {
        text += fmt::format("  depart_k{}();\n", k);
      }
    }
    return text;
  }

  const c_program& c_;
  std::size_t q_;
  const population_program& p_;
  std::string name_;
};

}  // namespace

std::string c_program::source_name(std::size_t source) const {
  return source == net.input() ? "input" : population_name(net.populations[source], source);
}

std::string kept_row(const c_program& c, std::size_t source, std::size_t delay) {
  const std::size_t kept = c.net.sources[source].kept;
  return kept == 1    ? "0"
         : delay == 0 ? c.source_name(source) + "_now"
                      : fmt::format("({}_now + {}) % {}", c.source_name(source), kept - delay, kept);
}

void write_source(const c_program& c, std::size_t source) {
  const source_program& s = c.net.sources[source];
  const std::string name = c.source_name(source);
  c.text.buffer(index_below(s.units), name + "_sent", s.kept * s.units);
  if (s.graded) {
    c.text.buffer({c.number(), 4}, name + "_value", s.kept * s.units);
  }
  c.text.buffer({"uint32_t", 4}, name + "_count", s.kept);
  if (s.kept > 1) {
    c.text.declarations += fmt::format("static uint32_t {}_now;\n", name);
    c.text.ram += 4;
  }
}

void write_population(const c_program& c, std::size_t q) { population_writer(c, q).write(); }

}  // namespace backspike::deploy
