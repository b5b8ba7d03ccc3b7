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
  multiply_mask(random_key(from.seed, random_purpose::dropout, from.epoch, sample, q),
                net_->populations()[q].spec.dropout, of_population_[q]);
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
    multiply_mask(random_key(from.seed, random_purpose::dropout, from.epoch, sample, part), c.dropout, factors);
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
