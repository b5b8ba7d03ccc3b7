// Only regular files are read, in parts, and never more than the memory holds.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/input_file.hpp>

#include "io/scratch.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace backspike {
namespace {

using testing::HasSubstr;

class InputFile : public scratch {};

TEST_F(InputFile, IsReadInPartsAndFromAnywhere) {
  put(at("a"), "0123456789");
  EXPECT_EQ(regular_file_size(at("a")), 10u);
  input_file file(at("a"));
  EXPECT_EQ(file.size(), 10u);
  std::string text(4, '\0');
  EXPECT_EQ(file.read(text.data(), 4), 4u);
  EXPECT_EQ(text, "0123");
  file.seek(8);
  EXPECT_EQ(file.read(text.data(), 4), 2u);
  EXPECT_EQ(text.substr(0, 2), "89");
  EXPECT_EQ(file.read(text.data(), 4), 0u);
}

TEST_F(InputFile, OnlyRegularFilesAreOpened) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  at("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  std::filesystem::create_symlink("/dev/zero", at("endless"));
  std::filesystem::create_symlink(at("circle"), at("circle"));
  const std::pair<std::string, const char*> refused[] = {{at(""), "a folder"},
                                                         {at("pipe"), "a pipe"},
                                                         {at("socket"), "a socket"},
                                                         {at("endless"), "a device"},
                                                         {"/dev/random", "a device"},
                                                         {at("none"), "No such file"},
                                                         {at("circle"), "symbolic links"}};
  for (const auto& pair : refused) {
    const auto& path = pair.first;  // clang 14 does not let a lambda capture a part of a structured binding
    const auto& why = pair.second;
    EXPECT_THAT(message_of<file_error>([&] { input_file file(path); }), HasSubstr(why));
    EXPECT_THAT(message_of<file_error>([&] { regular_file_size(path); }), HasSubstr(path));
    EXPECT_THAT(message_of<file_error>([&] { read_text_file(path); }), HasSubstr(why));
  }
}

TEST_F(InputFile, FilesOfTheSystemThatSayTheyAreEmptyAreReadWhole) {
  EXPECT_EQ(regular_file_size("/proc/self/status"), 0u);
  EXPECT_THAT(read_text_file("/proc/self/status"), HasSubstr("VmSize"));
}

TEST_F(InputFile, AFileLargerThanTheMemoryIsRefusedBeforeItIsRead) {
  put(at("a"), "");
  constexpr off_t bytes = off_t{1} << 42;  // of a hole
  ASSERT_EQ(::truncate(at("a").c_str(), bytes), 0);
  EXPECT_THAT(message_of<resource_error>([&] { read_text_file(at("a")); }), HasSubstr("needs 4.0 TiB"));
}

}  // namespace
}  // namespace backspike
