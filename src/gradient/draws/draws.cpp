// Draws the factors of dropout when a sample begins, and the noise of a step when it is asked for.

#include <backspike/gradient/draws.hpp>

#include "kernels/kernel_table.hpp"

#include <algorithm>

namespace backspike {
namespace {

constexpr std::uint32_t of_connections = 0x80000000u;  // where the parts of connections begin, behind populations

/// Multiplies by 0 with probability p, else by 1 / (1 - p): number n decides about neuron n.
void multiply_mask(const random_key& key, double p, std::span<float> factors) {
  const auto dropped = static_cast<std::uint64_t>(p * 0x1p32);
  const auto kept = static_cast<float>(1.0 / (1.0 - p));
  for (std::size_t n = 0; n < factors.size(); n += 4) {
    const auto bits = key.four(static_cast<std::uint32_t>(n / 4));
    for (std::size_t k = 0; k < std::min<std::size_t>(4, factors.size() - n); ++k) {
      factors[n + k] *= bits[k] < dropped ? 0.0f : kept;
    }
  }
}

/// The neurons of one channel: with a shape those of the same number in every place, else neighbours.
struct channel_layout {
  std::size_t channels;
  bool in_places;
};

channel_layout layout_of(const grid_shape& shape, std::size_t channels) {
  return shape.empty() ? channel_layout{channels, false} : channel_layout{shape.front(), true};
}

channel_layout layout_of_source(const network& net, const connection& c) {
  if (c.comes_from_input()) {
    return layout_of(net.spec().input_shape, 0);
  }
  const layer_spec& source = net.populations()[c.source].spec;
  return layout_of(source.shape, source.channels);
}

/// Number n decides about channel n.
void multiply_channels(const random_key& key, double p, const channel_layout& layout, std::span<float> factors) {
  std::vector<float> of_channel(layout.channels, 1.0f);
  multiply_mask(key, p, of_channel);
  const std::size_t neighbours = factors.size() / layout.channels;
  for (std::size_t n = 0; n < factors.size(); ++n) {
    factors[n] *= of_channel[layout.in_places ? n % layout.channels : n / neighbours];
  }
}

}  // namespace

sample_draws::sample_draws(const network& net, const batch_draws& from, std::uint32_t sample) {
  memory_plan take = memory_plan::take();
  plan(take, net);
  draw(net, from, sample);
}

void sample_draws::plan(memory_plan& m, const network& net) {
  if (!net.draws()) {
    return;
  }
  m.sets(of_population_, net.populations().size());
  m.sets(of_connection_, net.connections().size());
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    m.exactly(of_population_[q], net.populations()[q].spec.dropout > 0.0 ? net.populations()[q].units : 0);
  }
  for (const connection& c : net.connections()) {
    m.exactly(of_connection_[c.index], c.masked ? c.source_units : 0);
  }
  m.exactly(noise_, net.populations().size());
}

void sample_draws::draw(const network& net, const batch_draws& from, std::uint32_t sample) {
  net_ = from.enabled && net.draws() ? &net : nullptr;
  if (!any()) {
    return;
  }
  for (std::uint32_t q = 0; q < net.populations().size(); ++q) {
    draw_population(q, from, sample);
  }
  for (const connection& c : net.connections()) {
    if (c.masked) {
      draw_connection(c, from, sample);
    }
  }
}

void sample_draws::draw_population(std::uint32_t q, const batch_draws& from, std::uint32_t sample) {
  noise_[q] = random_key(from.seed, random_purpose::noise, from.epoch, sample, q);
  std::ranges::fill(of_population_[q], 1.0f);
  const layer_spec& layer = net_->populations()[q].spec;
  const random_key key(from.seed, random_purpose::dropout, from.epoch, sample, q);
  if (layer.dropout_per == parameter_sharing::channel) {
    multiply_channels(key, layer.dropout, layout_of(layer.shape, layer.channels), of_population_[q]);
  } else {
    multiply_mask(key, layer.dropout, of_population_[q]);
  }
}

/// The factors of its source, times its own.
void sample_draws::draw_connection(const connection& c, const batch_draws& from, std::uint32_t sample) {
  aligned_vector<float>& factors = of_connection_[c.index];
  if (c.comes_from_input() || of_population_[c.source].empty()) {
    std::ranges::fill(factors, 1.0f);
  } else {
    std::ranges::copy(of_population_[c.source], factors.begin());
  }
  if (c.dropout > 0.0) {
    const auto part = of_connections | static_cast<std::uint32_t>(c.index);
    const random_key key(from.seed, random_purpose::dropout, from.epoch, sample, part);
    c.drops_channels ? multiply_channels(key, c.dropout, layout_of_source(*net_, c), factors)
                     : multiply_mask(key, c.dropout, factors);
  }
}

void sample_draws::add_noise(std::size_t q, std::uint32_t t, float* current) const {
  const population& p = net_->populations()[q];
  const random_key& key = noise_[q];
  kernels::active_table().normals(
      {current, p.padded_units, {key.words[0], key.words[1]}, t, static_cast<float>(p.spec.noise)});
  std::fill(current + p.units, current + p.padded_units, 0.0f);
}

}  // namespace backspike
