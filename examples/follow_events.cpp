// Events in, decisions out: a network names, every millisecond, the side of the sensor on which something flickers,
// while the events still come. Where they come from is the first argument: `udp:9000`, `-` for standard input, or a
// named pipe, of a sensor of 16x16 pixels (or `--size WIDTHxHEIGHT` behind it). Without an argument the example is its
// own camera: a thread writes EVT 2.0 into a pipe, a step each half millisecond, and the network learns from the
// answer.
//
//   follow_events
//   backspike events convert recording.raw /dev/stdout --format evt2 | follow_events - 640x480

#include <backspike/core/random.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_text.hpp>
#include <backspike/online/online_learner.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <vector>

using namespace backspike;
using steady = std::chrono::steady_clock;

constexpr std::int64_t step_us = 1000;
constexpr std::size_t steps = 4000, part = 500, side_steps = 100;
constexpr std::int64_t longest_silence = 1000;  // [steps] that are run; a gap beyond begins anew
constexpr std::uint32_t blocks = 8;             // the sensor is seen as so many blocks in each direction

std::int32_t side_at(std::int64_t step) { return static_cast<std::int32_t>(step / side_steps % 2); }

/// The camera of this example, and when it had sent each step.
class made_camera {
 public:
  made_camera() : sent_(steps) {
    std::string folder = "/tmp/follow_events_XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr || ::mkfifo((folder + "/pipe").c_str(), 0600) != 0) {
      std::perror("follow_events");
      std::exit(1);
    }
    folder_ = folder;
    thread_ = std::thread([this] { send(); });
  }
  ~made_camera() {
    thread_.join();
    ::unlink(pipe().c_str());
    ::rmdir(folder_.c_str());
  }
  made_camera(const made_camera&) = delete;
  made_camera& operator=(const made_camera&) = delete;

  std::string pipe() const { return folder_ + "/pipe"; }
  steady::time_point sent(std::int64_t step) const { return steady::time_point(steady::duration(sent_[step].load())); }

 private:
  void send() {
    const int file = ::open(pipe().c_str(), O_WRONLY);
    std::string bytes = "% evt 2.0\n% geometry 16x16\n% end\n";
    random_stream random(7, random_purpose::test);
    auto next = steady::now();
    for (std::size_t step = 0; step < steps; ++step) {
      for (const auto& e : events_of(static_cast<std::int64_t>(step), random)) {
        const auto t = static_cast<std::uint32_t>(e.t);
        append_word(bytes, 8U << 28U | t >> 6U);  // the upper part of the time, then the event
        append_word(bytes, (e.on ? 1U << 28U : 0U) | (t & 63U) << 22U | std::uint32_t{e.x} << 11U | e.y);
      }
      sent_[step] = steady::now().time_since_epoch().count();
      if (::write(file, bytes.data(), bytes.size()) < 0) {
        break;  // nobody reads any more
      }
      bytes.clear();
      std::this_thread::sleep_until(next += std::chrono::microseconds(500));
    }
    ::close(file);
  }

  static void append_word(std::string& bytes, std::uint32_t word) {
    for (unsigned k = 0; k < 4; ++k) {
      bytes += static_cast<char>(word >> (8 * k) & 255U);
    }
  }

  /// Of one step: three on the side that flickers, one anywhere; in the order of time.
  static std::vector<camera_event> events_of(std::int64_t step, random_stream& random) {
    std::vector<camera_event> events;
    for (int k = 0; k < 4; ++k) {
      const auto x = k < 3 ? 8 * static_cast<std::uint32_t>(side_at(step)) + random.below(8) : random.below(16);
      events.push_back({step * step_us + 200 * k, static_cast<std::uint16_t>(x),
                        static_cast<std::uint16_t>(random.below(16)), random.below(2) == 1});
    }
    return events;
  }

  std::string folder_;
  std::vector<std::atomic<steady::rep>> sent_;
  std::thread thread_;
};

arena<float> first_parameters(const network& net) {
  arena<float> parameters(net.parameters());
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      parameters.view(p.parameters[k])(0, 0) =
          static_cast<float>(p.spec.parameters.at(std::string(p.cell->parameters[k].name)).value);
    }
  }
  for (const connection& c : net.connections()) {
    random_stream random(1, random_purpose::weights, c.weight);
    const auto weight = parameters.view(c.weight);
    for (std::size_t r = 0; r < weight.rows; ++r) {
      std::generate_n(weight.row(r), weight.cols, [&] {
        return static_cast<float>(random.normal() / std::sqrt(static_cast<double>(weight.rows)));
      });
    }
  }
  return parameters;
}

network_spec small_network() {
  layer_spec recurrent, readout;
  recurrent.size = 48;
  recurrent.recurrent = true;
  recurrent.surrogate = {surrogate_kind::triangle, 1.0, 0.3};
  readout.cell = "leaky_integrator";
  readout.size = 2;
  readout.parameters["tau_m"].value = 8.0;
  network_spec spec;
  spec.inputs = blocks * blocks * 2;
  spec.layers = {recurrent, readout};
  return spec;
}

