// Waits with poll, in pieces between which the caller may break off, and reads what is there.

#include "events/live/live_input.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

namespace backspike {
namespace {

constexpr std::size_t largest_datagram = 65536;
constexpr int look_every = 50;  // [ms] at what the caller wants
constexpr std::string_view udp = "udp:";
constexpr double longest_s = 1e6;

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw file_error("read", name, what + ": " + std::strerror(errno));
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g s", seconds);
  return text;
}

/// "9000", "0.0.0.0:9000".
sockaddr_in address_of(const std::string& place, const std::string& name) {
  const auto colon = place.rfind(':');
  const auto host = colon == std::string::npos ? std::string("127.0.0.1") : place.substr(0, colon);
  const auto port = colon == std::string::npos ? place : place.substr(colon + 1);
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() || number == 0 ||
      ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    throw value_error("read events", "source", name,
                      "udp:PORT for senders on this machine, udp:0.0.0.0:PORT for all; a port from 1 to 65535");
  }
  address.sin_port = htons(number);
  return address;
}

}  // namespace

live_input::live_input(const live_events& from)
    : name_(from.from == "-" ? "standard input" : from.from), timeout_s_(from.timeout_s) {
  if (!(timeout_s_ > 0.0 && timeout_s_ <= longest_s)) {
    throw value_error("read " + name_, "timeout", std::to_string(timeout_s_), "above 0 and up to 1000000 seconds");
  }
  if (from.from.starts_with(udp)) {
    open_udp(from.from.substr(udp.size()));
  } else if (from.from == "-") {
    file_ = descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!file_.valid()) {
      fail(name_, "it is closed");
    }
  } else {
    open_pipe(from.from);
  }
}

void live_input::open_udp(const std::string& place) {
  const auto address = address_of(place, name_);
  file_ = descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!file_.valid()) {
    fail(name_, "no socket");
  }
  const int room = 4 << 20, yes = 1;
  ::setsockopt(file_.number(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  ::setsockopt(file_.number(), SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
  if (::bind(file_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(name_, "the port cannot be had");
  }
  datagrams_ = true;
}

void live_input::open_pipe(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    fail(path, "it cannot be opened");
  }
  if (!S_ISFIFO(status.st_mode)) {
    throw file_error("read", path, "it is no pipe; accepted: -, udp:PORT, or a named pipe");
  }
  file_ = descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file_.valid()) {
    fail(path, "it cannot be opened");
  }
}

bool live_input::comes_within(int ms) {
  if (taken_ < datagram_.size()) {
    return true;
  }
  pollfd waiting{file_.number(), POLLIN, 0};
  return ::poll(&waiting, 1, ms) > 0;
}

void live_input::wait() {
  using clock = std::chrono::steady_clock;
  const auto begin = clock::now();
  while (!comes_within(look_every)) {
    check_interruption();
    if (std::chrono::duration<double>(clock::now() - begin).count() >= timeout_s_) {
      throw file_error("read", name_, "nothing came for " + seconds_text(timeout_s_) + " (timeout)");
    }
  }
}

std::size_t live_input::read(void* to, std::size_t count) {
  for (;;) {
    wait();
    if (datagrams_) {
      return read_datagram(to, count);
    }
    const auto got = ::read(file_.number(), to, count);
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR && errno != EAGAIN) {
      fail(name_, "it broke off");
    }
  }
}

/// The rest of the one that is here, or of the next one; an empty one is the end.
std::size_t live_input::read_datagram(void* to, std::size_t count) {
  if (taken_ == datagram_.size()) {
    take_datagram();
  }
  const std::size_t part = std::min(count, datagram_.size() - taken_);
  std::copy_n(datagram_.data() + taken_, part, static_cast<std::uint8_t*>(to));
  taken_ += part;
  return part;
}

void live_input::take_datagram() {
  datagram_.resize(largest_datagram);
  taken_ = 0;
  iovec place{datagram_.data(), datagram_.size()};
  alignas(cmsghdr) std::array<char, 64> control{};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto got = ::recvmsg(file_.number(), &message, 0);
  datagram_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (got < 0) {
    fail(name_, "no datagram");
  }
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t lost = 0;
      std::memcpy(&lost, CMSG_DATA(c), sizeof lost);
      lost_ = lost;
    }
  }
}

}  // namespace backspike
