// How many events a second each reader of event files decodes, on one thread, from bytes in memory into a chunk that is
// used again and again. The recording is made here: a bright edge that moves, with noise, in bursts, as cameras write
// it. With a path as argument: that file instead. Times are of the processor, for other work on the machine not to
// count.

#include <backspike/core/random.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_writer.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace backspike;

constexpr sensor_size sensor{640, 480};

/// A column of events at a time, and single ones between.
std::vector<camera_event> recording(std::size_t count) {
  random_stream random(1, random_purpose::test);
  std::vector<camera_event> events;
  std::int64_t t = 1000;
  while (events.size() < count) {
    t += random.below(20);
    const auto x = static_cast<std::uint16_t>(t / 500 % sensor.width);
    const auto burst = 1 + random.below(6);
    for (std::uint32_t k = 0; k < burst; ++k) {
      const bool noise = random.below(8) == 0;
      events.push_back({t, noise ? static_cast<std::uint16_t>(random.below(sensor.width)) : x,
                        static_cast<std::uint16_t>(random.below(sensor.height)), random.below(2) == 1});
    }
  }
  return events;
}

std::vector<std::uint8_t> content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The best of many, for what disturbs only makes slower.
void measure(const std::string& name, const std::vector<std::uint8_t>& bytes) {
  event_buffer chunk;
  double best = 1e9;
  std::uint64_t events = 0;
  for (int k = 0; k < 30; ++k) {
    const double start = processor_seconds();
    event_reader reader(bytes, name);
    while (reader.read_some(chunk)) {
      chunk.clear();
    }
    best = std::min(best, processor_seconds() - start);
    events = reader.report().events;
  }
  std::printf("%-24s %9zu bytes %9llu events %7.1f million events/s %7.1f MB/s\n",
              name.substr(name.rfind('/') + 1).c_str(), bytes.size(), static_cast<unsigned long long>(events),
              static_cast<double>(events) / best * 1e-6, static_cast<double>(bytes.size()) / best * 1e-6);
}

void measure_made() {
  std::string folder = "/tmp/backspike_bench_XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return;
  }
  const auto events = recording(1000000);
  const struct {
    event_format format;
    const char* name;
  } formats[] = {{event_format::evt3, "evt3.raw"},
                 {event_format::evt2, "evt2.raw"},
                 {event_format::aedat3, "made.aedat"},
                 {event_format::npz, "made.npz"}};
  for (const auto& f : formats) {
    const auto path = folder + "/" + f.name;
    write_events(path, f.format, sensor, events);
    measure(path, content_of(path));
    unlink(path.c_str());
  }
  rmdir(folder.c_str());
}

}  // namespace

int main(int count, char** values) {
  bool made = true;
  for (int k = 1; k < count; ++k) {
    const std::string path = values[k];
    if (!path.starts_with("-")) {  // an argument for other benchmarks
      made = false;
      measure(path, content_of(path));
    }
  }
  if (made) {
    measure_made();
  }
}
