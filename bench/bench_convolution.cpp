// What does one spike cost in a convolution, forward, in the gradient and on the way back, and what would the list of
// its synapses cost?
//
// One thread, events of 5 % of the source's neurons, borders included. Forward: a spike adds its patch of weights.
// Gradient: it adds the same patch of errors. Back: the error on one source, where it is asked for.
//
//   bench_convolution [--repeats N]

#include "gradient/connection/patch_table.hpp"
#include "gradient/connection/synapse_table.hpp"
#include "kernels/kernel_table.hpp"

#include <backspike/core/random.hpp>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace backspike;

struct layer_case {
  const char* name;
  std::uint32_t channels, size;
  double channels_out, kernel;
};

constexpr layer_case cases[] = {{"3x3, 16 to 32, 28x28", 16, 28, 32, 3},
                                {"3x3, 32 to 64, 14x14", 32, 14, 64, 3},
                                {"5x5, 32 to 64, 14x14", 32, 14, 64, 5},
                                {"3x3, 128 to 128, 14x14", 128, 14, 128, 3},
                                {"5x5, 2 to 16, 34x34", 2, 34, 16, 5}};

network_spec spec_of(const layer_case& c) {
  network_spec spec;
  spec.input_shape = {c.channels, c.size, c.size};
  layer_spec layer;
  layer.kind = "conv2d";
  layer.settings = {{"channels", c.channels_out}, {"kernel", c.kernel}, {"padding", (c.kernel - 1) / 2}};
  spec.layers = {layer};
  return spec;
}

double now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

/// [ns] of the fastest of some repeats, for each of `count`.
template <class F>
double fastest(std::size_t repeats, std::size_t count, const F& f) {
  double best = 1e300;
  for (std::size_t k = 0; k < repeats; ++k) {
    const double start = now();
    f();
    best = std::min(best, now() - start);
  }
  return best / static_cast<double>(count);
}

void measure(const layer_case& c, std::size_t repeats) {
  const network net(spec_of(c));
  const connection& link = net.connections().front();
  const parameter_info& info = net.parameters()[link.weight];
  patch_table patches;
  synapse_table list;
  memory_plan take = memory_plan::take();
  plan_patches(take, patches, link);
  plan_table(take, list, link);
  patches.fill(link, info.stride);
  list.fill(link, info.stride);
  const auto& kernels = kernels::patch_functions_of(kernels::active_table().name);
  std::vector<float> weights(info.rows * info.stride, 0.01f), gradient(weights.size());
  std::vector<float> current(net.populations().front().padded_units, 0.5f), errors(link.source_units);
  random_stream random(1, random_purpose::test, 0);
  std::vector<std::uint32_t> ids;
  for (std::uint32_t i = 0; i < link.source_units; ++i) {
    if (random.uniform() < 0.05) {
      ids.push_back(i);
    }
  }
  const event_row row{ids, {}};
  const float* w = weights.data();
  const double forward = fastest(repeats, ids.size(), [&] { patches.add(kernels, w, row, current.data()); });
  std::vector<std::vector<kernels::patch_event>> by_channel(patches.shape.channels);
  for (const std::uint32_t i : ids) {
    by_channel[i % patches.shape.channels].push_back(patches.spots[i / patches.shape.channels]);
  }
  const double gather = fastest(repeats, ids.size(), [&] {
    for (std::size_t channel = 0; channel < by_channel.size(); ++channel) {
      for (std::size_t column = 0; column < patches.shape.length; column += lanes) {
        patches.sum(kernels, channel, column, by_channel[channel], nullptr, 0, patches.kernel_rows, current.data(),
                    gradient.data());
      }
    }
  });
  const double back =
      fastest(repeats, ids.size(), [&] { patches.send_back(kernels, w, current.data(), ids, errors.data()); });
  const double list_forward = fastest(repeats, ids.size(), [&] { list.add(w, row, current.data()); });
  const double list_gather = fastest(repeats, ids.size(), [&] {
    list.gather(row, 0, static_cast<std::uint32_t>(link.source_units), current.data(), gradient.data());
  });
  const double list_back = fastest(repeats, ids.size(), [&] { list.send_back(w, current.data(), ids, errors.data()); });
  std::printf("%-24s %8.0f %8.0f %8.0f %12.0f %8.0f %8.0f %12.2f %8.2f\n", c.name, forward, gather, back, list_forward,
              list_gather, list_back, static_cast<double>(patches.places.size() * sizeof(kernels::patch_place)) / 1e6,
              static_cast<double>(list.target.size() * 8) / 1e6);
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t repeats = 200;
  for (int k = 1; k + 1 < count; ++k) {
    if (std::strcmp(arguments[k], "--repeats") == 0) {
      repeats = static_cast<std::size_t>(std::max(1l, std::strtol(arguments[k + 1], nullptr, 10)));
    }
  }
  std::printf("ns an event              %8s %8s %8s %12s %8s %8s %12s %8s\n", "forward", "gradient", "back",
              "list: forw.", "gradient", "back", "patches MB", "list MB");
  for (const layer_case& c : cases) {
    measure(c, repeats);
  }
  return 0;
}
