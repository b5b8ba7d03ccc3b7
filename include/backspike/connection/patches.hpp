#pragma once
// Where the windows of a convolution or a pool lie: the targets that a place of the source reaches are a product of
// those along each axis, and along an axis they are evenly spaced, as their kernel's numbers are. Tables of one axis
// say all, borders included.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike {

struct patch_axis {
  /// The targets of one place: the first one, its number in the kernel, and how many there are.
  struct reach {
    std::uint32_t target, kernel, count;
  };
  std::vector<reach> of{};  // [places of the source]
  std::uint32_t targets = 0, kernel = 1;
  std::int32_t target_step = 1, kernel_step = -1;  // from one target of a place to the next
};

struct patch_plan {
  patch_axis y{}, x{};
  std::uint32_t channels_in = 0, channels_out = 0, groups = 1;
  bool pools = false;   // one weight for all synapses, of a channel to itself
  double factor = 1.0;  // of every synapse
};

/// Neighbouring targets of one source, whose weights are neighbours, too.
struct synapse_run {
  std::uint32_t target, row, column, length;
};

/// f(run) for every run of a source neuron, targets ascending.
template <class F>
void each_patch_run(std::uint32_t source, const patch_plan& p, const F& f) {
  const std::uint32_t of_group = p.channels_in / p.groups, length = p.channels_out / p.groups;
  const std::uint32_t channel = source % p.channels_in, place = source / p.channels_in;
  const auto wide = static_cast<std::uint32_t>(p.x.of.size());
  const patch_axis::reach &down = p.y.of[place / wide], &right = p.x.of[place % wide];
  const std::uint32_t column = channel / of_group * length, own = channel % of_group;
  for (std::uint32_t j = 0; j < down.count; ++j) {
    const std::uint32_t y = down.target + j * static_cast<std::uint32_t>(p.y.target_step);
    const std::uint32_t ky = down.kernel + j * static_cast<std::uint32_t>(p.y.kernel_step);  // modulo 2^32
    for (std::uint32_t i = 0; i < right.count; ++i) {
      const std::uint32_t x = right.target + i * static_cast<std::uint32_t>(p.x.target_step);
      const std::uint32_t kx = right.kernel + i * static_cast<std::uint32_t>(p.x.kernel_step);
      f(synapse_run{(y * p.x.targets + x) * p.channels_out + column, (ky * p.x.kernel + kx) * of_group + own, column,
                    length});
    }
  }
}

}  // namespace backspike
