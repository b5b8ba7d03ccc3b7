// Sequences in MATLAB files, through matio.

#include <backspike/data/mat_sequences.hpp>

#include "io/mat_files.hpp"
#include "target.hpp"

#include <fstream>
#include <iterator>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const auto data = read_mat_sequences(file_with(input, "input.mat"), {"fuzz", {"a", "b"}, 1.0});
  require(data.step_labels.size() == data.inputs.spikes.rows(), "a label for each step");
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  const mat_sequences shape{2, 3, 2, 2};
  for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    const auto path = folder_of_files() + "/seed.mat";
    write_mat(path, {shape.x(), shape.y()}, compression);
    std::ifstream in(path, std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return all;
}

const registration registered({"mat", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
