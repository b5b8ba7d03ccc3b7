#include <backspike/core/file.hpp>

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

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
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "backspike_file_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / "result.txt").string();
  }
  void TearDown() override { fs::remove_all(folder_); }

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

  fs::path folder_;
  std::string path_;
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
  replace_file(path_, [&](const std::string& temporary) {
    EXPECT_NE(temporary, path_);
    EXPECT_EQ(fs::path(temporary).parent_path(), fs::path(path_).parent_path()) << "a rename needs one file system";
    put(temporary, "half of the n");
    EXPECT_EQ(read_text_file(path_), "old");
    put(temporary, "new");
    EXPECT_EQ(read_text_file(path_), "old");
  });
  EXPECT_EQ(read_text_file(path_), "new");
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
  const auto write_and_fail = [](const std::string& temporary) {
    put(temporary, "half");
    throw std::domain_error("the writer gave up");
  };
  EXPECT_THROW(replace_file(path_, write_and_fail), std::domain_error) << "the writer's own error reaches the caller";
  EXPECT_EQ(read_text_file(path_), "old");
  EXPECT_THAT(names(), ElementsAre("result.txt"));
}

TEST_F(File, FailureOfAFirstWriteLeavesNothing) {
  const auto write_and_fail = [](const std::string& temporary) {
    put(temporary, "half");
    throw std::domain_error("the writer gave up");
  };
  EXPECT_THROW(replace_file(path_, write_and_fail), std::domain_error);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(File, AWriterThatWritesNothingIsAnError) {
  write_text_file(path_, "old");
  EXPECT_THROW(replace_file(path_, [](const std::string&) {}), file_error);
  EXPECT_EQ(read_text_file(path_), "old");
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
