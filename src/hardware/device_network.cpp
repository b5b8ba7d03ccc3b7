// Draws devices. A device's number is factor * wanted + offset, so that its gradient goes back through the factor.

#include <backspike/hardware/device_network.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/core/random.hpp>

#include "hardware/deviations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

namespace backspike {
namespace {

constexpr const char* threshold = "v_th";

/// The first that matches, or null. How wide a kernel of delays is concerns training, not a chip.
const parameter_mismatch* mismatch_of(const device_spec& spec, const std::string& name) {
  if (name.ends_with(".delay_width")) {
    return nullptr;
  }
  const auto found =
      std::ranges::find_if(spec.mismatch, [&](const parameter_mismatch& m) { return fits_pattern(m.match, name); });
  return found == spec.mismatch.end() ? nullptr : &*found;
}

bool has_threshold(const cell_info& cell) {
  return std::ranges::any_of(cell.parameters, [](const field& f) { return f.name == threshold; });
}

/// Weights that are a number of the kind and not of the network: those of pools.
std::set<std::size_t> fixed_weights(const network& net) {
  std::set<std::size_t> fixed;
  for (const connection& c : net.connections()) {
    if (c.info->fixed) {
      fixed.insert(c.weight);
    }
  }
  return fixed;
}

void check_share(const char* key, double value) {
  if (!(value >= 0.0 && value <= 1.0)) {
    throw value_error("hardware", key, fmt::format("{:g}", value), "0 to 1");
  }
}

/// Which streams of a device are taken: below the parameters, which have one each.
enum part : std::uint32_t { dead_stream = 0, silent_stream = 1, first_parameter = 2 };

random_stream stream_of(std::uint64_t seed, std::uint64_t device, part of) {
  return {seed, random_purpose::device, (device << 16U) + of};
}

random_key key_of(std::uint64_t seed, std::uint64_t device, std::size_t parameter) {
  return {seed, random_purpose::device, static_cast<std::uint32_t>(device >> 32U), static_cast<std::uint32_t>(device),
          static_cast<std::uint32_t>(first_parameter + parameter)};
}

template <class F>
void each_number(const matrix_view<float>& view, const F& f) {
  for (std::size_t r = 0; r < view.rows; ++r) {
    for (std::size_t c = 0; c < view.cols; ++c) {
      f(r, c);
    }
  }
}

/// A relative mismatch that three deviations take to the other sign is no smaller device of the same kind.
void check_sigma(const parameter_mismatch& m, const parameter_info& p) {
  if (!(m.sigma > 0.0) || !std::isfinite(m.sigma)) {
    throw value_error("hardware", "sigma of " + m.match, fmt::format("{:g}", m.sigma), "a finite number above 0");
  }
  const double reach = (m.distribution == mismatch_distribution::uniform ? std::numbers::sqrt3 : most_deviations);
  if (m.relative && m.distribution != mismatch_distribution::lognormal && p.low >= 0.0 && reach * m.sigma >= 1.0) {
    throw value_error("hardware", "sigma of " + m.match, fmt::format("{:g}", m.sigma),
                      fmt::format("below {:.3g} for {}, which would be negative on some devices; or distribution = "
                                  "lognormal",
                                  1.0 / reach, p.name));
  }
}

}  // namespace

network_spec with_own_constants(const network& wanted, const device_spec& spec, gradients_of of) {
  network_spec own = wanted.spec();
  for (layer_spec& layer : own.layers) {
    const auto named = [&](const population& p) { return p.spec.name == layer.name; };
    const population& p = *std::ranges::find_if(wanted.populations(), named);  // a network has all of its layers
    for (const field& f : p.cell->parameters) {
      const std::string name(f.name);
      if (mismatch_of(spec, p.spec.name + "." + name) != nullptr ||
          (f.name == threshold && spec.silent_neurons > 0.0)) {
        cell_parameter_spec& parameter = layer.parameters[name] = p.spec.parameters.at(name);
        parameter.per = parameter_sharing::neuron;
        parameter.distribution = parameter_distribution::constant;  // where it starts is what the wanted one has
        parameter.values.clear();
        parameter.learn = parameter.learn || of == gradients_of::mismatched;
      }
    }
    if (layer.bias && mismatch_of(spec, p.spec.name + ".bias") != nullptr) {
      layer.bias_per = parameter_sharing::neuron;
    }
  }
  return own;
}

device_network::device_network(const network& wanted, const device_spec& spec, gradients_of of)
    : wanted_(wanted),
      spec_(spec),
      net_(with_own_constants(wanted, spec, of)),
      columns_(net_.parameters().size()),
      factor_(net_.parameters()),
      offset_(net_.parameters()) {
  check_share("dead_synapses", spec.dead_synapses);
  check_share("silent_neurons", spec.silent_neurons);
  for (std::size_t q = 0; q < net_.populations().size(); ++q) {
    const population &from = wanted.populations()[q], &to = net_.populations()[q];
    const auto note = [&](std::size_t parameter, const auto& column) {
      for (std::uint32_t n = 0; n < to.units; ++n) {
        columns_[parameter].push_back(static_cast<std::uint32_t>(column(n)));
      }
    };
    for (std::size_t k = 0; k < to.parameters.size(); ++k) {
      if (to.columns[k] != from.columns[k]) {
        note(to.parameters[k], [&](std::size_t n) { return from.column_of(k, n); });
      }
    }
    if (to.bias != no_parameter && to.bias_columns != from.bias_columns) {
      note(to.bias, [&](std::size_t n) { return from.column_of_bias(n); });
    }
    if (spec.silent_neurons > 0.0 && to.cell->spiking && !has_threshold(*to.cell)) {
      throw value_error(
          "hardware", "silent_neurons", fmt::format("{:g}", spec.silent_neurons),
          fmt::format("0 with the cell {} of layer {}, which has no threshold", to.cell->name, to.spec.name));
    }
  }
  match(spec);
  draw_ideal();
}

void device_network::match(const device_spec& spec) {
  const std::set<std::size_t> fixed = fixed_weights(net_);
  std::set<std::string> used;
  std::string names;
  for (std::size_t i = 0; i < net_.parameters().size(); ++i) {
    const parameter_info& p = net_.parameters()[i];
    names += (names.empty() ? "" : ", ") + p.name;
    const parameter_mismatch* m = fixed.contains(i) ? nullptr : mismatch_of(spec, p.name);
    if (m != nullptr) {
      check_sigma(*m, p);
      matched_.push_back({i, *m});
      used.insert(m->match);
    }
  }
  for (const parameter_mismatch& m : spec.mismatch) {
    if (!used.contains(m.match)) {
      throw value_error("hardware", "match", '"' + m.match + '"',
                        "a pattern that matches a parameter and comes before others that do: " + names);
    }
  }
}

void device_network::draw_ideal() {
  factor_.fill(1.0f);
  offset_.fill(0.0f);
}

void device_network::draw(std::uint64_t seed, std::uint64_t device) {
  draw_ideal();
  for (const matched& m : matched_) {
    draw_mismatch(m, seed, device);
  }
  if (spec_.dead_synapses > 0.0) {
    kill_synapses(seed, device);
  }
  if (spec_.silent_neurons > 0.0) {
    silence(seed, device);
  }
}

void device_network::draw_mismatch(const matched& m, std::uint64_t seed, std::uint64_t device) {
  const parameter_info& p = net_.parameters()[m.parameter];
  const auto factor = factor_.view(m.parameter), offset = offset_.view(m.parameter);
  const random_key key = key_of(seed, device, m.parameter);
  const deviations drawn(m.as.distribution, p.bounded());
  const auto sigma = static_cast<float>(m.as.sigma);
  std::array<float, 8> eight{};
  std::uint32_t n = 0;
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t c = 0; c < p.cols; c += eight.size()) {
      drawn.eight(key, n++, eight);
      for (std::size_t k = 0; k < std::min(eight.size(), p.cols - c); ++k) {
        const float change = sigma * eight[k];
        if (m.as.distribution == mismatch_distribution::lognormal) {
          factor(r, c + k) = std::exp(change);
        } else {
          (m.as.relative ? factor : offset)(r, c + k) += change;
        }
      }
    }
  }
}

