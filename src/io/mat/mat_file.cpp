// Reads arrays of numbers from a MATLAB file with matio, whatever their class.

#include "io/mat/mat_file.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>

#include <algorithm>
#include <cstdint>

namespace backspike {
namespace {

constexpr double deflate_limit =
    1100;  // zlib makes data at most about 1032 times smaller; an element is a byte or more

struct variable_free {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using variable_handle = std::unique_ptr<matvar_t, variable_free>;

template <class T>
std::vector<double> converted(const matvar_t& v, std::size_t count) {
  const auto* data = static_cast<const T*>(v.data);
  return std::vector<double>(data, data + count);
}

/// The values of a variable of any class of real numbers; false if it is of another class.
bool convert(const matvar_t& v, std::size_t count, std::vector<double>& values) {
  switch (v.class_type) {
    case MAT_C_DOUBLE:
      values = converted<double>(v, count);
      return true;
    case MAT_C_SINGLE:
      values = converted<float>(v, count);
      return true;
    case MAT_C_INT8:
      values = converted<std::int8_t>(v, count);
      return true;
    case MAT_C_UINT8:
      values = converted<std::uint8_t>(v, count);
      return true;
    case MAT_C_INT16:
      values = converted<std::int16_t>(v, count);
      return true;
    case MAT_C_UINT16:
      values = converted<std::uint16_t>(v, count);
      return true;
    case MAT_C_INT32:
      values = converted<std::int32_t>(v, count);
      return true;
    case MAT_C_UINT32:
      values = converted<std::uint32_t>(v, count);
      return true;
    default:
      return false;
  }
}

}  // namespace

mat_file::mat_file(const std::string& path, const read_limits& limits) : path_(path), limits_(limits) {
  check_mat_elements(path);
  file_.reset(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file_) {
    throw format_error(path, "byte 0", "not a MATLAB file that matio can read");
  }
}

void mat_file::fail(const std::string& variable, const std::string& message) const {
  throw format_error(path_, "variable " + variable, message);
}

bool mat_file::has(const std::string& name) const {
  return variable_handle(Mat_VarReadInfo(file_.get(), name.c_str())) != nullptr;
}

mat_array mat_file::array(const std::string& name, std::size_t rank) const {
  const variable_handle v(Mat_VarReadInfo(file_.get(), name.c_str()));
  if (!v) {
    fail(name, "is not there");
  }
  if (static_cast<std::size_t>(v->rank) != rank) {
    fail(name, "has " + std::to_string(v->rank) + " dimensions; accepted: " + std::to_string(rank));
  }
  mat_array a;
  double count = 1;
  for (std::size_t k = 0; k < rank; ++k) {
    a.extents.push_back(v->dims[k]);
    count *= static_cast<double>(v->dims[k]);
  }
  if (count > deflate_limit * static_cast<double>(regular_file_size(path_))) {
    fail(name, "claims more elements than the file could hold");
  }
  constexpr double bytes_each = 2 * sizeof(double);  // matio's array and ours
  require_memory(limits_, "read " + path_ + ": variable " + name, count * bytes_each);
  if (count == 0) {
    fail(name, "is empty");
  }
  if (v->isComplex != 0 || Mat_VarReadDataAll(file_.get(), v.get()) != 0 || v->data == nullptr ||
      static_cast<double>(v->nbytes) < count * v->data_size ||
      !convert(*v, static_cast<std::size_t>(count), a.values)) {
    fail(name, "is not an array of real numbers");
  }
  return a;
}

}  // namespace backspike
