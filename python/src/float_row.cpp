// The only file that knows NumPy's own headers: the fields of an array are read without a call to Python.

#include "float_row.hpp"

#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/ndarraytypes.h>

namespace backspike::python {
namespace {

const PyTypeObject* array_type = nullptr;

}  // namespace

void find_array_type() {
  array_type = reinterpret_cast<const PyTypeObject*>(nb::module_::import_("numpy").attr("ndarray").inc_ref().ptr());
}

bool read_in_place(nb::handle array, std::span<const float>& values) noexcept {
  if (Py_TYPE(array.ptr()) != array_type) {
    return false;
  }
  auto* a = reinterpret_cast<PyArrayObject*>(array.ptr());
  if (PyArray_NDIM(a) != 1 || PyArray_TYPE(a) != NPY_FLOAT || !PyArray_ISCARRAY_RO(a)) {
    return false;
  }
  values = {static_cast<const float*>(PyArray_DATA(a)), static_cast<std::size_t>(PyArray_DIM(a, 0))};
  return true;
}

float_row row_of(nb::handle given, const char* what) {
  std::span<const float> in_place;
  if (read_in_place(given, in_place)) {
    return float_row(in_place);
  }
  const nb::object convert = nb::module_::import_("backspike._arrays").attr("row");
  return float_row(nb::cast<array_in<float, 1>>(convert(given, what)));
}

}  // namespace backspike::python
