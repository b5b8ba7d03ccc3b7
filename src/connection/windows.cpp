// The geometry of convolutions and pools: which settings fit each other, what grid comes of them, and the tables of
// patches.hpp.

#include <backspike/connection/windows.hpp>

#include <algorithm>
#include <numeric>

namespace backspike::connections {
namespace {

constexpr std::uint64_t most = 2147483647;  // neurons and weights have numbers of 32 bits

std::string text_of_pair(std::uint64_t a, std::uint64_t b) { return std::to_string(a) + " by " + std::to_string(b); }

/// Settings by name; those that a kind does not have are as if nobody had given them.
class named_settings {
 public:
  named_settings(const window_traits& t, const synapse_request& r) : fields_(t.fields), values_(r.settings) {}

  std::uint64_t get(std::string_view name, std::uint64_t otherwise) const {
    for (std::size_t k = 0; k < fields_.size(); ++k) {
      if (fields_[k].name == name) {
        return values_[k] < 0.0 ? otherwise : static_cast<std::uint64_t>(values_[k]);
      }
    }
    return otherwise;
  }
  /// 0 stands for something else.
  std::uint64_t positive(std::string_view name, std::uint64_t otherwise) const {
    const std::uint64_t given = get(name, 0);
    return given == 0 ? otherwise : given;
  }

 private:
  std::span<const field> fields_;
  std::span<const double> values_;
};

struct window_axis {
  std::uint64_t places, kernel, stride, padding, dilation, output_padding;

