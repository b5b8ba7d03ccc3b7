// Connections in C: event by event, in the order in which the engine adds.

#include "deploy/c_source/c_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike::deploy {
namespace {

class connection_writer {
 public:
  connection_writer(const c_program& c, std::size_t k)
      : c_(c), k_(k), p_(c.net.connections[k]), targets_(c.net.net->populations()[p_.is->target].units) {}

  void write() {
    write_weights();
    if (c_.fixed != nullptr) {
      write_factors();
    }
    if (p_.line > 0) {
      c_.text.buffer(c_.sum_type(k_), name("line"), p_.line * targets_);
      c_.text.declarations += fmt::format("static uint32_t {};\n", name("now"));
      c_.text.ram += 4;
      c_.text.line(comment() + fmt::format("static void depart_k{}(void) {{\n{}}}\n", k_, events(0)));
      c_.text.line(fmt::format("static void add_k{}(void) {{\n{}}}\n", k_, arrive()));
    } else {
      c_.text.line(comment() +
                   fmt::format("static void add_k{}(void) {{\n{}{}}}\n", k_, events(p_.is->base_delay), settle()));
    }
  }

 private:
  const connection& link() const { return *p_.is; }
  std::string name(const std::string& what) const { return fmt::format("k{}_{}", k_, what); }
  bool is_fixed() const { return c_.fixed != nullptr; }

  std::string comment() const {
    return fmt::format("/* {} from {} to {} */\n", link().info->name,
                       identifier(backspike::source_name(*c_.net.net, link())),
                       identifier(c_.net.net->populations()[link().target].spec.name));
  }

  std::size_t row_length() const {
    return p_.form == synapse_form::matrix    ? targets_ * p_.taps
           : p_.form == synapse_form::patches ? link().synapses.patches.channels_out
                                              : p_.taps;
  }

  void write_weights() {
    const index_type of_stored = is_fixed() ? integer_of(fixed().bits + (fixed().zero != 0 ? 1 : 0)) : float_type;
    if (p_.form == synapse_form::list) {
      write_list();
    }
    if (p_.line > 0) {
      write_table(index_below(p_.line + 1), name("arrival"), p_.arrival);
    }
    if (is_uniform()) {
      uniform_ = is_fixed() ? literal(fixed().stored[0]) : literal(p_.weights[0]);
    } else if (is_fixed()) {
      c_.text.table<std::int64_t>(of_stored, name("weight"), fixed().stored, row_length());
    } else {
      c_.text.table<float>(of_stored, name("weight"), p_.weights, row_length());
    }
    if (p_.form == synapse_form::patches) {
      write_patches();
    }
  }

  const fixed_connection& fixed() const { return c_.fixed->connections[k_]; }
  /// A pool has one number for all.
  bool is_uniform() const {
    const auto same = [](const auto& all) {
      return !all.empty() && std::ranges::all_of(all, [&](auto w) { return w == all[0]; });
    };
    return p_.form == synapse_form::list && p_.taps == 1 && (is_fixed() ? same(fixed().stored) : same(p_.weights));
  }

  void write_table(const index_type& type, const std::string& table, const std::vector<std::uint32_t>& values) {
    const std::vector<std::int64_t> wide(values.begin(), values.end());
    c_.text.table<std::int64_t>(type, table, wide);
  }

  void write_list() {
    write_table(index_below(p_.target.size() + 1), name("first"), p_.first);
    write_table(index_below(targets_), name("target"), p_.target);
  }

  void write_axis(const patch_axis& axis, const std::string& of) {
    std::vector<std::uint32_t> target, kernel, count;
    for (const patch_axis::reach& r : axis.of) {
      target.push_back(r.target);
      kernel.push_back(r.kernel);
      count.push_back(r.count);
    }
    const auto most = [](const std::vector<std::uint32_t>& v) {
      return std::uint64_t{*std::ranges::max_element(v)} + 1;
    };
    write_table(index_below(most(target)), name(of + "_target"), target);
    write_table(index_below(most(kernel)), name(of + "_kernel"), kernel);
    write_table(index_below(most(count)), name(of + "_count"), count);
  }