void device_network::kill_synapses(std::uint64_t seed, std::uint64_t device) {
  random_stream stream = stream_of(seed, device, dead_stream);
  for (const connection& c : net_.connections()) {
    const auto factor = factor_.view(c.weight), offset = offset_.view(c.weight);
    if (!c.info->fixed) {
      each_number(factor, [&](std::size_t r, std::size_t k) {
        const bool dead = stream.uniform() < spec_.dead_synapses;
        factor(r, k) = dead ? 0.0f : factor(r, k);
        offset(r, k) = dead ? 0.0f : offset(r, k);
      });
    }
  }
}

/// A threshold that nothing reaches.
void device_network::silence(std::uint64_t seed, std::uint64_t device) {
  random_stream stream = stream_of(seed, device, silent_stream);
  for (const population& p : net_.populations()) {
    for (std::size_t k = 0; p.cell->spiking && k < p.parameters.size(); ++k) {
      if (p.cell->parameters[k].name == threshold) {
        const auto factor = factor_.view(p.parameters[k]), offset = offset_.view(p.parameters[k]);
        each_number(factor, [&](std::size_t r, std::size_t n) {
          const bool silent = stream.uniform() < spec_.silent_neurons;
          factor(r, n) = silent ? 0.0f : factor(r, n);
          offset(r, n) = silent ? static_cast<float>(p.cell->parameters[k].high) : offset(r, n);
        });
      }
    }
  }
}

