// Files appear whole or not at all: full disks, links, pipes, killed writers, folders that cannot be written.

#include <backspike/core/file.hpp>
#include <backspike/core/input_file.hpp>

#include <backspike/core/error.hpp>

#include "temporary_folder.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace backspike {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Files larger than `bytes` cannot be written during the life of the object: the same short write as on a full disk.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

/// Root may write everywhere; as long as this lives, root is somebody else.
class without_privileges {
 public:
  without_privileges() : user_(geteuid()) {
    if (user_ == 0) {
      dropped_ = seteuid(65534) == 0;
    }
  }
  ~without_privileges() {
    if (dropped_ && seteuid(user_) != 0) {
      std::terminate();
    }
  }
  without_privileges(const without_privileges&) = delete;
  without_privileges& operator=(const without_privileges&) = delete;
  bool effective() const { return geteuid() != 0; }

 private:
  uid_t user_;
  bool dropped_ = false;
};

class File : public testing::Test {
 protected:
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      found.insert(entry.path().filename().string());
    }
    return found;
  }

  static void put(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }

  temporary_folder own_;
  const fs::path folder_ = own_.path();
  const std::string path_ = own_.at("result.txt");
};

TEST_F(File, TextComesBackAsItWasWritten) {
  const std::string content("line\nnul \0 and \xff\r\n", 18);
  write_text_file(path_, content);
  EXPECT_EQ(read_text_file(path_), content);
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, EmptyAndLargeFilesComeBack) {
  write_text_file(path_, "");
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_EQ(read_text_file(path_), "");
  const std::string large(3 << 20, 'x');
  write_text_file(path_, large);
  EXPECT_EQ(read_text_file(path_), large);
}

TEST_F(File, ReplacesAnOldFileEntirely) {
  write_text_file(path_, "a long old content");
  write_text_file(path_, "new");
  EXPECT_EQ(read_text_file(path_), "new");
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, AcceptsANameWithoutAFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write_text_file("result.txt", "here");
  fs::current_path(before);
  EXPECT_EQ(read_text_file(path_), "here");
}

TEST_F(File, OldContentStaysVisibleUntilTheNewOneIsComplete) {
  write_text_file(path_, "old");
  replace_file(path_, [&](const put_bytes& put) {
    put("half of the n");
    EXPECT_EQ(read_text_file(path_), "old");
    put("ew");
    EXPECT_EQ(read_text_file(path_), "old");
    EXPECT_EQ(names().size(), 2u) << "the temporary file is beside it: a rename needs one file system";
  });
  EXPECT_EQ(read_text_file(path_), "half of the new");
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, ReadersNeverSeeHalfAFile) {
  const std::string a(100000, 'a'), b(200000, 'b');
  write_text_file(path_, a);
  std::atomic<bool> done = false, torn = false;
  std::thread reader([&] {
    while (!done) {
      const std::string seen = read_text_file(path_);
      torn = torn || (seen != a && seen != b);
    }
  });
  for (int k = 0; k < 40; ++k) {
    write_text_file(path_, k % 2 == 0 ? b : a);
  }
  done = true;
  reader.join();
  EXPECT_FALSE(torn);
}

