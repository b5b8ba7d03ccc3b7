// network.h and network.c: declarations, tables, the functions of all parts, and the step that calls them.

#include "deploy/c_source/c_files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace backspike::deploy {
namespace {

std::string fixed_comment(const c_program& c) {
  if (c.fixed == nullptr) {
    return "Single precision.";
  }
  const fixed_point_spec& s = c.fixed->spec;
  return fmt::format("Fixed point: states of {} bits with {} behind the point, weights of {} bits, factors of {} bits.",
                     s.state_bits, s.state_fraction, s.weight_bits, s.factor_bits);
}

std::string step_arguments(const c_program& c) {
  std::string text = "const uint32_t channels[BACKSPIKE_INPUTS], ";
  if (c.net.graded_input) {
    text += fmt::format("const {} values[BACKSPIKE_INPUTS], ", c.number());
  }
  return text + fmt::format("uint32_t count, {} output[BACKSPIKE_OUTPUTS]", c.number());
}

/// A function that nothing calls would be a warning.
std::string if_called(const c_program& c, const std::string& name, const std::string& function) {
  return c.text.code.find(name + "(") == std::string::npos ? "" : function;
}

/// Operations of fixed point (src/deploy/fixed/fixed_numbers.hpp).
std::string fixed_functions(const c_program& c) {
  const std::int64_t most = (std::int64_t{1} << (c.fixed->spec.state_bits - 1)) - 1;
  return "/* Whole numbers with a fixed point: what no longer fits stays at the end of the range. */\n"
         "typedef char bs_shifts_keep_the_sign[(-2 >> 1) == -1 ? 1 : -1];\n"
         "static int32_t bs_limit(int64_t x) {\n"
         "  return x > 2147483647 ? 2147483647 : x < -2147483647 - 1 ? -2147483647 - 1 : (int32_t)x;\n}\n"
         "static int32_t bs_add(int32_t a, int32_t b) {\n  return bs_limit((int64_t)a + b);\n}\n"
         "static int32_t bs_rounded(int64_t product, int shift) {\n"
         "  return bs_limit(shift > 0 ? (product + ((int64_t)1 << (shift - 1))) >> shift : product);\n}\n"
         "static int32_t bs_weigh(int64_t sum, int32_t factor, int shift) {\n"
         "  const int64_t most = (int64_t)1 << 38;\n"
         "  return bs_rounded((sum > most ? most : sum < -most ? -most : sum) * factor, shift);\n}\n" +
         if_called(c, "bs_subtract",
                   "static int32_t bs_subtract(int32_t a, int32_t b) {\n  return bs_limit((int64_t)a - b);\n}\n") +
         if_called(c, "bs_scale",
                   "static int32_t bs_scale(int32_t x, int32_t factor, int shift) {\n"
                   "  return bs_rounded((int64_t)x * factor, shift);\n}\n") +
         if_called(c, "bs_keep",
                   fmt::format("static int32_t bs_keep(int32_t x) {{\n"
                               "  return x > {0} ? {0} : x < -{0} - 1 ? -{0} - 1 : x;\n}}\n",
                               most)) +
         "\n";
}

std::string clear(const std::string& array, std::size_t count) {
  return fmt::format("  for (uint32_t k = 0; k < {}; ++k) {{\n    {}[k] = 0;\n  }}\n", count, array);
}

std::string reset_function(const c_program& c) {
  std::string text = "void backspike_reset(void) {\n";
  for (std::size_t q = 0; q < c.net.populations.size(); ++q) {
    const population_program& p = c.net.populations[q];
    for (std::size_t k = 0; k < p.is->cell->states.size(); ++k) {
      text += clear(state_name(p, q, k), p.is->units);
    }
  }
  for (std::size_t s = 0; s < c.net.sources.size(); ++s) {
    text += clear(c.source_name(s) + "_count", c.net.sources[s].kept);
    text += c.net.sources[s].kept > 1 ? fmt::format("  {}_now = 0;\n", c.source_name(s)) : "";
  }
  for (std::size_t k = 0; k < c.net.connections.size(); ++k) {
    text += clear_connection(c, k);
  }
  return text + "}\n\n";
}

std::string receive(const c_program& c) {
  std::string text = fmt::format("  const uint32_t row = {};\n", kept_row(c, c.net.input(), 0));
  text += "  input_count[row] = count < BACKSPIKE_INPUTS ? count : BACKSPIKE_INPUTS;\n";
  text += "  for (uint32_t e = 0; e < BACKSPIKE_INPUTS && e < count; ++e) {\n";
  const std::string at = fmt::format("[row * {} + e]", c.net.sources.back().units);
  text += fmt::format("    input_sent{} = ({})channels[e];\n", at, index_below(c.net.sources.back().units).name);
  text += c.net.graded_input ? fmt::format("    input_value{} = values[e];\n", at) : "";
  return text + "  }\n";
}

std::string outputs(const c_program& c) {
  std::string text;
  for (const network_output& o : c.net.net->output_list()) {
    const population_program& p = c.net.populations[o.population];
    const std::string name = population_name(p, o.population);
    if (o.membrane) {
      text += fmt::format("  for (uint32_t n = 0; n < {}; ++n) {{\n    output[{} + n] = {}[n];\n  }}\n", o.units,
                          o.first, state_name(p, o.population, p.is->cell->membrane()));
      continue;
    }
    text += fmt::format("  for (uint32_t n = 0; n < {}; ++n) {{\n    output[{} + n] = 0;\n  }}\n", o.units, o.first);
    const std::string row = kept_row(c, o.population, 0);
    text += fmt::format(
        "  for (uint32_t e = 0; e < {0} && e < {1}_count[{2}]; ++e) {{\n"
        "    output[{3} + {1}_sent[{4} + e]] = {5};\n  }}\n",
        o.units, name, row, o.first, row == "0" ? "0" : fmt::format("{} * {}", row, o.units),
        p.is->cell->spiking
            ? (c.fixed == nullptr ? std::string("1.0f")
                                  : std::to_string(std::int64_t{1} << c.fixed->spec.state_fraction))
            : fmt::format("{}_value[{} + e]", name, row == "0" ? "0" : fmt::format("{} * {}", row, o.units)));
  }
  return text;
}

std::string step_function(const c_program& c) {
  std::string text = fmt::format("void backspike_step({}) {{\n{}", step_arguments(c), receive(c));
  for (std::size_t k = 0; k < c.net.connections.size(); ++k) {
    const connection_program& link = c.net.connections[k];
    text += link.line > 0 && link.is->comes_from_input() ? fmt::format("  depart_k{}();\n", k) : "";
  }
  for (const std::size_t q : c.net.net->order()) {
    text += fmt::format("  step_{}();\n", population_name(c.net.populations[q], q));
  }
  text += outputs(c);
  for (std::size_t s = 0; s < c.net.sources.size(); ++s) {
    const std::size_t kept = c.net.sources[s].kept;
    text += kept > 1 ? fmt::format("  {0}_now = ({0}_now + 1) % {1};\n", c.source_name(s), kept) : "";
  }
  for (std::size_t k = 0; k < c.net.connections.size(); ++k) {
    text += advance_connection(c, k);
  }
  return text + "}\n";
}

/// Currents of one population at a time, and, in fixed point, the sums of one connection.
void write_working_memory(const c_program& c) {
  std::size_t widest = 0, inlets = 0, bytes = 4;
  for (const population_program& p : c.net.populations) {
    widest = std::max(widest, p.is->units);
    inlets = std::max(inlets, p.is->inlets());
  }
  for (std::size_t r = 0; r < inlets; ++r) {
    c.text.buffer({c.number(), 4}, fmt::format("current{}", r), widest);
  }
  bool sums = false;
  for (std::size_t k = 0; k < c.net.connections.size() && c.fixed != nullptr; ++k) {
    sums = sums || c.net.connections[k].line == 0;
    bytes = std::max(bytes, c.sum_type(k).bytes);
  }
  if (sums) {
    c.text.buffer({bytes == 8 ? "int64_t" : "int32_t", bytes}, "part", widest);
  }
}

std::string stored(const c_program& c, std::size_t k, std::size_t at) {
  return c.fixed == nullptr ? "\n" : fmt::format(" stored {}\n", c.fixed->connections[k].stored[at]);
}

/// Of a convolution, whose places share their weights.
std::string kernel_table(const c_program& c, std::size_t k) {
  const connection_program& p = c.net.connections[k];
  const patch_plan& w = p.is->synapses.patches;
  const std::size_t of_group = w.channels_in / w.groups;
  std::string text = "row and column of the kernel, channel of the source's group, channel of the target\n";
  for (std::size_t at = 0; at < p.weights.size(); ++at) {
    const std::size_t row = at / w.channels_out, place = row / of_group;
    text += fmt::format("{} {} {} {} {:.9g}", place / w.x.kernel, place % w.x.kernel, row % of_group,
                        at % w.channels_out, p.weights[at]);
    text += stored(c, k, at);
  }
  return text;
}

std::string synapse_table_text(const c_program& c, std::size_t k) {
  const connection_program& p = c.net.connections[k];
  const std::size_t targets = c.net.net->populations()[p.is->target].units;
  std::string text;
  std::size_t e = 0;
  each_synapse(*p.is, [&](std::uint32_t source, const synapse& s) {
    const std::size_t at = p.form == synapse_form::matrix ? source * targets + s.target : e++;
    for (std::size_t t = 0; t < p.taps; ++t) {
      text += fmt::format("{} {} {:.9g}", source, s.target, p.weights[at * p.taps + t]);
      text += p.line > 0 ? fmt::format(" after {} steps", p.arrival[at] + t) : "";
      text += stored(c, k, at * p.taps + t);
    }
  });
  return text;
}

}  // namespace

