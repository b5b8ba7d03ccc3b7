// Exceptions of the library as Python exceptions of named types with the same text. The types live in
// backspike/errors.py; the causes' parts (argument, value, ...) become attributes.

#include "binding.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

#include <exception>
#include <string_view>
#include <utility>

namespace backspike::python {
namespace {

using attributes = std::vector<std::pair<const char*, std::string>>;

/// Settings of a call reach the library as overrides; "--set" is where those stand on the command line.
std::string without_origin(const std::string& text) {
  constexpr std::string_view origin = "--set: ";
  return text.starts_with(origin) ? text.substr(origin.size()) : text;
}

/// Paths need not be UTF-8; Python's way of writing those that are not is what its own functions take, too.
nb::object text_of(const std::string& value) {
  return nb::steal(PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), "surrogateescape"));
}

void raise(const char* type, const std::exception& e, const attributes& parts = {}) {
  const nb::object error = nb::module_::import_("backspike.errors").attr(type)(without_origin(printable(e.what())));
  for (const auto& [name, value] : parts) {
    nb::setattr(error, name, text_of(value));
  }
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const value_error& e) {
    raise("InvalidValueError", e,
          {{"operation", e.operation}, {"argument", e.argument}, {"value", e.value}, {"accepted", e.accepted}});
  } catch (const shape_error& e) {
    raise("ShapeError", e,
          {{"operation", e.operation}, {"argument", e.argument}, {"actual", e.actual}, {"expected", e.expected}});
  } catch (const config_error& e) {
    raise("ConfigError", e, {{"file", e.file}, {"key", e.key}});
  } catch (const missing_data_error& e) {
    raise("MissingDataError", e, {{"path", e.path}, {"remedy", e.remedy}});
  } catch (const format_error& e) {
    raise("FormatError", e, {{"path", e.path}, {"place", e.place}});
  } catch (const file_error& e) {
    raise("FileError", e, {{"path", e.path}});
  } catch (const checkpoint_error& e) {
    raise("CheckpointError", e, {{"path", e.path}});
  } catch (const numeric_error& e) {
    raise("NumericError", e, {{"where", e.where}});
  } catch (const resource_error& e) {
    raise("ResourceError", e);
  } catch (const internal_error& e) {
    raise("InternalError", e);
  }
}

}  // namespace

void bind_errors(nb::module_&) { nb::register_exception_translator(&translate); }

}  // namespace backspike::python
