// `backspike events simulate`: what an event camera would have seen of pictures, as event files.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/idx.hpp>
#include <backspike/data/picture.hpp>
#include <backspike/events/event_camera.hpp>
#include <backspike/events/event_writer.hpp>

#include "commands/events/camera_flags.hpp"
#include "commands/events/events.hpp"
#include "output.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace backspike::app {
namespace {

struct simulate_options : camera_flags {
  std::string in, out, labels, format;
  std::uint32_t first = 0, count = 0;
  std::uint64_t seed = 1;
};

/// Values that a picture refers to.
struct seen_picture {
  std::size_t width = 0, height = 0;
  std::vector<float> values;
  grey_picture view() const { return {width, height, values}; }
};

bool is_netpbm(const std::string& path) {
  const auto one_of = {".pbm", ".pgm", ".ppm", ".pnm"};
  return std::ranges::any_of(one_of, [&](const char* ending) { return has_ending(path, ending); });
}

seen_picture picture_of(const std::string& path) {
  const auto read = read_picture(path);
  seen_picture seen{read.width, read.height, read.darkness};
  for (float& value : seen.values) {
    value = 1.0f - value;
  }
  return seen;
}

seen_picture picture_of(const idx_images& images, std::size_t k) {
  seen_picture seen{images.columns, images.rows, {}};
  for (const auto pixel : images.image(k)) {
    seen.values.push_back(static_cast<float>(pixel) / 255.0f);
  }
  return seen;
}

event_format format_of(const simulate_options& o, const std::string& path) {
  return o.format.empty() ? format_for_writing(path) : parse_name<event_format>(o.format).value();
}

int simulate_picture(const simulate_options& o, const event_camera& camera) {
  const auto events = camera.record(picture_of(o.in).view(), 0);
  write_events(o.out, format_of(o, o.out), camera.sensor(), events.events());
  print("{}: {} events\n", o.out, events.size());
  return 0;
}

/// The folder of an image: that of its class, where there are labels, as N-MNIST has them.
std::string folder_of(const simulate_options& o, const std::vector<std::int32_t>& labels, std::size_t image) {
  return labels.empty() ? o.out : o.out + "/" + std::to_string(labels[image]);
}

std::vector<std::int32_t> labels_of(const simulate_options& o, std::size_t images) {
  if (o.labels.empty()) {
    return {};
  }
  auto labels = read_idx_labels(o.labels);
  if (labels.size() != images) {
    throw value_error("events simulate", "--labels", std::to_string(labels.size()) + " labels",
                      std::to_string(images) + ", one for each image");
  }
  return labels;
}

std::string ending_of(event_format format) {
  return event_formats().at(static_cast<std::size_t>(format) - 1).endings.front();
}

int simulate_images(const simulate_options& o, const event_camera& camera) {
  const auto images = read_idx_images(o.in);
  const auto labels = labels_of(o, images.count);
  if (o.first >= images.count) {
    throw value_error("events simulate", "--first", std::to_string(o.first),
                      "below the number of images, " + std::to_string(images.count));
  }
  const auto format = o.format.empty() ? event_format::bin : parse_name<event_format>(o.format).value();
  const std::string ending = ending_of(format);
  const std::size_t left = images.count - o.first, count = o.count > 0 ? std::min<std::size_t>(o.count, left) : left;
  for (std::size_t k = 0; k < count; ++k) {
    make_folders(folder_of(o, labels, o.first + k));
  }
  std::atomic<std::uint64_t> events = 0;
  thread_pool().for_each(count, [&](std::size_t k, std::size_t) {
    const std::size_t image = o.first + k;
    const auto recorded = camera.record(picture_of(images, image).view(), static_cast<std::uint32_t>(image));
    write_events(folder_of(o, labels, image) + "/" + std::to_string(image) + ending, format, camera.sensor(),
                 recorded.events());
    events += recorded.size();
  });
  print("{}: {} recordings, {} events in the mean\n", o.out, count, events / count);
  return 0;
}

int simulate(const simulate_options& o) {
  const event_camera camera(o.camera(), o.seed);
  return is_netpbm(o.in) ? simulate_picture(o, camera) : simulate_images(o, camera);
}

}  // namespace

void add_events_simulate(CLI::App& events, action& chosen) {
  auto o = std::make_shared<simulate_options>();
  auto* command = events.add_subcommand("simulate", "Write what an event camera would have seen of pictures");
  command->add_option("in", o->in, "A picture (.pbm, .pgm, .ppm), or a file of IDX images such as Fashion-MNIST's")
      ->type_name("IN")
      ->required();
  command->add_option("out", o->out, "File to write; of IDX images: the folder, with a file for each")
      ->type_name("OUT")
      ->required();
  command->add_option("--format", o->format, "Format to write, whatever the name; of IDX images bin otherwise")
      ->check(CLI::IsMember({"bin", "bs2", "evt2", "evt3", "aedat3", "npz"}));
  command->add_option("--labels", o->labels, "IDX: labels of the images; each class gets a folder of its own")
      ->type_name("FILE");
  command->add_option("--first", o->first, "IDX: number of the first image to take, from 0")->type_name("N");
  command->add_option("--count", o->count, "IDX: images to take; otherwise all that follow")->type_name("N");
  command->add_option("--seed", o->seed, "Of the sensor's thresholds and of the noise")->capture_default_str();
  o->add_to(*command);
  command->footer(
      "The picture stands in the middle of the sensor, with black around it. The same seed gives the same events.\n"
      "Examples:\n"
      "  backspike events simulate cat.pgm cat.raw --size 640x480 --amplitude 20\n"
      "  backspike events simulate cat.pgm cat.npz --motion straight --direction 90 --speed 200 --noise 5\n"
      "  backspike events simulate t10k-images-idx3-ubyte.gz test --labels t10k-labels-idx1-ubyte.gz --count 100");
  command->callback([&chosen, o] { chosen = [o] { return simulate(*o); }; });
}

}  // namespace backspike::app
