// gzip around IDX. Damage to compressed bytes mostly ends at a checksum, so the first byte picks: the bytes as a file,
// or what follows compressed by us, as one member or as several with what else may stand between and behind them.

#include <backspike/core/error.hpp>
#include <backspike/data/idx.hpp>

#include "io/idx_files.hpp"
#include "target.hpp"

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  if (input.empty()) {
    return;
  }
  const auto kind = static_cast<unsigned char>(input.front());
  const std::string rest(input.substr(1));
  std::string file = rest;
  if (kind % 4 == 1) {
    file = gzip(rest);
  } else if (kind % 4 == 2) {
    const auto cut = rest.size() * (kind / 4) / 64;
    file = gzip(rest.substr(0, cut)) + gzip(rest.substr(cut));
  } else if (kind % 4 == 3) {
    const auto cut = rest.size() / 2;
    file = gzip(rest.substr(0, cut)) + rest.substr(cut);
  }
  const auto path = file_with(file);
  try {
    read_idx_labels(path);
  } catch (const user_error&) {  // images, then
    read_idx_images(path);
  }
}

std::vector<std::string> seeds() {
  const auto labels = idx_file({3}, std::string("\1\0\2", 3)), images = idx_file({2, 3, 4}, random_pixels(24, 1));
  return {std::string(1, '\0') + gzip(labels),
          "\1" + labels,
          "\1" + images,
          "\x42" + images,
          "\3" + images + std::string(48, '\0'),
          std::string(1, '\0') + gzip(images) + std::string(8, '\0')};
}

const registration registered({"gzip", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
