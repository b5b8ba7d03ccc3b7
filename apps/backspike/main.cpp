// Where the program starts: standard streams and signals, the parser, the chosen command, and the exit code of what
// went wrong.

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/experiment/version.hpp>

#include "commands/command.hpp"
#include "commands/robustness/robustness_commands.hpp"
#include "exit_code.hpp"
#include "options.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace {

using namespace backspike;

void describe(CLI::App& program) {
  program.set_version_flag("--version", "backspike " + std::string(version()));
  program.require_subcommand(1);
  program.failure_message([](const CLI::App*, const CLI::Error& e) {  // which quotes the arguments
    return printable(e.what()) + "\nRun with --help for more information.\n";
  });
  program.footer(
      "Examples:\n"
      "  backspike train experiments/fashion_mnist.toml\n"
      "  backspike evaluate runs/fashion_mnist\n"
      "  backspike COMMAND --help                    options and examples of a command\n\n" +
      app::exit_code_help());
}

/// A write beyond the limit of a file's size then fails, which is said, where it would kill. And who reads no more
/// wants a quiet end, also where the caller ignores that signal.
void settle_signals() {
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_DFL);
}

/// Where a caller has closed standard input, output or error, the next file that is opened would get their number, and
/// with it the messages. Writing to an output that is closed still fails.
void fill_standard_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) {
      ::open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY);  // the lowest free number, which is this one
    }
  }
}

/// A full disk behind a redirected stdout shows only when the last buffer is written.
void finish_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw file_error("write", "standard output", "the system refused it (disk full?)");
  }
}

}  // namespace

int main(int argc, char** argv) {
  settle_signals();
  fill_standard_descriptors();
  CLI::App program("Trains spiking neural networks through time.", "backspike");
  app::action chosen;
  describe(program);
  app::add_train(program, chosen);
  app::add_evaluate(program, chosen);
  app::add_predict(program, chosen);
  app::add_inspect(program, chosen);
  app::add_encode(program, chosen);
  app::add_compare_gradients(program, chosen);
  app::add_mismatch(program, chosen);
  app::add_deploy(program, chosen);
  app::add_sensitivity(program, chosen);
  app::add_attack(program, chosen);
  app::add_sweep(program, chosen);
  app::add_events(program, chosen);
  app::add_export(program, chosen);
  app::add_schema(program, chosen);
  std::size_t threads = 0;
  try {
    program.parse(argc, argv);
    threads = app::threads_asked_for(program);
  } catch (const CLI::ParseError& e) {
    const auto code = program.exit(e) == 0 ? app::exit_code::ok : app::exit_code::usage;
    chosen = [code] { return static_cast<int>(code); };
  }
  try {
    const thread_limit limit(threads);  // reading is work, too
    const int code = chosen();
    finish_output();
    return code;
  } catch (...) {
    return static_cast<int>(app::report_error(std::current_exception()));
  }
}
