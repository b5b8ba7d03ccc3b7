// Turns an error into a message on the terminal and an exit code; the codes are in docs/command-line.md.

#include "exit_code.hpp"
#include "output.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

namespace backspike::app {
namespace {

exit_code say(exit_code code, const std::string& message, const std::string& hint = "") {
  try {
    complain("backspike: error: {}\n", message);
    if (!hint.empty()) {
      complain("hint: {}\n", hint);
    }
  } catch (const std::system_error&) {  // standard error is full: the code has to say it alone
  }
  return code;
}

exit_code report_user_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const config_error& e) {
    return say(exit_code::usage, e.what(), "`backspike schema` lists every key with its default and range");
  } catch (const missing_data_error& e) {
    return say(exit_code::missing_data, e.what());
  } catch (const format_error& e) {
    return say(exit_code::format, e.what(), "fetch or write the file again; it is not whole, or of another kind");
  } catch (const file_error& e) {
    return say(exit_code::file, e.what());
  } catch (const checkpoint_error& e) {
    return say(exit_code::checkpoint, e.what(), "`backspike inspect CHECKPOINT` shows what a checkpoint holds");
  } catch (const numeric_error& e) {
    return say(exit_code::numeric, e.what());
  } catch (const resource_error& e) {
    const bool of_a_file = e.operation.starts_with("read ");  // whose text says what helps
    return say(exit_code::resources, e.what(),
               of_a_file ? "" : "`backspike inspect EXPERIMENT.toml` shows the forecast in parts");
  } catch (const user_error& e) {  // value_error, shape_error
    return say(exit_code::usage, e.what());
  }
}

/// Errors that came past the library's own: of the system, in words of the standard library, and of files that were
/// damaged where only the parser noticed.
exit_code report_foreign_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return say(exit_code::resources, "out of memory", "a smaller train.batch or data.limit needs less");
  } catch (const std::length_error&) {  // what a container says that is asked for more than can be addressed
    return say(exit_code::resources, "out of memory", "a smaller train.batch or data.limit needs less");
  } catch (const std::system_error& e) {  // std::filesystem_error and std::ios_base::failure are such
    const bool refused = e.code() == std::errc::resource_unavailable_try_again ||  // one thread too many
                         e.code() == std::errc::not_enough_memory;
    return say(refused ? exit_code::resources : exit_code::file, std::string("the system refused: ") + e.what());
  } catch (const nlohmann::json::exception& e) {
    return say(exit_code::format, std::string("JSON that cannot be read or written: ") + e.what());
  } catch (const std::exception& e) {
    return say(exit_code::internal, std::string("internal error: ") + e.what(), "this is a bug of backspike");
  }
}

}  // namespace

exit_code report_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const user_error&) {
    return report_user_error(error);
  } catch (...) {
    return report_foreign_error(error);
  }
}

std::string exit_code_help() {
  return "Exit codes: 0 done; 2 command line, experiment file, or a value or shape that is refused; 3 missing data "
         "set;\n"
         "4 truncated or corrupt file; 5 read or write refused by the system (disk full, no permission); 6 checkpoint "
         "of\n"
         "another network or experiment; 7 NaN or infinity; 8 the run would not fit in memory; 9 runs of a sweep\n"
         "failed; 70 a bug of backspike; 130 and 143 stopped by Ctrl-C (SIGINT) and SIGTERM; 141 nobody reads the "
         "output\n"
         "any more (SIGPIPE, as after `| head`).";
}

}  // namespace backspike::app
