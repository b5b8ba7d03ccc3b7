// Starts this program again for one run of a sweep, watches it, and keeps the error that it ends with.

#include "commands/member_process.hpp"

#include <backspike/core/error.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace backspike::app {
namespace {

constexpr const char* own_program = "/proc/self/exe";  // also if the file was replaced since

/// Between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, int errors, pid_t parent) {
  ::setpgid(0, 0);  // Ctrl-C reaches the sweep alone, which then asks its members to end
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(1);  // the sweep died before it could be bound to it
  }
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execv(own_program, arguments);
  ::_exit(127);
}

std::string text_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), file)) > 0;) {
    text.append(part.data(), n);
  }
  return text;
}

/// The line with the error, without what is the same in all of them; all of it where there is none.
std::string error_in(const std::string& text) {
  static const std::string mark = "backspike: error: ";
  const auto found = text.find(mark);
  const auto line = found == std::string::npos ? text : text.substr(found + mark.size());
  return line.substr(0, line.find('\n'));
}

}  // namespace

member_process::member_process(const std::vector<std::string>& arguments) : errors_(std::tmpfile()) {
  if (!errors_) {
    throw file_error("create", "a temporary file", std::strerror(errno));
  }
  std::vector<char*> texts;
  texts.reserve(arguments.size() + 1);  // and the null that ends them
  for (const auto& argument : arguments) {
    texts.push_back(const_cast<char*>(argument.c_str()));  // exec's old interface; it changes nothing
  }
  texts.push_back(nullptr);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) {
    throw file_error("start", own_program, std::strerror(errno));
  }
  if (process_ == 0) {
    become(texts.data(), ::fileno(errors_.get()), parent);
  }
}

member_process::~member_process() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

member_process::member_process(member_process&& other) noexcept
    : errors_(std::move(other.errors_)), process_(std::exchange(other.process_, -1)) {}

process_end member_process::poll() {
  int status = 0;
  const pid_t changed = ::waitpid(process_, &status, WNOHANG);
  if (changed == 0 || (changed < 0 && errno == EINTR)) {
    return {};
  }
  process_ = -1;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return {true, 128 + signal,
            std::string("ended by signal ") + std::to_string(signal) + " (" + ::strsignal(signal) + ")"};
  }
  return {true, WEXITSTATUS(status), error_in(text_of(errors_.get()))};
}

void member_process::stop() const {
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
  }
}

}  // namespace backspike::app