  void write_patches() {
    write_axis(link().synapses.patches.y, "y");
    write_axis(link().synapses.patches.x, "x");
  }

  void write_factors() {
    const auto& factor = fixed().factor;
    if (std::ranges::all_of(factor, [&](std::int64_t f) { return f == factor[0]; })) {
      factor_ = literal(factor[0]);
    } else {
      c_.text.table<std::int64_t>({"int32_t", 4}, name("factor"), factor);
      factor_ = name("factor") + "[t]";
    }
  }

  /// Where a synapse adds to.
  std::string sum(const std::string& target) const {
    return is_fixed() ? "part[" + target + "]" : fmt::format("current{}[{}]", link().receptor, target);
  }
  std::string weight(const std::string& at) const {
    const std::string stored = uniform_.empty() ? name("weight") + "[" + at + "]" : uniform_;
    return is_fixed() && fixed().zero != 0 ? fmt::format("({} - {})", stored, fixed().zero) : stored;
  }
  std::string add(const std::string& to, const std::string& at) const {
    if (!p_.graded) {
      return fmt::format("{} += {};\n", to, weight(at));
    }
    if (is_fixed()) {
      return fmt::format("{} += (int64_t){} * value;\n", to, weight(at));
    }
    return p_.form == synapse_form::matrix && p_.line == 0
               ? fmt::format("{0} = fmaf(value, {1}, {0});\n", to, weight(at))
               : fmt::format("{} += value * {};\n", to, weight(at));
  }

  /// The events of a row of the source, each with its synapses.
  std::string events(std::size_t delay) {
    const std::size_t source = c_.net.source_of(link());
    const std::string from = c_.source_name(source), row = kept_row(c_, source, delay);
    const std::size_t units = c_.net.sources[source].units;
    std::string body = fmt::format("  const uint32_t row = {};\n", row);
    body += fmt::format("  for (uint32_t e = 0; e < {0} && e < {1}_count[row]; ++e) {{\n", units, from);
    body += fmt::format("    const uint32_t id = {}_sent[row * {} + e]", from, units);
    body += link().of_part ? fmt::format(" - {}u;\n    if (id >= {}u) {{\n      continue;\n    }}\n",
                                         link().first_source, link().source_units)
                           : ";\n";
    if (p_.graded) {
      body += fmt::format("    const {} value = {}_value[row * {} + e];\n", c_.number(), from, units);
    }
    return body + synapses() + "  }\n";
  }

  std::string synapses() {
    switch (p_.form) {
      case synapse_form::matrix:
        return p_.line > 0 ? delayed_matrix() : matrix();
      case synapse_form::patches:
        return patches();
      default:
        return list();
    }
  }

  std::string matrix() {
    return fmt::format("    for (uint32_t t = 0; t < {0}; ++t) {{\n      {1}    }}\n", targets_,
                       add(sum("t"), fmt::format("id * {} + t", targets_)));
  }

  std::string taps(const std::string& synapse, const std::string& target, const std::string& indent) {
    const std::string line = fmt::format("{}[({} + {}[{}] + b) % {} * {} + {}]", name("line"), name("now"),
                                         name("arrival"), synapse, p_.line, targets_, target);
    return fmt::format("{0}for (uint32_t b = 0; b < {1}; ++b) {{\n{0}  {2}{0}}}\n", indent, p_.taps,
                       add(line, fmt::format("({}) * {} + b", synapse, p_.taps)));
  }

  std::string delayed_matrix() {
    return fmt::format("    for (uint32_t t = 0; t < {0}; ++t) {{\n{1}    }}\n", targets_,
                       taps(fmt::format("id * {} + t", targets_), "t", "      "));
  }

  std::string list() {
    const std::string at = name("first") + "[id] + s", target = name("target") + "[" + at + "]";
    const std::string inner = p_.line > 0 ? taps(at, target, "      ") : "      " + add(sum(target), at);
    return fmt::format("    for (uint32_t s = 0; s < {0} && s < (uint32_t){1}[id + 1] - {1}[id]; ++s) {{\n{2}    }}\n",
                       std::max<std::size_t>(p_.most_list, 1), name("first"), inner);
  }

