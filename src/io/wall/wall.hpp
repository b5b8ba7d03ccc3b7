#pragma once
// The wall between us and the libraries that read foreign files (HDF5, matio, libsndfile): damaged files crash them,
// send them in circles and make them ask for gigabytes. So they read in a child process that has limits on memory and
// time and can open one file at a time; what it read comes back through a pipe (wall_stream.hpp).
// docs/adr/0010-readers-behind-a-wall.md says why a fork.

#include "io/wall/read_limits.hpp"
#include "io/wall/wall_stream.hpp"

#include <functional>
#include <memory>
#include <string>

namespace backspike {

/// A child that reads while its items are taken one by one; it is ended with this. What it throws instead of an item
/// comes out of the source, as run_behind_wall says. Its time is that of its work, and by the clock that of waiting for
/// it. The system ends it with the thread that made it, too.
class wall_reader {
 public:
  wall_reader(const std::string& path, const std::string& format, const read_limits& limits,
              const std::function<void(wall_sink&)>& inside);
  ~wall_reader();
  wall_reader(wall_reader&&) noexcept;

  wall_source& source();

 private:
  struct both_sides;
  std::unique_ptr<both_sides> sides_;
};

struct wall_task {
  std::string path;    // the file that errors name
  std::string format;  // what they call its reader: "HDF5"
  read_limits limits;
  std::function<void(wall_sink&)> inside;     // in the child: reads and sends items
  std::function<void(wall_source&)> outside;  // here: receives as many items and checks what is in them
};

/// Throws what `inside` throws; format_error: it crashed or did not end; resource_error: it needs more memory than the
/// limits give; file_error: the system makes no process; what the check of core/interruption.hpp throws. The child is
/// gone when this returns or throws.
void run_behind_wall(const wall_task& task);

/// The commonest task: one item. `read` runs inside; `transfer` takes the result in both directions.
template <class Result, class Read>
Result read_behind_wall(const std::string& path, const std::string& format, const read_limits& limits,
                        const Read& read) {
  Result result;
  run_behind_wall({path, format, limits,
                   [&](wall_sink& sink) {
                     const Result inside = read();
                     sink.begin_item();
                     transfer(sink, inside);
                   },
                   [&](wall_source& source) {
                     source.begin_item();
                     transfer(source, result);
                   }});
  return result;
}

/// To be held by whoever uses one of these libraries outside the wall (to write), so that no child is made while the
/// library's state is half changed.
class library_lock {
 public:
  library_lock();
  ~library_lock();
  library_lock(const library_lock&) = delete;
  library_lock& operator=(const library_lock&) = delete;
};

}  // namespace backspike
