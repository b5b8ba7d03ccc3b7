// Loads Fashion-MNIST and other IDX images with their labels, and encodes them as spikes or shows them to a camera.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/core/text.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/idx.hpp>

#include "data/append.hpp"
#include "data/split_data.hpp"
#include "io/load/images/image_coder.hpp"
#include "io/load/images/image_maker.hpp"
#include "io/load/sources.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>

namespace backspike {
namespace {

constexpr std::array fashion_mnist_classes{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                           "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
constexpr std::uint64_t first_test_stream = std::uint64_t{1} << 32;  // training samples have the streams below

struct image_set {
  idx_images images;
  std::vector<std::int32_t> labels;
};

class image_loader {
 public:
  image_loader(const data_spec& spec, std::uint64_t seed, const load_progress& progress)
      : spec_(spec), seed_(seed), progress_(progress), folder_(spec.path) {
    if (folder_.empty()) {
      folder_ = entry_of(spec.source).installed;
    }
    if (folder_.empty()) {
      throw value_error("load", "data.path", "\"\"", "the folder with train-images-idx3-ubyte and the other IDX files");
    }
  }

  dataset whole() {
    const auto parts = image_parts();
    std::vector<image_set> sets;
    std::vector<std::int64_t> values;
    for (const image_part& part : parts) {
      sets.push_back({read_idx_images(part.images), {}});
      total_ += sets.back().images.count;
      require_same_size(sets.front().images, sets.back().images, part.images);
      if (!part.labels.empty()) {
        const auto labels = known_labels(part.labels);
        if (labels.size() != sets.back().images.count) {
          refuse_count(part.labels, labels.size(), sets.back().images.count, part.images);
        }
        values.insert(values.end(), labels.begin(), labels.end());
      }
    }
    const auto coder = coder_of(sets.front());
    require_memory(*coder, sets.front());
    dataset all;
    for (std::size_t k = 0; k < sets.size(); ++k) {
      std::vector<std::uint32_t> picked(sets[k].images.count);
      std::iota(picked.begin(), picked.end(), 0U);
      auto encoded = encode(*coder, sets[k], picked, parts[k].first_stream);
      if (k == 0) {
        all = std::move(encoded);
      } else {
        append_samples(all, encoded);
      }
    }
    give_labels(all, values);
    return all;
  }

  dataset_split load() {
    auto training = read("train");
    const auto test = read("t10k");
    require_same_size(training.images, test.images, find("t10k-images", "idx3-ubyte"));
    const auto parts = split_apart({name(), training.labels, class_names_}, test.labels, spec_, seed_);
    total_ = parts.train.size() + parts.validation.size() + parts.test.size();
    const std::shared_ptr<const image_coder> coder = coder_of(training);
    require_memory(*coder, training);
    dataset_split split{encode(*coder, training, parts.train, 0), encode(*coder, training, parts.validation, 0),
                        encode(*coder, test, parts.test, first_test_stream)};
    if (spec_.source != data_source::event_camera && augments_images(spec_)) {
      split.train.maker = image_maker(std::move(training.images), spec_.augment, coder, seed_);
      split.train.maker_numbers = parts.train;
    }
    return split;
  }

 private:
  /// A file of images, that of their labels ("": not there), and the first random stream of their encoding.
  struct image_part {
    std::string images, labels;
    std::uint64_t first_stream;
  };

  static std::uint64_t first_stream_of(const std::string& part) { return part == "train" ? 0 : first_test_stream; }

  /// What there is of the two sets of a folder, or a file of images and the labels beside it.
  std::vector<image_part> image_parts() const {
    if (!is_folder(folder_)) {
      return {image_file(folder_)};
    }
    std::vector<image_part> parts;
    for (const std::string part : {"train", "t10k"}) {
      if (const auto images = find_if_there(part + "-images", "idx3-ubyte"); !images.empty()) {
        parts.push_back({images, find_if_there(part + "-labels", "idx1-ubyte"), first_stream_of(part)});
      }
    }
    if (parts.empty()) {
      find("t10k-images", "idx3-ubyte");  // throws
    }
    if (parts.back().labels.empty() != parts.front().labels.empty()) {
      find(parts.front().labels.empty() ? "train-labels" : "t10k-labels", "idx1-ubyte");
    }
    return parts;
  }

  image_part image_file(const std::string& path) const {
    if (!is_there(path)) {
      throw missing_data_error(path, "give a file of images in the format IDX, or a folder of them in MNIST's layout");
    }
    const std::filesystem::path whole(path);
    auto name = whole.filename().string();
    const auto first_stream = first_stream_of(name.substr(0, name.find('-')));
    if (has_ending(name, ".gz")) {
      name.resize(name.size() - 3);
    }
    const auto images = name.rfind("images"), kind = name.rfind("idx3");
    if (images == std::string::npos || kind == std::string::npos) {
      return {path, "", first_stream};
    }
    const auto labels = name.replace(kind, 4, "idx1").replace(images, 6, "labels");
    return {path, first_there({(whole.parent_path() / labels).string()}), first_stream};
  }

  /// Labels as they stand in the file.
  std::vector<std::int32_t> known_labels(const std::string& path) const {
    return read_idx_labels(path, fashion() ? fashion_mnist_classes.size() : 0);
  }

  void give_labels(dataset& all, const std::vector<std::int64_t>& values) const {
    auto classes = classes_of(values);
    all.labels = std::move(classes.labels);
    all.class_names = std::move(classes.names);
    if (fashion()) {
      all.labels.assign(values.begin(), values.end());
      all.class_names.assign(fashion_mnist_classes.begin(), fashion_mnist_classes.end());
    }
  }

  /// The source of that name, or a camera that looks at the images that the package installs.
  bool fashion() const {
    return spec_.source == data_source::fashion_mnist ||
           (spec_.source == data_source::event_camera && folder_ == entry_of(spec_.source).installed);
  }

  std::string name() const {
    return fashion() ? "Fashion-MNIST" : to_valid_utf8(std::filesystem::path(folder_).stem().string());
  }

  /// The first of these files that is there, plain or compressed; "" if none is.
  static std::string first_there(const std::vector<std::string>& candidates) {
    for (const auto& candidate : candidates) {
      for (const auto* ending : {"", ".gz"}) {
        if (auto found = path_in_any_case(candidate + ending); !found.empty()) {
          return found;
        }
      }
    }
    return "";
  }

  /// Of "train-images" and "idx3-ubyte": MNIST's own spelling, or that of other places, with a point.
  std::string find_if_there(const std::string& part, const std::string& kind) const {
    const std::string stem = folder_ + "/" + part;
    return first_there({stem + "-" + kind, stem + "." + kind});
  }

  std::string find(const std::string& part, const std::string& kind) const {
    if (auto found = find_if_there(part, kind); !found.empty()) {
      return found;
    }
    const std::string path = folder_ + "/" + part + "-" + kind;
    throw missing_data_error(
        path, fashion()
                  ? "install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or "
                    "set data.path to the folder with its four IDX files"
                  : "set data.path to the folder with the four IDX files of MNIST's layout, plain or .gz");
  }

  /// The training set, which is read first, decides the classes.
  image_set read(const std::string& part) {
    const auto images_path = find(part + "-images", "idx3-ubyte"), labels_path = find(part + "-labels", "idx1-ubyte");
    if (progress_) {
      progress_("reading " + name(), part == "train" ? 0 : 1, 2);
    }
    image_set set{{}, read_labels(labels_path)};
    set.images = read_idx_images(images_path);
    if (set.images.count != set.labels.size()) {
      refuse_count(labels_path, set.labels.size(), set.images.count, images_path);
    }
    return set;
  }

  [[noreturn]] static void refuse_count(const std::string& path, std::size_t labels, std::size_t images,
                                        const std::string& images_path) {
    throw format_error(
        path, "byte 4",
        std::to_string(labels) + " labels for the " + std::to_string(images) + " images of " + images_path);
  }

  std::vector<std::int32_t> read_labels(const std::string& path) {
    if (fashion()) {
      class_names_.assign(fashion_mnist_classes.begin(), fashion_mnist_classes.end());
      return read_idx_labels(path, class_names_.size());
    }
    const auto values = read_idx_labels(path);
    if (class_names_.empty()) {
      auto classes = classes_of(std::vector<std::int64_t>(values.begin(), values.end()));
      class_names_ = std::move(classes.names);
      return classes.labels;
    }
    std::vector<std::int32_t> labels;
    for (std::size_t s = 0; s < values.size(); ++s) {
      const auto known = std::ranges::find(class_names_, std::to_string(values[s]));
      if (known == class_names_.end()) {
        throw value_error(path, "label of sample " + std::to_string(s) + " (byte " + std::to_string(8 + s) + ")",
                          std::to_string(values[s]), listed_classes(class_names_) + ": the labels of the training set");
      }
      labels.push_back(static_cast<std::int32_t>(known - class_names_.begin()));
    }
    return labels;
  }

  static void require_same_size(const idx_images& training, const idx_images& test, const std::string& path) {
    if (training.rows != test.rows || training.columns != test.columns) {
      const auto text = [](const idx_images& i) { return std::to_string(i.rows) + " x " + std::to_string(i.columns); };
      throw format_error(path, "byte 8", "images of " + text(test) + ", the training set has " + text(training));
    }
  }

  static void read_values(const image_set& from, std::uint32_t s, std::span<float> values) {
    const auto pixels = from.images.image(s);
    std::transform(pixels.begin(), pixels.end(), values.begin(),
                   [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
  }

  std::unique_ptr<image_coder> coder_of(const image_set& set) const {
    return image_coder_of(spec_, set.images.rows, set.images.columns, seed_);
  }

  /// Long samples of graded input can be a thousand times larger than the images: refused here, before the system
  /// ends the process. The first images stand for all.
  void require_memory(const image_coder& coder, const image_set& from) const {
    const auto looked_at = static_cast<std::uint32_t>(std::min<std::size_t>(from.images.count, 100));
    std::vector<float> values(from.images.rows * from.images.columns);
    double bytes = 0.0;
    for (std::uint32_t s = 0; s < looked_at; ++s) {
      read_values(from, s, values);
      bytes += coder.bytes_of(values);
    }
    const double needed = bytes / looked_at * static_cast<double>(total_);
    if (needed > static_cast<double>(available_memory())) {
      throw resource_error("encode", static_cast<std::uint64_t>(needed), available_memory(),
                           spec_.source == data_source::event_camera
                               ? "larger data.bin_ms or data.events.down, or data.limit need less"
                               : "fewer data.encoder.steps, another data.encoder.kind or data.limit need less");
    }
  }

  dataset encode(const image_coder& coder, const image_set& from, const std::vector<std::uint32_t>& picked,
                 std::uint64_t first_stream) {
    dataset data;
    data.name = name();
    data.channels = coder.channels();
    data.shape = coder.shape();
    data.dt = coder.dt();
    data.class_names = class_names_;
    const auto values_of = [&](std::uint32_t s, std::span<float> values) { read_values(from, s, values); };
    const auto report = [&](const std::string& what, std::size_t done, std::size_t) {
      if (progress_) {
        progress_(what, done_ + done, total_);
      }
    };
    auto coded = coder.code(picked, values_of, first_stream, pool_, report);
    data.inputs = std::move(coded.inputs);
    data.merged_events = coded.merged_events;
    done_ += picked.size();
    for (std::size_t k = 0; k < picked.size() && !from.labels.empty(); ++k) {
      data.labels.push_back(from.labels[picked[k]]);
    }
    return data;
  }

  const data_spec& spec_;
  std::uint64_t seed_;
  const load_progress& progress_;
  std::string folder_;
  std::vector<std::string> class_names_;
  std::size_t done_ = 0, total_ = 0;  // samples encoded
  thread_pool pool_;
};

}  // namespace

dataset whole_images(const data_spec& spec, const expected_data&, std::uint64_t seed, const load_progress& progress) {
  return image_loader(spec, seed, progress).whole();
}

dataset_split load_images(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  return image_loader(spec, seed, progress).load();
}

}  // namespace backspike