  std::uint64_t reach() const { return dilation * (kernel - 1) + 1; }                        // of the kernel
  std::uint64_t spread() const { return (places - 1) * stride + reach() + output_padding; }  // transposed, uncut
  /// 0: the kernel is larger than the padded grid, or all of it is cut off.
  std::uint64_t targets(bool transposed) const {
    const std::uint64_t both = 2 * padding;
    if (transposed) {
      return spread() > both ? spread() - both : 0;
    }
    return places + both < reach() ? 0 : (places + both - reach()) / stride + 1;
  }
};

struct window {
  window_axis y, x;
  std::uint64_t channels_in, channels_out, groups;  // channels_out 0: not known
};

/// Height and width, of a line 1 and its length, as the settings and the shape of the source say together.
std::pair<std::uint64_t, std::uint64_t> grid_of(const window_traits& t, const synapse_request& r,
                                                const named_settings& s) {
  const auto& from = r.source_shape;
  if (t.line) {
    return {1, from.size() == 2 ? from[1] : s.get("length", 0)};
  }
  return from.size() == 3 ? std::pair<std::uint64_t, std::uint64_t>{from[1], from[2]}
                          : std::pair{s.get("height", 0), s.get("width", 0)};
}

window window_of(const window_traits& t, const synapse_request& r) {
  const named_settings s(t, r);
  const auto [height, width] = grid_of(t, r, s);
  const std::uint64_t kernel = s.get("kernel", 1), kernel_width = s.positive("kernel_width", kernel);
  const std::uint64_t stride = s.positive("stride", kernel), padding = s.get("padding", 0);
  const std::uint64_t stride_width = s.positive("stride_width", s.positive("stride", kernel_width));
  const std::uint64_t dilation = s.get("dilation", 1), more = s.get("output_padding", 0);
  const window_axis down{t.line ? width : height, kernel, stride, padding, dilation, more};
  const window_axis none{1, 1, 1, 0, 1, 0};
  const window_axis right{
      width, kernel_width, stride_width, s.get("padding_width", padding), s.positive("dilation_width", dilation), more};
  window w{down, t.line ? none : right, 0, 0, 1};  // a line goes down: threads share the rows of a kernel
  const std::uint64_t places = height * width,
                      out = places == 0 ? 0 : w.y.targets(t.transposed) * w.x.targets(t.transposed);
  w.channels_in = places == 0 ? 0 : r.sources / places;
  w.channels_out = t.pools ? w.channels_in : s.positive("channels", out == 0 ? 0 : r.targets / out);
  w.groups = t.pools ? w.channels_in : s.get("groups", 1);
  return w;
}

using found = std::optional<synapse_problem>;

std::string grid_key(const window_traits& t) { return t.line ? "length" : "height"; }

std::string grid_text(const window_traits& t, std::uint64_t height, std::uint64_t width) {
  return t.line ? std::to_string(width) : text_of_pair(height, width);
}

/// The grid that it comes from.
found source_problem(const window_traits& t, const synapse_request& r) {
  const named_settings s(t, r);
  const auto [height, width] = grid_of(t, r, s);
  const std::size_t rank = t.line ? 2 : 3;
  const std::string wanted = t.line ? "[channels, length]" : "[channels, height, width]";
  if (!r.source_shape.empty() && r.source_shape.size() != rank) {
    return synapse_problem{"kind", std::string(t.name) + " from a layer of shape " + text_of(r.source_shape),
                           "a layer of shape " + wanted};
  }
  const auto given_height = s.get("height", 0), given_width = s.get(t.line ? "length" : "width", 0);
  if (!r.source_shape.empty() &&
      ((given_height != 0 && given_height != height) || (given_width != 0 && given_width != width))) {
    return synapse_problem{grid_key(t), grid_text(t, given_height, given_width),
                           "0, or that of the shape before it, " + text_of(r.source_shape)};
  }
  if (height * width == 0) {
    return synapse_problem{
        grid_key(t), grid_text(t, height, width),
        "the grid of the " + std::to_string(r.sources) + " neurons before it, or for these a shape, " + wanted};
  }
  if (r.sources % (height * width) != 0) {
    return synapse_problem{grid_key(t), grid_text(t, height, width),
                           "a grid that divides the " + std::to_string(r.sources) + " neurons before it into channels"};
  }
  return std::nullopt;
}

found kernel_problem(const window_traits& t, const window& w) {
  const bool small = w.y.targets(t.transposed) == 0;
  if (!small && w.x.targets(t.transposed) > 0) {
    const std::uint64_t more = w.y.output_padding;
    if (more > 0 && more >= std::min(w.y.stride, w.x.stride)) {
      return synapse_problem{"output_padding", std::to_string(more), "less than the stride"};
    }
    return std::nullopt;
  }
  const window_axis& axis = small ? w.y : w.x;
  if (t.transposed) {
    return synapse_problem{"padding", std::to_string(axis.padding),
                           "less than half of what it is cut from, " + std::to_string(axis.spread())};
  }
  return synapse_problem{
      "kernel", std::to_string(axis.kernel),
      "at most the height and the width, padding included" +
          (axis.dilation == 1 ? "" : "; with its dilation it reaches over " + std::to_string(axis.reach()))};
}

found channels_problem(const window& w) {
  if (w.channels_in % w.groups != 0 || w.channels_out % w.groups != 0) {
    return synapse_problem{"groups", std::to_string(w.groups),
                           "a divisor of the " + std::to_string(w.channels_in) + " channels before it and of the " +
                               std::to_string(w.channels_out) + " behind it"};
  }
  return std::nullopt;
}

std::string shape_text(const window_traits& t, std::uint64_t channels, std::uint64_t height, std::uint64_t width) {
  const std::string first = channels == 0 ? "channels" : std::to_string(channels);
  return "[" + first + ", " + std::to_string(height) + (t.line ? "" : ", " + std::to_string(width)) + "]";
}

/// What it leads to, if that is known; and whether there are numbers for all.
found target_problem(const window_traits& t, const synapse_request& r, const window& w) {
  const std::uint64_t height = w.y.targets(t.transposed), width = w.x.targets(t.transposed), out = height * width;
  const std::uint64_t rows = w.y.kernel * w.x.kernel * (w.channels_in / std::max<std::uint64_t>(w.groups, 1));
  if (out > most ||
      (w.channels_out > 0 && (out > most / w.channels_out || (!t.pools && rows > most / w.channels_out)))) {
    return synapse_problem{"kernel", std::to_string(w.y.kernel),
                           "at most " + std::to_string(most) + " neurons and as many weights; there would be " +
                               shape_text(t, w.channels_out, height, width) + " neurons, of " + std::to_string(rows) +
                               " weights each"};
  }
  const std::string name(t.name);
  const bool grid = !r.target_shape.empty();
  if (r.targets == 0) {
    return w.channels_out > 0 ? std::nullopt
                              : found(synapse_problem{"channels", "0",
                                                      "at least 1: nothing else says the size of the "
                                                      "layer that " +
                                                          name + " leads to"});
  }
  grid_shape wanted = w.channels_out > most ? grid_shape{} : window_target(t, r);
  if (grid ? !std::ranges::equal(r.target_shape, wanted) : r.targets != w.channels_out * out) {
    const std::string text =
        grid ? "a layer of shape " + text_of(r.target_shape) : std::to_string(r.targets) + " neurons";
    const bool multiple = !t.pools && named_settings(t, r).get("channels", 0) == 0;
    return synapse_problem{
        "kind", name + " to " + text,
        shape_text(t, multiple ? 0 : w.channels_out, height, width) + ", " +
            (multiple ? "a multiple of " + std::to_string(out) : std::to_string(w.channels_out * out)) + " neurons"};
  }
  return std::nullopt;
}

patch_axis axis_of(const window_axis& w, bool transposed) {
  patch_axis axis;
  axis.targets = static_cast<std::uint32_t>(w.targets(transposed));
  axis.kernel = static_cast<std::uint32_t>(w.kernel);
  const std::uint64_t common = std::gcd(w.stride, w.dilation);
  axis.target_step = static_cast<std::int32_t>(transposed ? w.dilation : w.dilation / common);
  axis.kernel_step = transposed ? 1 : -static_cast<std::int32_t>(w.stride / common);
  for (std::uint64_t place = 0; place < w.places; ++place) {
    patch_axis::reach r{0, 0, 0};
    const auto add = [&](std::uint64_t target, std::uint64_t kernel) {
      r = r.count > 0 ? r
                      : patch_axis::reach{static_cast<std::uint32_t>(target), static_cast<std::uint32_t>(kernel), 0};
      ++r.count;
    };
    const std::uint64_t at = transposed ? place * w.stride : place + w.padding;
    if (transposed) {
      for (std::uint64_t k = 0; k < w.kernel; ++k) {
        if (at + k * w.dilation >= w.padding && at + k * w.dilation - w.padding < axis.targets) {
          add(at + k * w.dilation - w.padding, k);
        }
      }
    } else {
      const std::uint64_t first = at < w.reach() ? 0 : (at - w.reach()) / w.stride + 1;
      for (std::uint64_t target = first; target < axis.targets && target * w.stride <= at; ++target) {
        if ((at - target * w.stride) % w.dilation == 0) {
          add(target, (at - target * w.stride) / w.dilation);
        }
      }
    }
    axis.of.push_back(r);
  }
  return axis;
}

}  // namespace

std::optional<synapse_problem> window_problem(const window_traits& t, const synapse_request& r) {
  if (auto problem = source_problem(t, r)) {
    return problem;
  }
  const window w = window_of(t, r);
  if (auto problem = kernel_problem(t, w)) {
    return problem;
  }
  if (auto problem = channels_problem(w)) {
    return problem;
  }
  return target_problem(t, r, w);
}

grid_shape window_target(const window_traits& t, const synapse_request& r) {
  const window w = window_of(t, r);
  grid_shape s{static_cast<std::uint32_t>(w.channels_out)};
  s.push_back(static_cast<std::uint32_t>(w.y.targets(t.transposed)));
  if (!t.line) {
    s.push_back(static_cast<std::uint32_t>(w.x.targets(t.transposed)));
  }
  return s;
}

void plan_windows(const window_traits& t, const synapse_request& r, synapse_plan& p) {
  const window w = window_of(t, r);
  p.patches.y = axis_of(w.y, t.transposed);
  p.patches.x = axis_of(w.x, t.transposed);
  p.patches.channels_in = static_cast<std::uint32_t>(w.channels_in);
  p.patches.channels_out = static_cast<std::uint32_t>(w.channels_out);
  p.patches.groups = static_cast<std::uint32_t>(w.groups);
  p.patches.pools = t.pools;
  p.patches.factor = t.averages ? 1.0 / static_cast<double>(w.y.kernel * w.x.kernel) : 1.0;
}

}  // namespace backspike::connections
