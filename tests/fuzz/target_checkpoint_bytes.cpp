// Checkpoints as bytes, through HDF5.

#include <backspike/data/checkpoint.hpp>

#include "target.hpp"

#include <fstream>
#include <iterator>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) { read_checkpoint(file_with(input, "input.h5")); }

std::vector<std::string> seeds() {
  checkpoint c;
  c.version = "0.1.0";
  c.experiment = "seed = 1";
  c.parameters = {{"a.weight", {2, 2}, {1, 2, 3, 4}}};
  c.optimiser = {{"first_moment.a.weight", {2, 2}, {1, 2, 3, 4}}};
  c.scalars = {{"classes", 2}, {"dt", 1}};
  const auto path = folder_of_files() + "/seed.h5";
  write_checkpoint(path, c);
  std::ifstream in(path, std::ios::binary);
  return {{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}};
}

const registration registered({"checkpoint_bytes", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
