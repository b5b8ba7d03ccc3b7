// What is drawn of a network: boxes in columns, and what stands beside the arrows.

#include <backspike/report/graph_picture.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace backspike {
namespace {

std::string steps_text(std::size_t steps) { return fmt::format("{} step{}", steps, steps == 1 ? "" : "s"); }

/// The input is the first box.
std::size_t box_of(std::size_t population) { return population == network_input ? 0 : population + 1; }

/// ", to inhibitory", where the target has several receptors.
std::string receptor_text(const network& net, const connection& c) {
  const auto receptors = net.populations()[c.target].cell->receptors;
  return receptors.empty() ? "" : fmt::format(", to {}", receptors[c.receptor].name);
}

std::string label_of(const network& net, const connection& c) {
  std::string text(c.info->name);
  text += c.of_part ? " of " + source_name(net, c) : "";
  text += receptor_text(net, c);
  text += c.sign == weight_sign::any ? "" : fmt::format(", {}", name_of(c.sign));
  text += c.base_delay > 0 ? ", " + steps_text(c.base_delay) : "";
  return text + (c.has_delays() ? fmt::format(", delays to {}", c.late.max) : "");
}

/// ", [16, 28, 28]", or nothing where there are no places.
std::string shape_text(const grid_shape& s) { return s.size() < 2 ? "" : ", " + text_of(s); }

/// Whoever stands earlier in the order of a step is further to the left; what leads back in it closes a loop.
void set_columns(const network& net, graph_picture& picture) {
  std::vector<std::size_t> rank(picture.populations.size(), 0);
  for (std::size_t k = 0; k < net.order().size(); ++k) {
    rank[box_of(net.order()[k])] = k + 1;
  }
  for (const std::size_t p : net.order()) {
    for (const pictured_connection& c : picture.connections) {
      if (c.to == box_of(p) && rank[c.from] < rank[c.to]) {
        std::size_t& column = picture.populations[c.to].column;
        column = std::max(column, picture.populations[c.from].column + 1);
      }
    }
  }
}

}  // namespace

std::string connection_text(const network& net, const connection& c) {
  const std::size_t targets = net.populations()[c.target].units;
  auto text = fmt::format("{} [{}, {}]", c.info->name, c.source_units, targets);
  if (!c.is_matrix()) {
    const std::size_t count = synapse_count(c);
    text += fmt::format(", {} synapses ({:.3g} a neuron)", count,
                        static_cast<double>(count) / static_cast<double>(targets));
    text += c.info->shares_weights ? fmt::format(" of {} weights", net.parameters()[c.weight].size()) : "";
  }
  text += receptor_text(net, c);
  text += c.sign == weight_sign::any ? "" : fmt::format(", {}", name_of(c.sign));
  text += c.base_delay > 0 ? ", after " + steps_text(c.base_delay) : "";
  text += c.has_delays() ? ", delays to " + steps_text(c.late.max) : "";
  return text + (net.parameters()[c.weight].learnable ? "" : ", not learned");
}

graph_picture picture_of(const network& net) {
  graph_picture picture;
  const std::size_t inputs = net.spec().inputs;
  picture.populations.push_back(
      {input_name, fmt::format("{} channel{}{}", inputs, inputs == 1 ? "" : "s", shape_text(net.spec().input_shape))});
  for (const population& p : net.populations()) {
    picture.populations.push_back(
        {p.spec.name, fmt::format("{} \u00d7 {}{}", p.units, p.cell->name, shape_text(p.spec.shape))});
  }
  for (const connection& c : net.connections()) {
    picture.connections.push_back({box_of(c.source), box_of(c.target), std::string(c.info->name), label_of(net, c),
                                   connection_text(net, c), c.sign});
  }
  set_columns(net, picture);
  return picture;
}

}  // namespace backspike
