// Puts the text of every error together. All of it is made printable here, since errors quote names that others chose.

#include <backspike/core/error.hpp>

#include <backspike/core/bytes.hpp>
#include <backspike/core/text.hpp>

namespace backspike {
namespace {

std::string accepts(const std::string& what) { return what.empty() ? "" : " (accepted: " + what + ")"; }

std::string place_of(const std::string& file, std::size_t line) {
  return line == 0 ? file : file + ":" + std::to_string(line);
}

std::string need_of(std::uint64_t needed, std::uint64_t available) {
  const auto there = bytes_text(available);
  return needed == resource_error::beyond ? "more than the " + there + " of memory that"
                                          : bytes_text(needed) + " of memory, " + there;
}

}  // namespace

// The text of every error is on one line and safe to show, whatever names it quotes (core/text.hpp); the members are as
// they were given.

value_error::value_error(const std::string& operation_, const std::string& argument_, const std::string& value_,
                         const std::string& accepted_)
    : user_error(printable(operation_ + ": " + argument_ + " = " + value_ + accepts(accepted_))),
      operation(operation_),
      argument(argument_),
      value(value_),
      accepted(accepted_) {}

shape_error::shape_error(const std::string& operation_, const std::string& argument_, const std::string& actual_,
                         const std::string& expected_)
    : user_error(printable(operation_ + ": " + argument_ + " has shape " + actual_ + ", expected " + expected_)),
      operation(operation_),
      argument(argument_),
      actual(actual_),
      expected(expected_) {}

config_error::config_error(const std::string& file_, std::size_t line_, const std::string& key_,
                           const std::string& message_)
    : user_error(printable(place_of(file_, line_) + ": " + (key_.empty() ? "" : key_ + ": ") + message_)),
      file(file_),
      key(key_),
      message(message_),
      line(line_) {}

missing_data_error::missing_data_error(const std::string& path_, const std::string& remedy_)
    : user_error(printable("no data at " + path_ + ": " + remedy_)), path(path_), remedy(remedy_) {}

format_error::format_error(const std::string& path_, const std::string& place_, const std::string& message_)
    : user_error(printable(path_ + (place_.empty() ? "" : " (" + place_ + ")") + ": " + message_)),
      path(path_),
      place(place_),
      message(message_) {}

file_error::file_error(const std::string& operation_, const std::string& path_, const std::string& message_)
    : user_error(printable("cannot " + operation_ + " " + path_ + ": " + message_)),
      operation(operation_),
      path(path_),
      message(message_) {}

checkpoint_error::checkpoint_error(const std::string& path_, const std::string& message_)
    : user_error(printable("checkpoint " + path_ + ": " + message_)), path(path_), message(message_) {}

numeric_error::numeric_error(const std::string& where_, const std::string& message_, std::optional<std::uint64_t> step_)
    : user_error(printable(where_ + (step_ ? ", training step " + std::to_string(*step_) : "") + ": " + message_)),
      where(where_),
      message(message_),
      step(step_) {}

resource_error::resource_error(const std::string& operation_, std::uint64_t needed_, std::uint64_t available_,
                               const std::string& advice_)
    : user_error(printable(operation_ + " needs " + need_of(needed_, available_) + " are available; " + advice_)),
      operation(operation_),
      advice(advice_),
      needed(needed_),
      available(available_) {}

}  // namespace backspike