std::size_t device_network::realise(const arena<float>& wanted, arena<float>& on_device) const {
  std::size_t outside = 0;
  for (std::size_t i = 0; i < net_.parameters().size(); ++i) {
    const parameter_info& p = net_.parameters()[i];
    const auto from = wanted.view(i);
    const auto to = on_device.view(i);
    const auto factor = factor_.view(i), offset = offset_.view(i);
    const auto low = static_cast<float>(p.low), high = static_cast<float>(p.high);
    each_number(to, [&](std::size_t r, std::size_t c) {
      const float number = from(r, columns_[i].empty() ? c : columns_[i][c]);
      const float value = factor(r, c) * number + offset(r, c);
      const float kept = p.or_zero && number == 0.0f ? 0.0f : std::clamp(value, low, high);
      outside += kept != value ? 1 : 0;
      to(r, c) = kept;
    });
  }
  return outside;
}

void device_network::gather(const arena<float>& on_device, arena<float>& wanted) const {
  for (std::size_t i = 0; i < net_.parameters().size(); ++i) {
    const auto from = on_device.view(i);
    const auto to = wanted.view(i);
    const auto factor = factor_.view(i);
    for (std::size_t r = 0; r < from.rows; ++r) {
      for (std::size_t c = 0; c < from.cols; ++c) {
        to(r, columns_[i].empty() ? c : columns_[i][c]) += factor(r, c) * from(r, c);
      }
    }
  }
}

void device_network::boxes(const arena<float>& wanted, arena<float>& box) const {
  box.fill(0.0f);
  for (const matched& m : matched_) {
    const auto from = wanted.view(m.parameter);
    const auto to = box.view(m.parameter);
    const std::vector<std::uint32_t>& columns = columns_[m.parameter];
    each_number(to, [&](std::size_t r, std::size_t c) {
      const double size = m.as.relative ? std::abs(from(r, columns.empty() ? c : columns[c])) : 1.0;
      to(r, c) = static_cast<float>(m.as.sigma * size);
    });
  }
}

}  // namespace backspike
