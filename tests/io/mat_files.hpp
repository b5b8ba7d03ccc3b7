#pragma once
// MATLAB files made by the tests themselves, with matio.

#include <matio.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace backspike {

struct mat_variable {
  std::string name;
  std::vector<std::size_t> extents;
  std::vector<double> values;  // the first index is the fastest
};

inline void write_mat(const std::string& path, const std::vector<mat_variable>& variables,
                      matio_compression compression = MAT_COMPRESSION_ZLIB, mat_ft version = MAT_FT_MAT5) {
  const std::unique_ptr<mat_t, int (*)(mat_t*)> file(Mat_CreateVer(path.c_str(), nullptr, version), Mat_Close);
  for (const auto& v : variables) {
    auto extents = v.extents;
    auto values = v.values;
    const std::unique_ptr<matvar_t, void (*)(matvar_t*)> variable(
        Mat_VarCreate(v.name.c_str(), MAT_C_DOUBLE, MAT_T_DOUBLE, static_cast<int>(extents.size()), extents.data(),
                      values.data(), 0),
        Mat_VarFree);
    Mat_VarWrite(file.get(), variable.get(), compression);
  }
}

/// x and y of `samples` sequences: channel (s + t) % channels has an event in step t, -1 where t is 0; the label is
/// t % (classes + 1), where the last stands for none.
struct mat_sequences {
  std::size_t samples = 5, steps = 6, channels = 3, classes = 2;

  mat_variable x() const {
    mat_variable v{"x", {samples, steps, channels}, std::vector<double>(samples * steps * channels, 0.0)};
    for (std::size_t s = 0; s < samples; ++s) {
      for (std::size_t t = 0; t < steps; ++t) {
        v.values[s + samples * (t + steps * ((s + t) % channels))] = t == 0 ? -1.0 : 1.0;
      }
    }
    return v;
  }
  mat_variable y() const {
    mat_variable v{"y", {samples, steps, classes}, std::vector<double>(samples * steps * classes, 0.0)};
    for (std::size_t s = 0; s < samples; ++s) {
      for (std::size_t t = 0; t < steps; ++t) {
        if (const auto label = t % (classes + 1); label < classes) {
          v.values[s + samples * (t + steps * label)] = 1.0;
        }
      }
    }
    return v;
  }
};

}  // namespace backspike