TEST_F(File, FailureOfTheWriterLeavesTheOldFileAndNoTemporary) {
  write_text_file(path_, "old");
  const auto write_and_fail = [](const put_bytes& put) {
    put("half");
    throw std::domain_error("the writer gave up");
  };
  EXPECT_THROW(replace_file(path_, write_and_fail), std::domain_error) << "the writer's own error reaches the caller";
  EXPECT_EQ(read_text_file(path_), "old");
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, FailureOfAFirstWriteLeavesNothing) {
  const auto write_and_fail = [](const put_bytes& put) {
    put("half");
    throw std::domain_error("the writer gave up");
  };
  EXPECT_THROW(replace_file(path_, write_and_fail), std::domain_error);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(File, TemporaryNamesCannotBeForeseen) {
  std::set<std::string> seen;
  for (int k = 0; k < 20; ++k) {
    replace_file(path_, [&](const put_bytes&) {
      auto now = names();
      now.erase("result.txt");
      seen.insert(now.begin(), now.end());
    });
  }
  EXPECT_EQ(seen.size(), 20u);
  EXPECT_THAT(*seen.begin(), testing::MatchesRegex("\\.backspike-[0-9a-f]+\\.tmp"));
}

TEST_F(File, TheLongestNameCanBeWritten) {
  const auto path = (folder_ / std::string(255, 'x')).string();
  write_text_file(path, "text");
  EXPECT_EQ(read_text_file(path), "text");
}

TEST_F(File, ALinkIsReplacedAndItsTargetStays) {
  const auto other = (folder_ / "theirs.txt").string();
  put(other, "theirs");
  fs::create_symlink("theirs.txt", path_);
  write_text_file(path_, "mine");
  EXPECT_FALSE(is_link(path_));
  EXPECT_EQ(read_text_file(path_), "mine");
  EXPECT_EQ(read_text_file(other), "theirs");
}

TEST_F(File, NewFilesHaveTheModeOfTheUmask) {
  for (const mode_t mask : {022U, 077U, 002U}) {
    const auto before = umask(mask);
    write_text_file(path_, "text");
    umask(before);
    EXPECT_EQ(static_cast<unsigned>(fs::status(path_).permissions()), 0666U & ~mask);
  }
}

// Renaming over /dev/null would take it away from everybody: hence a pipe and devices of our own.
TEST_F(File, PipesAndDevicesAreWrittenToAndStay) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string seen;
  std::thread reader([&] {
    std::ifstream pipe(path_, std::ios::binary);
    seen.assign(std::istreambuf_iterator<char>(pipe), std::istreambuf_iterator<char>());
  });
  write_text_file(path_, std::string(200000, 'x'));
  reader.join();
  EXPECT_EQ(seen, std::string(200000, 'x'));
  EXPECT_EQ(kind_of(path_), path_kind::other);
  const auto nothing = (folder_ / "null").string(), full = (folder_ / "full").string();
  constexpr unsigned memory_devices = 1;
  if (mknod(nothing.c_str(), S_IFCHR | 0600, makedev(memory_devices, 3)) != 0 ||
      mknod(full.c_str(), S_IFCHR | 0600, makedev(memory_devices, 7)) != 0 ||
      !std::ofstream(nothing, std::ios::app).is_open()) {
    GTEST_SKIP() << "may not make devices here";
  }
  write_text_file(nothing, "gone");
  EXPECT_EQ(kind_of(nothing), path_kind::other);
  EXPECT_THROW(write_text_file(full, "text"), file_error);
  EXPECT_EQ(kind_of(full), path_kind::other);
}

// As /dev/stdout is one where the output goes to a file.
TEST_F(File, AFileThatTheSystemShowsAsALinkIsAddedTo) {
  put(path_, "before ");
  const int descriptor = open(path_.c_str(), O_WRONLY | O_APPEND);
  ASSERT_GE(descriptor, 0);
  write_text_file("/proc/self/fd/" + std::to_string(descriptor), "after");
  close(descriptor);
  EXPECT_EQ(read_text_file(path_), "before after");
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, TextIsAppendedOnlyBehindWhatIsKnown) {
  EXPECT_FALSE(append_to_file(path_, 0, "line\n")) << "there is no such file";
  write_text_file(path_, "one\n");
  EXPECT_TRUE(append_to_file(path_, 4, "two\n"));
  EXPECT_EQ(read_text_file(path_), "one\ntwo\n");
  EXPECT_FALSE(append_to_file(path_, 4, "three\n")) << "somebody else has written to it";
  const auto other = (folder_ / "other.txt").string();
  fs::create_hard_link(path_, other);
  EXPECT_FALSE(append_to_file(path_, 8, "three\n")) << "the other name's content would change";
  fs::remove(other);
  fs::rename(path_, other);
  fs::create_symlink("other.txt", path_);
  EXPECT_FALSE(append_to_file(path_, 8, "three\n")) << "a link";
  EXPECT_EQ(read_text_file(other), "one\ntwo\n");
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(append_to_file(path_, 0, "three\n")) << "a pipe that nobody reads, which would be waited for";
}

