// From a trained network to files of C, and to the recorded input beside them.

#include <backspike/deploy/export_c.hpp>

#include "deploy/c_source/c_files.hpp"

#include <fmt/format.h>

namespace backspike {

c_export export_c(const network& net, const arena<float>& parameters, const c_export_options& options) {
  const deploy::network_program program = deploy::program_of(net, parameters, options.graded_input);
  deploy::fixed_program fixed;
  if (options.fixed_point) {
    fixed = deploy::fixed_program_of(program, *options.fixed_point);
  }
  deploy::c_text text;
  const deploy::c_program c{program, options.fixed_point ? &fixed : nullptr, text};
  c_export made;
  made.source = deploy::source_text(c, options);
  made.header = deploy::header_text(c, options);
  made.main = deploy::main_text(c);
  made.weights = deploy::weight_tables(c);
  made.flash = text.flash;
  made.ram = text.ram;
  return made;
}

std::string recorded_input(const dataset& data, std::span<const std::uint32_t> samples) {
  std::string text;
  for (const std::uint32_t s : samples) {
    text += "reset\n";
    for (std::uint64_t r = data.inputs.sample_rows[s]; r < data.inputs.sample_rows[s + 1]; ++r) {
      const event_row row = data.inputs.spikes.row(r);
      for (std::size_t e = 0; e < row.channels.size(); ++e) {
        text += fmt::format("{}{}", e == 0 ? "" : " ", row.channels[e]);
        text += row.values.empty() ? "" : fmt::format(":{:.9g}", row.values[e]);
      }
      text += "\n";
    }
  }
  return text;
}

namespace {

std::string printed(const network& net, const network_output& o, std::span<const double> values, bool fixed) {
  std::string text;
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (gives_spikes(net, o)) {
      text += values[n] != 0.0 ? fmt::format("{}{}", text.empty() ? "" : " ", n) : "";
    } else {
      text += text.empty() ? "" : " ";
      text += fixed ? fmt::format("{:.10g}", values[n]) : fmt::format("{:.9g}", static_cast<float>(values[n]) + 0.0f);
    }
  }
  return text;
}

}  // namespace

std::string expected_output(const network& net, const dataset& data, std::span<const std::uint32_t> samples,
                            std::span<const double> traces, bool fixed_point) {
  std::string text;
  std::size_t row = 0;
  for (const std::uint32_t s : samples) {
    text += "reset\n";
    for (std::size_t t = 0; t < data.inputs.length(s); ++t, ++row) {
      for (const network_output& o : net.output_list()) {
        const auto values = traces.subspan(row * net.outputs() + o.first, o.units);
        text += (o.first == 0 ? "" : " | ") + printed(net, o, values, fixed_point);
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace backspike
