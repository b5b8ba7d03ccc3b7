// Works out the shapes of layers, from their sources on: a convolution or a pool knows what it leads to.

#include "network/shapes.hpp"

#include <backspike/connection/connection_info.hpp>
#include <backspike/core/error.hpp>

#include "network/connection_check.hpp"
#include "network/pools/max_pool.hpp"

#include <algorithm>
#include <limits>

namespace backspike {
namespace {

constexpr std::uint64_t most_neurons = std::numeric_limits<std::int32_t>::max();

/// Of a layer or the input: the size that its shape has, checked against one that was given.
std::uint32_t size_of_shape(const grid_shape& s, std::uint32_t size, const std::string& where) {
  const std::uint64_t neurons = neurons_of(s);
  if (s.size() > 3 || neurons == 0 || neurons > most_neurons) {
    throw value_error("network", where, text_of(s),
                      "[channels], [channels, length] or [channels, height, width], 1 to " +
                          std::to_string(most_neurons) + " neurons");
  }
  if (size != 0 && size != neurons) {
    throw value_error("network", where, text_of(s), "a shape of its " + std::to_string(size) + " neurons");
  }
  return static_cast<std::uint32_t>(neurons);
}

class shape_finder {
 public:
  explicit shape_finder(network_spec& spec) : spec_(spec) {}

  void run() {
    if (!spec_.input_shape.empty()) {
      spec_.inputs = size_of_shape(spec_.input_shape, spec_.inputs, "input_shape");
    }
    for (layer_spec& layer : spec_.layers) {
      if (!layer.shape.empty()) {
        layer.size = size_of_shape(layer.shape, layer.size, layer.name + ".shape");
      }
    }
    bool found = true;
    while (found) {  // each round knows more sources; a loop stops where nothing new is known
      found = false;
      for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
        found = spec_.layers[i].shape.empty() && find(i) ? true : found;
      }
    }
  }

 private:
  struct node {
    std::uint32_t size;
    const grid_shape* shape;
  };

  node source(const std::string& name) const {
    const auto part = std::ranges::find(spec_.parts, name, &input_part::name);
    if (part != spec_.parts.end()) {
      return {part->size, &none_};
    }
    const auto at = std::ranges::find(spec_.layers, name, &layer_spec::name);
    return at != spec_.layers.end() ? node{at->size, &at->shape} : node{spec_.inputs, &spec_.input_shape};
  }

  bool find(std::size_t i) {
    const layer_spec& layer = spec_.layers[i];
    connection_spec own;
    own.kind = layer.kind;
    own.settings = layer.settings;
    const std::string where = own_settings_name(layer);
    if (!layer.from) {
      if (find(i, own, i == 0 ? node{spec_.inputs, &spec_.input_shape} : source(spec_.layers[i - 1].name), where)) {
        return true;
      }
    }
    for (const std::string& from : layer.from.value_or(std::vector<std::string>{})) {
      if (find(i, own, source(from), where)) {
        return true;
      }
    }
    for (std::size_t k = 0; k < spec_.connections.size(); ++k) {
      const connection_spec& c = spec_.connections[k];
      if (c.to == layer.name && find(i, c, source(c.from), "connection." + std::to_string(k) + ".")) {
        return true;
      }
    }
    return false;
  }

  bool find(std::size_t i, const connection_spec& c, const node& from, const std::string& where) {
    layer_spec& layer = spec_.layers[i];
    const connection_info& info = find_connection(c.kind);
    if (!(layer.size == 0 ? info.finds_targets : info.has_patches) || from.size == 0) {
      return false;
    }
    const bool loop = from.shape == &layer.shape;
    grid_shape s = found_shape(info, c, {from.size, layer.size, loop, *from.shape, {}}, where);
    if (s.size() > 1) {
      layer.shape = s;
    }
    const bool sized = layer.size != 0;
    layer.size = size_of_shape(s, layer.size, where + "kind");
    return !sized || !layer.shape.empty();
  }

  network_spec& spec_;
  grid_shape none_;
};

}  // namespace

std::string own_settings_name(const layer_spec& layer) {
  return layer.name + "." + (layer.kind == connection_spec{}.kind ? "" : layer.kind + ".");
}

void work_out_shapes(network_spec& spec) {
  refuse_pool_connections(spec);
  shape_finder(spec).run();
}

}  // namespace backspike