/// The system would take what is before the NUL for the name.
TEST_F(File, ANameWithANulIsRefusedByEveryCall) {
  write_text_file(path_, "kept");
  const std::string longer = path_ + std::string("\0x", 2);
  for (const std::function<void()>& call : std::vector<std::function<void()>>{
           [&] { write_text_file(longer, ""); }, [&] { static_cast<void>(append_to_file(longer, 4, "x")); },
           [&] { static_cast<void>(read_text_file(longer)); }, [&] { static_cast<void>(kind_of(longer)); },
           [&] { static_cast<void>(is_link(longer)); }, [&] { static_cast<void>(names_in(longer)); },
           [&] { make_folders(longer); }, [&] { remove_file(longer); }, [&] { remove_leftovers(longer); }}) {
    EXPECT_THROW(call(), file_error);
  }
  EXPECT_EQ(read_text_file(path_), "kept");
}

TEST_F(File, AnAppendThatFailsLeavesWhatWasThere) {
  write_text_file(path_, "one\n");
  {
    const file_size_limit full(100);
    EXPECT_THROW(append_to_file(path_, 4, std::string(1000, 'x')), file_error);
  }
  EXPECT_EQ(read_text_file(path_), "one\n");
}

TEST_F(File, LeftoversOfKilledWritersAreRemovedAndNothingElse) {
  const std::string orphan = ".backspike-0123456789abcdef.tmp";
  put((folder_ / orphan).string(), "half");
  for (const auto* name : {".backspike-0123456789abcdeX.tmp", ".backspike-0123.tmp", "result.txt.tmp", ".tmp"}) {
    put((folder_ / name).string(), "somebody else's");
  }
  fs::create_directory(folder_ / ".backspike-fedcba9876543210.tmp");
  fs::create_symlink("result.txt.tmp", folder_ / ".backspike-aaaaaaaaaaaaaaaa.tmp");
  replace_file(path_, [&](const put_bytes& put) {
    put("a writer that lives");
    remove_leftovers(folder_.string());
  });
  EXPECT_EQ(read_text_file(path_), "a writer that lives");
  EXPECT_EQ(names(), (std::set<std::string>{".backspike-0123456789abcdeX.tmp", ".backspike-0123.tmp", "result.txt.tmp",
                                            ".tmp", ".backspike-fedcba9876543210.tmp",
                                            ".backspike-aaaaaaaaaaaaaaaa.tmp", "result.txt"}));
  remove_leftovers((folder_ / "absent").string());
}

TEST_F(File, WhatIsAtAPathIsSaidOrRefusedWithThePath) {
  put(path_, "text");
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_EQ(kind_of(path_), path_kind::file);
  EXPECT_EQ(regular_file_size(path_), 4u);
  EXPECT_EQ(kind_of(folder_.string()), path_kind::folder);
  EXPECT_EQ(kind_of(path_ + "/below"), path_kind::nothing);
  EXPECT_EQ(kind_of(""), path_kind::nothing);
  for (const auto& path : {(folder_ / "loop").string(), folder_.string() + "/" + std::string(300, 'x'),
                           folder_.string() + std::string(5000, '/') + "x"}) {
    for (const auto& ask :
         {+[](const std::string& p) { (void)kind_of(p); }, +[](const std::string& p) { (void)read_text_file(p); }}) {
      try {
        ask(path);
        ADD_FAILURE() << "accepted";
      } catch (const file_error& e) {
        EXPECT_EQ(e.path, path);
      }
    }
  }
  EXPECT_THROW(make_folders(path_ + "/below"), file_error);
  EXPECT_THROW(remove_file(folder_.string()), file_error);
  remove_file(path_ + "absent");
  remove_file((folder_ / "loop").string());
  EXPECT_FALSE(is_link((folder_ / "loop").string()));
}

