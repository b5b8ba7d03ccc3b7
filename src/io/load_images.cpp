#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/core/text.hpp>
#include <backspike/data/encode.hpp>
#include <backspike/data/idx.hpp>

#include "io/load_parts.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace backspike {
namespace {

constexpr auto fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";  // of the package dataset-fashion-mnist
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
    if (fashion() && folder_.empty()) {
      folder_ = fashion_mnist_folder;
    }
    if (folder_.empty()) {
      throw value_error("load", "data.path", "\"\"", "the folder with train-images-idx3-ubyte and the other IDX files");
    }
  }

  dataset_split load() {
    const auto training = read("train");
    const auto parts = carve_validation(name(), training.labels, class_names_, spec_, seed_);
    const auto test = read("t10k");
    require_same_size(training.images, test.images);
    const auto tested = limited(test.labels, spec_);
    total_ = parts.train.size() + parts.validation.size() + tested.size();
    const value_encoder encoder(spec_.encoder, training.images.rows, training.images.columns, seed_);
    require_memory(encoder, training);
    return {encode(encoder, training, parts.train, 0), encode(encoder, training, parts.validation, 0),
            encode(encoder, test, tested, first_test_stream)};
  }

 private:
  bool fashion() const { return spec_.source == data_source::fashion_mnist; }

  std::string name() const {
    return fashion() ? "Fashion-MNIST" : to_valid_utf8(std::filesystem::path(folder_).stem().string());
  }

  std::string find(const std::string& file) const {
    const std::string path = folder_ + "/" + file;
    for (const auto& candidate : {path, path + ".gz"}) {
      if (auto found = path_in_any_case(candidate); !found.empty()) {
        return found;
      }
    }
    throw missing_data_error(
        path, fashion()
                  ? "install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or "
                    "set data.path to the folder with its four IDX files"
                  : "set data.path to the folder with the four IDX files of MNIST's layout, plain or .gz");
  }

  /// The training set, which is read first, decides the classes.
  image_set read(const std::string& part) {
    const auto images_path = find(part + "-images-idx3-ubyte"), labels_path = find(part + "-labels-idx1-ubyte");
    if (progress_) {
      progress_("reading " + name(), part == "train" ? 0 : 1, 2);
    }
    const std::size_t known = fashion() ? fashion_mnist_classes.size() : class_names_.size();
    image_set set{{}, read_idx_labels(labels_path, known)};
    name_classes(set.labels);
    set.images = read_idx_images(images_path);
    if (set.images.count != set.labels.size()) {
      throw format_error(labels_path, "byte 4",
                         std::to_string(set.labels.size()) + " labels for the " + std::to_string(set.images.count) +
                             " images of " + images_path);
    }
    return set;
  }

  void name_classes(const std::vector<std::int32_t>& labels) {
    if (fashion()) {
      class_names_.assign(fashion_mnist_classes.begin(), fashion_mnist_classes.end());
    } else if (class_names_.empty()) {
      for (std::int32_t c = 0; c <= *std::max_element(labels.begin(), labels.end()); ++c) {
        class_names_.push_back(std::to_string(c));
      }
    }
  }

  void require_same_size(const idx_images& training, const idx_images& test) const {
    if (training.rows != test.rows || training.columns != test.columns) {
      const auto text = [](const idx_images& i) { return std::to_string(i.rows) + " x " + std::to_string(i.columns); };
      throw format_error(find("t10k-images-idx3-ubyte"), "byte 8",
                         "images of " + text(test) + ", the training set has " + text(training));
    }
  }

  static void read_values(const image_set& from, std::uint32_t s, std::span<float> values) {
    const auto pixels = from.images.image(s);
    std::transform(pixels.begin(), pixels.end(), values.begin(),
                   [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
  }

  /// Long samples of graded input can be a thousand times larger than the images: refused here, before the system
  /// ends the process. The first images stand for all.
  void require_memory(const value_encoder& encoder, const image_set& from) const {
    const auto looked_at = static_cast<std::uint32_t>(std::min<std::size_t>(from.images.count, 100));
    std::vector<float> values(encoder.values());
    double bytes = 0.0;
    for (std::uint32_t s = 0; s < looked_at; ++s) {
      read_values(from, s, values);
      bytes += encoder.bytes_of(values);
    }
    const double needed = bytes / looked_at * static_cast<double>(total_);
    if (needed > static_cast<double>(available_memory())) {
      throw resource_error("encode", static_cast<std::uint64_t>(needed), available_memory(),
                           "fewer data.encoder.steps, another data.encoder.kind or data.limit need less");
    }
  }

  dataset encode(const value_encoder& encoder, const image_set& from, const std::vector<std::uint32_t>& picked,
                 std::uint64_t first_stream) {
    dataset data;
    data.name = name();
    data.channels = encoder.channels();
    data.dt = spec_.encoder.dt;
    data.class_names = class_names_;
    const auto values_of = [&](std::uint32_t s, std::span<float> values) { read_values(from, s, values); };
    const auto report = [&](const std::string& what, std::size_t done, std::size_t) {
      if (progress_) {
        progress_(what, done_ + done, total_);
      }
    };
    data.inputs = encode_samples(encoder, picked, values_of, first_stream, pool_, report);
    done_ += picked.size();
    for (const std::uint32_t s : picked) {
      data.labels.push_back(from.labels[s]);
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

dataset_split load_images(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  return image_loader(spec, seed, progress).load();
}

}  // namespace backspike
