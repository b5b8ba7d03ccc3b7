// IDX, plain.

#include <backspike/data/idx.hpp>

#include "io/idx_files.hpp"
#include "target.hpp"

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const auto path = file_with(input);
  if (input.size() > 3 && input[3] == 1) {
    read_idx_labels(path, 10);
    read_idx_labels(path);
  } else {
    const auto images = read_idx_images(path);
    require(images.pixels.size() == images.count * images.rows * images.columns, "a pixel for each place");
    require(images.pixels.size() <= input.size(), "no more pixels than bytes");
  }
}

std::vector<std::string> seeds() {
  return {idx_file({2, 3, 4}, random_pixels(24, 1)), idx_file({3}, std::string("\1\0\2", 3)), idx_file({2}, "ab"),
          idx_file({1U << 31U, 1U << 31U, 1U << 31U}, "")};
}

const registration registered({"idx", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