std::string header_text(const c_program& c, const c_export_options& options) {
  std::string text = fmt::format(
      "/* {}, written by backspike export. {}\n"
      "   backspike_reset() before a sample, then backspike_step() for each step of time: the channels that spike, "
      "each\n"
      "   below BACKSPIKE_INPUTS, ascending and once{}; output gets what the outputs say, spikes as {}. */\n",
      identifier(options.title), fixed_comment(c), c.net.graded_input ? ", their values" : "",
      c.fixed == nullptr ? "1" : "BACKSPIKE_ONE");
  text += "#ifndef BACKSPIKE_NETWORK_H\n#define BACKSPIKE_NETWORK_H\n\n#include <stdint.h>\n\n";
  text += fmt::format("#define BACKSPIKE_INPUTS {}\n#define BACKSPIKE_OUTPUTS {}\n", c.net.net->spec().inputs,
                      c.net.net->outputs());
  if (c.fixed != nullptr) {
    text += fmt::format("#define BACKSPIKE_ONE {} /* what stands for 1 */\n",
                        std::int64_t{1} << c.fixed->spec.state_fraction);
  }
  return text + fmt::format("\nvoid backspike_reset(void);\nvoid backspike_step({});\n\n#endif\n", step_arguments(c));
}

std::string source_text(const c_program& c, const c_export_options& options) {
  for (std::size_t s = 0; s < c.net.sources.size(); ++s) {
    write_source(c, s);
  }
  write_working_memory(c);
  for (std::size_t k = 0; k < c.net.connections.size(); ++k) {
    write_connection(c, k);
  }
  for (std::size_t q = 0; q < c.net.populations.size(); ++q) {
    write_population(c, q);
  }
  std::string text = fmt::format("/* {}, written by backspike export. {} */\n#include \"network.h\"\n",
                                 identifier(options.title), fixed_comment(c));
  if (c.fixed == nullptr) {
    text +=
        "\n#include <float.h>\n#include <math.h>\n\n"
        "/* The same bits as in training: every operation rounds on its own. */\n"
        "#if FLT_EVAL_METHOD != 0\n#error \"floats must not be computed wider than they are: -msse2 -mfpmath=sse\"\n"
        "#endif\n#if defined(__clang__)\n#pragma STDC FP_CONTRACT OFF\n#endif\n";
  }
  text += "\n" + c.text.declarations + "\n" + (c.fixed == nullptr ? "" : fixed_functions(c));
  return text + c.text.code + reset_function(c) + step_function(c);
}

std::string weight_tables(const c_program& c) {
  std::string text;
  for (std::size_t k = 0; k < c.net.connections.size(); ++k) {
    const connection_program& p = c.net.connections[k];
    const connection& link = *p.is;
    text += fmt::format("k{}: {} from {} to {}\n", k, link.info->name, identifier(source_name(*c.net.net, link)),
                        identifier(c.net.net->populations()[link.target].spec.name));
    if (c.fixed != nullptr) {
      const fixed_connection& f = c.fixed->connections[k];
      text += fmt::format("weight = (stored - {}) * factor / 2^{}, in units of 1/{}; factor of each target: {}\n",
                          f.zero, f.shift - (p.graded ? c.fixed->spec.state_fraction : 0),
                          std::int64_t{1} << c.fixed->spec.state_fraction, fmt::join(f.factor, " "));
    }
    text += p.form == synapse_form::patches ? kernel_table(c, k) : synapse_table_text(c, k);
  }
  return text;
}

}  // namespace backspike::deploy
