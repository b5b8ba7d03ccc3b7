// Data sets whose files are named in another case of letters than ours.

#include <backspike/data/load.hpp>

#include "io/idx_files.hpp"
#include "io/mat_files.hpp"
#include "io/scratch.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

class LoadNames : public scratch {};

TEST_F(LoadNames, ImagesInCapitals) {
  for (const std::string part : {"TRAIN", "T10K"}) {
    std::string labels;
    for (int k = 0; k < 20; ++k) {
      labels += static_cast<char>(k % 2);
    }
    put(at(part + "-IMAGES-IDX3-UBYTE.GZ"), gzip(idx_file({20, 4, 4}, random_pixels(20 * 16, 1))));
    put(at(part + "-Labels-idx1-ubyte"), idx_file({20}, labels));
  }
  data_spec spec;
  spec.source = data_source::idx;
  spec.path = folder_.string();
  spec.validation = 0.25;
  const auto d = load_data(spec, 1);
  EXPECT_EQ(d.train.size() + d.validation.size(), 20u);
  EXPECT_EQ(d.test.size(), 20u);
}

TEST_F(LoadNames, SequencesInCapitals) {
  const mat_sequences some{8, 6, 4, 6};
  write_mat(at("QTDB_TRAIN.MAT"), {some.x(), some.y()});
  write_mat(at("qtdb_test.Mat"), {some.x(), some.y()});
  data_spec spec;
  spec.source = data_source::ecg_qtdb;
  spec.path = folder_.string();
  spec.validation = 0.25;
  const auto d = load_data(spec, 1);
  EXPECT_EQ(d.train.size() + d.validation.size(), 8u);
  EXPECT_EQ(d.test.size(), 8u);
}

}  // namespace
}  // namespace backspike
