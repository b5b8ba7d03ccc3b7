// A network of a convolution or a pool, planned as the engine plans it, and made-up weights, spikes and errors.

#include "patch_work.hpp"

#include "gradient/connection/patch_table.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace backspike::bench {
namespace {

constexpr std::uint32_t channels = 16;
constexpr double in_float = 4.0;  // bytes

network_spec spec_of(const char* kind, std::uint32_t size, const connection_settings& settings) {
  network_spec spec;
  spec.input_shape = {channels, size, size};
  layer_spec layer;
  layer.kind = kind;
  layer.settings = settings;
  spec.layers = {layer};
  return spec;
}

struct planned {
  network net;
  patch_table patches;
  aligned_vector<float> weights, targets, sources;
  std::vector<std::uint32_t> ids;

  planned(const network_spec& spec, std::size_t one_in) : net(spec) {
    const connection& c = net.connections().front();
    const parameter_info& p = net.parameters()[c.weight];
    memory_plan take = memory_plan::take();
    plan_patches(take, patches, c);
    patches.fill(c, p.stride);
    weights.assign(p.rows * p.stride, 0.01f);
    targets.assign(net.populations().front().padded_units, 0.5f);
    sources.assign(c.source_units, 0.5f);
    for (std::size_t i = 0; i * one_in < c.source_units; ++i) {
      ids.push_back(static_cast<std::uint32_t>(i * one_in + i * 7 % one_in));  // any channel, ascending
    }
    while (ids.back() >= c.source_units) {
      ids.pop_back();
    }
  }

  /// Runs of all patches of the listed sources, in floats.
  double floats() const {
    double runs = 0.0;
    for (const std::uint32_t i : ids) {
      const kernels::patch_place& p = patches.places[i / channels];
      runs += static_cast<double>(p.down * p.right);
    }
    return runs * static_cast<double>(patches.shape.length);
  }
  std::size_t bytes() const { return (weights.size() + targets.size()) * sizeof(float); }
};

std::shared_ptr<planned> convolution(std::size_t one_in) {
  return std::make_shared<planned>(spec_of("conv2d", 17, {{"channels", 32.0}, {"kernel", 3.0}, {"padding", 1.0}}),
                                   one_in);
}

const kernels::patch_functions& kernels_of(const kernels::table& table) {
  return kernels::patch_functions_of(table.name);
}

}  // namespace

kernel_work patch_add_work(const kernels::table& table) {
  auto x = convolution(20);
  kernel_work w;
  w.additions = x->floats();
  w.bytes = 3.0 * in_float * x->floats();  // a weight, and the current to read and to write
  w.working_set = x->bytes();
  w.run = [x, &table] { x->patches.add(kernels_of(table), x->weights.data(), {x->ids, {}}, x->targets.data()); };
  return w;
}

kernel_work patch_sum_work(const kernels::table& table) {
  auto x = convolution(20);
  auto events = std::make_shared<std::vector<std::vector<kernels::patch_event>>>(channels);
  for (const std::uint32_t i : x->ids) {
    (*events)[i % channels].push_back(x->patches.spots[i / channels]);
  }
  kernel_work w;
  w.additions = x->floats();
  w.bytes = in_float * x->floats();
  w.working_set = x->bytes();
  w.run = [x, events, &table] {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t column = 0; column < x->patches.shape.length; column += lanes) {
        x->patches.sum(kernels_of(table), channel, column, (*events)[channel], nullptr, 0, x->patches.kernel_rows,
                       x->targets.data(), x->weights.data());
      }
    }
  };
  return w;
}

kernel_work patch_send_work(const kernels::table& table) {
  auto x = convolution(4);
  kernel_work w;
  w.multiply_adds = x->floats();
  w.bytes = in_float * x->floats();  // weights; an error serves all sources of a place
  w.working_set = x->bytes();
  w.run = [x, &table] {
    x->patches.send_back(kernels_of(table), x->weights.data(), x->targets.data(), x->ids, x->sources.data());
  };
  return w;
}

kernel_work pool_send_work(const kernels::table& table) {
  auto x = std::make_shared<planned>(spec_of("sum_pool", 34, {}), 1);
  const double all = static_cast<double>(x->sources.size());
  kernel_work w;
  w.multiply_adds = all;
  w.bytes = in_float * (2.0 * all + all / 4.0);
  w.working_set = (x->sources.size() + x->targets.size()) * sizeof(float);
  w.run = [x, &table] { x->patches.send_back_pooled(kernels_of(table), 0.7f, x->targets.data(), x->sources.data()); };
  return w;
}

}  // namespace backspike::bench