  static std::size_t most_count(const patch_axis& axis) {
    std::size_t most = 1;
    for (const patch_axis::reach& r : axis.of) {
      most = std::max<std::size_t>(most, r.count);
    }
    return most;
  }

  std::string axis(const std::string& of, const std::string& place, const patch_axis& a, const std::string& index) {
    return fmt::format(
        "for (int32_t {0} = 0; {0} < {1} && {0} < {2}_count[{3}]; ++{0}) {{\n"
        "  const int32_t {4} = {2}_target[{3}] + {0} * {5};\n"
        "  const int32_t k{4} = {2}_kernel[{3}] + {0} * ({6});\n",
        index, most_count(a), name(of), place, of, a.target_step, a.kernel_step);
  }

  std::string patches() {
    const patch_plan& w = link().synapses.patches;
    const std::size_t of_group = w.channels_in / w.groups, length = w.channels_out / w.groups;
    std::string text = fmt::format(
        "    const uint32_t place = id / {0}, channel = id % {0}, column = channel / {1} * {2}, own = channel % {1};\n"
        "    const uint32_t down = place / {3}, right = place % {3};\n",
        w.channels_in, of_group, length, w.x.of.size());
    text += "    " + axis("y", "down", w.y, "j") + "    " + axis("x", "right", w.x, "i");
    text += fmt::format("      for (uint32_t t = 0; t < {}; ++t) {{\n        {}      }}\n", length,
                        add(sum(fmt::format("((uint32_t)(y * {} + x)) * {} + column + t", w.x.targets, w.channels_out)),
                            fmt::format("((uint32_t)(ky * {} + kx) * {} + own) * {} + column + t", w.x.kernel, of_group,
                                        w.channels_out)));
    return text + "    }\n    }\n";
  }

  /// Fixed point: whole sums of stored weights become a current.
  std::string settle() const {
    if (!is_fixed()) {
      return "";
    }
    return fmt::format(
        "  for (uint32_t t = 0; t < {0}; ++t) {{\n"
        "    current{1}[t] = bs_add(current{1}[t], bs_weigh(part[t], {2}, {3}));\n    part[t] = 0;\n  }}\n",
        targets_, link().receptor, factor_, fixed().shift);
  }

  std::string arrive() const {
    const std::string at = fmt::format("{}[{} * {} + t]", name("line"), name("now"), targets_);
    const std::string to = fmt::format("current{}[t]", link().receptor);
    const std::string sum =
        is_fixed() ? fmt::format("{0} = bs_add({0}, bs_weigh({1}, {2}, {3}));", to, at, factor_, fixed().shift)
                   : to + " += " + at + ";";
    return fmt::format("  for (uint32_t t = 0; t < {}; ++t) {{\n    {}\n    {} = 0;\n  }}\n", targets_, sum, at);
  }

  const c_program& c_;
  std::size_t k_;
  const connection_program& p_;
  std::size_t targets_;
  std::string uniform_, factor_;  // the weight and the grid's step that all synapses have
};

}  // namespace

/// Where no step can bring more than 31 bits hold.
index_type c_program::sum_type(std::size_t k) const {
  if (fixed == nullptr) {
    return float_type;
  }
  const connection_program& c = net.connections[k];
  const double most = std::ldexp(static_cast<double>(c.is->source_units * c.taps), fixed->connections[k].bits);
  return c.graded || most >= 2147483648.0 ? index_type{"int64_t", 8} : index_type{"int32_t", 4};
}

void write_connection(const c_program& c, std::size_t k) { connection_writer(c, k).write(); }

std::string clear_connection(const c_program& c, std::size_t k) {
  const connection_program& p = c.net.connections[k];
  const std::size_t cells = p.line * c.net.net->populations()[p.is->target].units;
  return p.line == 0
             ? ""
             : fmt::format("  for (uint32_t k = 0; k < {0}; ++k) {{\n    k{1}_line[k] = 0;\n  }}\n  k{1}_now = 0;\n",
                           cells, k);
}

std::string advance_connection(const c_program& c, std::size_t k) {
  const std::size_t line = c.net.connections[k].line;
  return line == 0 ? "" : fmt::format("  k{0}_now = (k{0}_now + 1) % {1};\n", k, line);
}

}  // namespace backspike::deploy
