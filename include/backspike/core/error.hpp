#pragma once
// Two roots: user_error (a bad file, shape or setting) and internal_error (our bug). One type per cause, so that
// callers can react to the cause and the command line can map it to a documented exit code. The text says which
// operation refused which argument, what value it saw and what it would accept.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace backspike {

struct internal_error : std::logic_error {
  using std::logic_error::logic_error;
};

struct user_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A value that an operation refuses: "operation: argument = value; accepted: accepted".
struct value_error : user_error {
  value_error(const std::string& operation, const std::string& argument, const std::string& value,
              const std::string& accepted);
  std::string operation, argument, value, accepted;
};

/// Shapes that do not fit; both are in the text.
struct shape_error : user_error {
  shape_error(const std::string& operation, const std::string& argument, const std::string& actual,
              const std::string& expected);
  std::string operation, argument, actual, expected;
};

/// A setting in an experiment file: file, line, dotted key, message.
struct config_error : user_error {
  config_error(const std::string& file, std::size_t line, const std::string& key, const std::string& message);
  std::string file, key, message;
  std::size_t line;  // 0: not from a file (an override on the command line)
};

/// A data set that is not where it should be; the text names the package to install or the option to set.
struct missing_data_error : user_error {
  missing_data_error(const std::string& path, const std::string& remedy);
  std::string path, remedy;
};

/// A file that exists and is not what it should be: truncated, corrupt, of another format.
struct format_error : user_error {
  format_error(const std::string& path, const std::string& place, const std::string& message);
  std::string path, place, message;
};

/// The operating system refused a read or a write: disk full, no permission.
struct file_error : user_error {
  file_error(const std::string& operation, const std::string& path, const std::string& message);
  std::string operation, path, message;
};

/// A checkpoint that belongs to another network or another version.
struct checkpoint_error : user_error {
  checkpoint_error(const std::string& path, const std::string& message);
  std::string path, message;
};

/// NaN or infinity in weights, loss or gradient; where names the layer or parameter, step the training step, of which
/// only the trainer knows.
struct numeric_error : user_error {
  numeric_error(const std::string& where, const std::string& message, std::optional<std::uint64_t> step = {});
  std::string where, message;
  std::optional<std::uint64_t> step;
};

/// A run that would not fit: what it needs and what there is, in bytes.
struct resource_error : user_error {
  resource_error(const std::string& operation, std::uint64_t needed, std::uint64_t available,
                 const std::string& advice);
  std::string operation, advice;
  std::uint64_t needed, available;  // needed is `beyond` where nobody knows how much above `available` it is
  static constexpr std::uint64_t beyond = ~std::uint64_t{0};
};

}  // namespace backspike