TEST_F(File, AFolderThatCannotBeReadCanBeWrittenTo) {
  fs::permissions(folder_, fs::perms::all);
  {
    const without_privileges user;
    if (!user.effective()) {
      GTEST_SKIP() << "runs as root and cannot become another user";
    }
    fs::create_directory(folder_ / "mine");
    fs::permissions(folder_ / "mine", fs::perms::owner_write | fs::perms::owner_exec);
    write_text_file((folder_ / "mine" / "text").string(), "written");
    EXPECT_EQ(read_text_file((folder_ / "mine" / "text").string()), "written");
  }
}

TEST_F(File, FullDiskLeavesTheOldFileAndNoTemporary) {
  write_text_file(path_, "old");
  // A large text fails while it is written, a small one when the buffer is flushed as the file is closed.
  for (const std::size_t size : {std::size_t{1} << 20, std::size_t{10}}) {
    try {
      const file_size_limit full(size / 2);
      write_text_file(path_, std::string(size, 'x'));
      ADD_FAILURE() << size << " bytes went into " << size / 2;
    } catch (const file_error& e) {
      EXPECT_EQ(e.path, path_) << "names the file, not the temporary";
      EXPECT_EQ(e.operation, "write");
    }
    EXPECT_EQ(read_text_file(path_), "old");
    EXPECT_THAT(names(), ElementsAre("result.txt"));
  }
  write_text_file(path_, "there is room again");
  EXPECT_EQ(read_text_file(path_), "there is room again");
}

TEST_F(File, UnwritableFolderIsAFileErrorAndNothingChanges) {
  write_text_file(path_, "old");
  fs::permissions(folder_,
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  bool refused = false;
  {
    const without_privileges user;
    if (!user.effective()) {
      fs::permissions(folder_, fs::perms::owner_all);
      GTEST_SKIP() << "runs as root and cannot become another user";
    }
    try {
      write_text_file(path_, "new");
    } catch (const file_error& e) {
      refused = true;
      EXPECT_EQ(e.path, path_);
      EXPECT_THAT(e.what(), HasSubstr("Permission denied"));
    }
  }
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_TRUE(refused);
  EXPECT_EQ(read_text_file(path_), "old");
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, AbsentFolderIsAFileErrorThatNamesTheFile) {
  const std::string path = (folder_ / "absent" / "result.txt").string();
  try {
    write_text_file(path, "text");
    FAIL() << "wrote into a folder that is not there";
  } catch (const file_error& e) {
    EXPECT_EQ(e.path, path);
    EXPECT_THAT(e.what(), HasSubstr("No such file or directory"));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(File, AFolderCannotBeReplaced) {
  const fs::path inside = folder_ / "sub";
  fs::create_directories(inside / "kept");
  EXPECT_THROW(write_text_file(inside.string(), "text"), file_error);
  EXPECT_TRUE(fs::is_directory(inside / "kept"));
  EXPECT_THAT(names(), ElementsAre("sub"));
}

TEST_F(File, ReadingNamesThePathAndTheReason) {
  try {
    (void)read_text_file(path_);
    FAIL() << "read a file that is not there";
  } catch (const file_error& e) {
    EXPECT_EQ(e.path, path_);
    EXPECT_EQ(e.operation, "read");
    EXPECT_THAT(e.what(), HasSubstr("No such file or directory"));
  }
  EXPECT_THROW((void)read_text_file(folder_.string()), file_error);
}

// The process's own memory cannot be read at address 0: opening works, reading fails.
TEST_F(File, AReadThatFailsHalfWayIsAnError) {
  const std::string unreadable = "/proc/self/mem";
  if (!std::ifstream(unreadable)) {
    GTEST_SKIP() << unreadable << " cannot be opened here";
  }
  EXPECT_THROW((void)read_text_file(unreadable), file_error);
}

}  // namespace
}  // namespace backspike