online_options learning_options() {
  online_options options;
  options.optimiser.kind = optimiser_kind::adam;
  options.optimiser.learning_rate = 1e-3;
  options.update_every = 5;
  options.rule.rates = {{"hidden1", 20.0, 0.1}};
  return options;
}

/// Makes steps of events, and a decision of each step.
class follower {
 public:
  follower(const sensor_size& sensor, const made_camera* camera)
      : sensor_(sensor),
        camera_(camera),
        net_(small_network()),
        learner_(net_, objective(), first_parameters(net_), learning_options()) {}

  /// A step is over when an event of a later one is here.
  void take(std::span<const camera_event> events, steady::time_point came) {
    for (const auto& e : events) {
      const std::int64_t step = e.t / step_us;
      if (step_ < 0 || step - step_ > longest_silence) {
        step_ = step;
        learner_.reset_state();
      }
      for (; step_ < step; ++step_) {
        decide(came);
      }
      add(e);
    }
  }

  void finish() {
    if (delays_us_.empty()) {
      std::printf("no whole step of %lld us came\n", static_cast<long long>(step_us));
      return;
    }
    std::sort(delays_us_.begin(), delays_us_.end());
    const auto share = [&](double p) {
      return delays_us_[static_cast<std::size_t>(p * static_cast<double>(delays_us_.size() - 1))];
    };
    std::printf("%zu decisions; from %s to the decision [us]: p50 %.1f, p99 %.1f, worst %.1f\n", delays_us_.size(),
                camera_ != nullptr ? "sending" : "arrival", share(0.5), share(0.99), delays_us_.back());
  }

  double accuracy() const { return accuracy_; }

 private:
  static objective_spec objective() {
    objective_spec spec;
    spec.loss = loss_kind::step_cross_entropy;
    return spec;
  }

  void add(const camera_event& e) {
    const std::uint32_t x = e.x * blocks / sensor_.width, y = e.y * blocks / sensor_.height;
    const std::uint32_t channel = 2 * (y * blocks + x) + (e.on ? 1 : 0);
    const auto place = std::lower_bound(channels_.begin(), channels_.end(), channel);
    if (place == channels_.end() || *place != channel) {
      channels_.insert(place, channel);
    }
  }

  void decide(steady::time_point came) {
    const bool learns = camera_ != nullptr && step_ < static_cast<std::int64_t>(steps);
    const std::int32_t right = learns ? side_at(step_) : -1;
    const auto y =
        learns ? learner_.step(event_row{channels_, {}}, {right, {}}) : learner_.infer(event_row{channels_, {}});
    const std::int32_t answer = y[1] > y[0] ? 1 : 0;
    // A step's last event was sent with it, and what closed it with the next one.
    const auto begin = learns ? camera_->sent(std::min<std::int64_t>(step_ + 1, steps - 1)) : came;
    delays_us_.push_back(std::chrono::duration<double, std::micro>(steady::now() - begin).count());
    channels_.clear();
    hits_ += answer == right ? 1 : 0;
    ++decided_;
    if (decided_ % part == 0) {
      accuracy_ = static_cast<double>(hits_) / part;
      if (learns) {
        std::printf("steps %5zu to %5zu: accuracy %.3f\n", decided_ - part, decided_, accuracy_);
      } else {
        std::printf("step %lld: the %s side\n", static_cast<long long>(step_), answer == 1 ? "right" : "left");
      }
      hits_ = 0;
    }
  }

  sensor_size sensor_;
  const made_camera* camera_;  // null: another one sends, and nobody knows the answer
  network net_;
  online_learner learner_;
  std::int64_t step_ = -1;
  std::vector<std::uint32_t> channels_;
  std::vector<double> delays_us_;
  std::size_t decided_ = 0, hits_ = 0;
  double accuracy_ = 0.0;
};

double follow(const std::string& source, const sensor_size& size, const made_camera* camera) {
  event_read_options options;
  options.sensor = size;
  event_reader reader(live_events{source, 10.0}, options);
  const auto sensor = reader.file().sensor;
  follower network(sensor.known() ? sensor : sensor_size{16, 16}, camera);
  event_buffer some;
  while (reader.read_some(some)) {
    network.take(some.events(), steady::now());
    some.clear();
  }
  network.finish();
  if (const auto odd = reader.report().oddities(); !odd.empty()) {
    std::printf("in what came: %s\n", odd.c_str());
  }
  return network.accuracy();
}

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);  // a camera whose reader is gone stops by itself
  try {
    if (count > 1) {
      follow(values[1], count > 2 ? parse_sensor_size(values[2], "size") : sensor_size{}, nullptr);
      return 0;
    }
    const made_camera camera;
    return follow(camera.pipe(), {}, &camera) > 0.9 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "follow_events: %s\n", error.what());
    return 1;
  }
}
