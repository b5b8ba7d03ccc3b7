// Sorts events into steps by counting, so that their order in the file does not matter, and each step into channels.

#include <backspike/events/event_steps.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace backspike {
namespace {

constexpr std::uint64_t most_steps = std::uint64_t{1} << 24U;

[[noreturn]] void refuse(const std::string& argument, const std::string& value, const std::string& accepted) {
  throw value_error("events_to_steps", argument, value, accepted);
}

/// Which channel an event is of.
class channel_map {
 public:
  explicit channel_map(const event_step_options& o)
      : sensor_(o.sensor), crop_(o.crop), down_(o.down), kind_(o.polarity) {
    if (!sensor_.known() || sensor_.width > 65536 || sensor_.height > 65536) {
      refuse("sensor", std::to_string(sensor_.width) + "x" + std::to_string(sensor_.height), "its width and height");
    }
    require_inside("crop.x", crop_.x, crop_.width, sensor_.width);
    require_inside("crop.y", crop_.y, crop_.height, sensor_.height);
    crop_.width = crop_.width > 0 ? crop_.width : sensor_.width - crop_.x;
    crop_.height = crop_.height > 0 ? crop_.height : sensor_.height - crop_.y;
    if (down_ < 1 || down_ > 65536) {
      refuse("down", std::to_string(down_), "1 (every pixel) or more");
    }
    const std::uint64_t channels = std::uint64_t{width()} * height() * polarities();
    if (channels > std::numeric_limits<std::uint32_t>::max()) {
      refuse("sensor", std::to_string(channels) + " channels", "fewer than 2^32");
    }
  }

  std::uint32_t width() const { return (crop_.width + down_ - 1) / down_; }
  std::uint32_t height() const { return (crop_.height + down_ - 1) / down_; }
  std::uint32_t polarities() const { return kind_ == polarity_channels::both ? 2 : 1; }

  /// False: the event is left out, and counted.
  bool find(const camera_event& e, std::uint32_t& channel, event_step_counts& counts) const {
    if (e.x >= sensor_.width || e.y >= sensor_.height) {
      ++counts.outside;
      return false;
    }
    if (e.x < crop_.x || e.y < crop_.y || e.x - crop_.x >= crop_.width || e.y - crop_.y >= crop_.height) {
      ++counts.cropped;
      return false;
    }
    if ((kind_ == polarity_channels::on && !e.on) || (kind_ == polarity_channels::off && e.on)) {
      ++counts.other_polarity;
      return false;
    }
    const std::uint32_t x = (e.x - crop_.x) / down_, y = (e.y - crop_.y) / down_;
    channel = (y * width() + x) * polarities() + (polarities() == 2 && e.on ? 1 : 0);
    return true;
  }

 private:
  static void require_inside(const std::string& argument, std::uint32_t begin, std::uint32_t length,
                             std::uint32_t all) {
    if (begin >= all || length > all - begin) {
      refuse(argument, std::to_string(begin) + " and " + std::to_string(length) + " more",
             "a region within the " + std::to_string(all) + " pixels of the sensor");
    }
  }

  sensor_size sensor_;
  event_region crop_;
  std::uint32_t down_;
  polarity_channels kind_;
};

struct placed_event {
  std::uint32_t step, channel;
};

/// The step in time of each event that is taken; all in step 0 where steps are by number only.
class placing {
 public:
  explicit placing(const event_step_options& o) : options_(o), map_(o) {
    if (o.bin_us < 0 || (o.bin_us == 0 && o.events_per_step == 0)) {
      refuse("bin_us", std::to_string(o.bin_us), "above 0, or 0 with events_per_step above 0");
    }
    if (o.steps > most_steps) {
      refuse("steps", std::to_string(o.steps), "at most " + std::to_string(most_steps));
    }
  }

