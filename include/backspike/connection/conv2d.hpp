#pragma once
// A convolution of a grid of neurons, channel by channel: neuron (channel, y, x) has number (channel * height + y) *
// width
// + x. Synapses between the same channels at the same offset share one weight. Run from its list of synapses: plain,
// and as slow as its synapses are many.

#include <backspike/connection/kind_base.hpp>

#include <algorithm>

namespace backspike::connections {

struct conv2d : kind_base {
  static constexpr std::string_view name = "conv2d";
  static constexpr std::string_view meaning = "a convolution of a grid of neurons, its weights shared by all places";
  static constexpr bool shares_weights = true;
  static constexpr std::array fields{
      field{"height", "neurons", 1.0, 1.0, 65536.0, "of the grid that it comes from"},
      field{"width", "neurons", 1.0, 1.0, 65536.0, "of the grid that it comes from"},
      field{"kernel", "neurons", 3.0, 1.0, 1024.0, "height and width of the kernel"},
      field{"stride", "neurons", 1.0, 1.0, 1024.0, "distance of neighbouring targets on that grid"},
      field{"padding", "neurons", 0.0, 0.0, 1024.0, "rows and columns of silence around that grid"},
  };

  static std::optional<synapse_problem> problem(const synapse_request& r);
  static void plan(const synapse_request& r, synapse_plan& p);
  static weight_extents weights(const synapse_plan& p) {
    const grid g(p);
    return {g.channels_out, g.channels_in * g.kernel * g.kernel};
  }

  template <class F>
  static void each_synapse(std::uint32_t source, const synapse_plan& p, const F& f) {
    const grid g(p);
    const std::uint32_t x = source % g.width + g.padding, y = source / g.width % g.height + g.padding;
    const std::uint32_t channel = source / g.width / g.height;
    const reach rows(y, g, g.height_out), columns(x, g, g.width_out);
    for (std::uint32_t out = 0; out < g.channels_out; ++out) {
      for (std::uint32_t j = rows.first; j < rows.end; ++j) {
        for (std::uint32_t i = columns.first; i < columns.end; ++i) {
          const std::uint32_t ky = y - j * g.stride, kx = x - i * g.stride;
          f(synapse{(out * g.height_out + j) * g.width_out + i, out, (channel * g.kernel + ky) * g.kernel + kx});
        }
      }
    }
  }

 private:
  /// The numbers of the plan by name.
  struct grid {
    std::uint32_t height, width, kernel, stride, padding, channels_in, channels_out, height_out, width_out;
    explicit grid(const synapse_plan& p)
        : height(p.numbers[0]),
          width(p.numbers[1]),
          kernel(p.numbers[2]),
          stride(p.numbers[3]),
          padding(p.numbers[4]),
          channels_in(p.numbers[5]),
          channels_out(p.numbers[6]),
          height_out(p.numbers[7]),
          width_out(p.numbers[8]) {}
  };

  /// Targets along one axis whose kernel covers a place of the padded grid.
  struct reach {
    std::uint32_t first, end;
    reach(std::uint32_t at, const grid& g, std::uint32_t targets)
        : first(at < g.kernel ? 0 : (at - g.kernel) / g.stride + 1), end(std::min(at / g.stride + 1, targets)) {}
  };
};

}  // namespace backspike::connections