  std::vector<placed_event> place(std::span<const camera_event> all, event_step_counts& counts) {
    std::int64_t origin = options_.origin_us;
    if (options_.from_first) {
      origin = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        origin = i == 0 ? all[i].t : std::min(origin, all[i].t);
      }
    }
    std::vector<placed_event> placed;
    placed.reserve(all.size());
    for (const auto& e : all) {
      placed_event p{};
      if (map_.find(e, p.channel, counts) && find_step(e.t, origin, p.step, counts)) {
        placed.push_back(p);
      }
    }
    return placed;
  }

  const channel_map& map() const { return map_; }

 private:
  bool find_step(std::int64_t t, std::int64_t origin, std::uint32_t& step, event_step_counts& counts) const {
    if (t < origin) {
      ++counts.before;
      return false;
    }
    const std::uint64_t since = static_cast<std::uint64_t>(t) - static_cast<std::uint64_t>(origin);
    const std::uint64_t place = options_.bin_us == 0 ? 0 : since / static_cast<std::uint64_t>(options_.bin_us);
    if (options_.steps > 0 && place >= options_.steps) {
      ++counts.after;
      return false;
    }
    if (place >= most_steps) {
      refuse("bin_us", std::to_string(options_.bin_us),
             "steps so wide that there are at most " + std::to_string(most_steps) +
                 " from the origin to the event at " + std::to_string(t) +
                 " us; or an origin nearer to the first event (from_first)");
    }
    step = static_cast<std::uint32_t>(place);
    return true;
  }

  const event_step_options& options_;
  channel_map map_;
};

/// Places of the first event of each step, and one more.
std::vector<std::uint64_t> sort_by_step(std::vector<placed_event>& placed) {
  std::uint32_t last = 0;
  for (const auto& p : placed) {
    last = std::max(last, p.step);
  }
  std::vector<std::uint64_t> first(std::size_t{last} + 2);
  for (const auto& p : placed) {
    ++first[p.step + 1];
  }
  for (std::size_t s = 1; s < first.size(); ++s) {
    first[s] += first[s - 1];
  }
  auto next = first;
  std::vector<placed_event> sorted(placed.size());
  for (const auto& p : placed) {
    sorted[next[p.step]++] = p;
  }
  placed.swap(sorted);
  return first;
}

class row_maker {
 public:
  row_maker(const event_step_options& o, stepped_events& to) : options_(o), to_(to) {}

  /// A row of these events; false: there are as many rows as were asked for.
  void add(std::span<const placed_event> some) {
    if (options_.steps > 0 && to_.rows.rows() == options_.steps) {
      to_.counts.after += some.size();
      return;
    }
    channels_.clear();
    for (const auto& p : some) {
      channels_.push_back(p.channel);
    }
    std::sort(channels_.begin(), channels_.end());
    for (std::size_t i = 0; i < channels_.size();) {
      const auto begin = i;
      while (i < channels_.size() && channels_[i] == channels_[begin]) {
        ++i;
      }
      to_.rows.channels.push_back(channels_[begin]);
      if (options_.duplicates == duplicate_events::count) {
        to_.rows.values.push_back(static_cast<float>(i - begin));
      }
      to_.counts.merged += i - begin - 1;
      ++to_.counts.taken;
    }
    to_.rows.end_row();
  }

 private:
  const event_step_options& options_;
  stepped_events& to_;
  std::vector<std::uint32_t> channels_;
};

}  // namespace

stepped_events events_to_steps(std::span<const camera_event> all, const event_step_options& options) {
  placing places(options);
  stepped_events result;
  result.width = places.map().width();
  result.height = places.map().height();
  result.polarities = places.map().polarities();
  auto placed = places.place(all, result.counts);
  const auto first = sort_by_step(placed);
  row_maker rows(options, result);
  for (std::size_t s = 0; s + 1 < first.size(); ++s) {
    auto some = std::span(placed).subspan(first[s], first[s + 1] - first[s]);
    const auto most = options.events_per_step == 0 ? some.size() : options.events_per_step;
    while (some.size() > most) {
      rows.add(some.first(most));
      some = some.subspan(most);
    }
    rows.add(some);
  }
  while (result.rows.rows() < options.steps) {
    rows.add({});
  }
  return result;
}

}  // namespace backspike
