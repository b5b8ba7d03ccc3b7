// Energies in mel bands by Fourier transforms of FFTW; mel_bank.hpp has the equations.

#include "io/audio/mel_bank.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/time_grid.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>
#include <numbers>
#include <numeric>

namespace backspike {
namespace {

constexpr double bins_per_triangle = 2.0;  // at least, in half the width of the narrowest triangle
constexpr std::size_t largest_fft = std::size_t{1} << 22U;

double to_mel(double hz) { return 1127.0 * std::log1p(hz / 700.0); }
double to_hz(double mel) { return 700.0 * std::expm1(mel / 1127.0); }

std::vector<float> hann_window(std::size_t n) {
  std::vector<double> w(n);
  for (std::size_t i = 0; i < n; ++i) {
    w[i] = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
  }
  const double sum = std::accumulate(w.begin(), w.end(), 0.0);
  std::vector<float> scaled(n);
  std::transform(w.begin(), w.end(), scaled.begin(), [sum](double x) { return static_cast<float>(x / sum); });
  return scaled;
}

std::size_t samples_of(double ms, double rate, const char* argument) {
  const double n = std::round(ms * 1e-3 * rate);
  if (!(n >= 2.0 && n <= static_cast<double>(largest_fft) / 4)) {
    throw value_error("auditory front end", argument, std::to_string(ms) + " ms",
                      "2 to " + std::to_string(largest_fft / 4) + " samples at " + std::to_string(rate) + " Hz");
  }
  return static_cast<std::size_t>(n);
}

void check_bands(const audio_spec& s, double rate) {
  if (s.channels == 0) {
    throw value_error("auditory front end", "channels", "0", "at least 1");
  }
  if (!(s.low_hz > 0.0 && s.low_hz < s.high_hz)) {
    throw value_error("auditory front end", "low_hz", std::to_string(s.low_hz),
                      "above 0 and below high_hz = " + std::to_string(s.high_hz));
  }
  if (s.high_hz > rate / 2) {
    throw value_error("auditory front end", "high_hz", std::to_string(s.high_hz),
                      "at most half the sample rate of " + std::to_string(rate) + " Hz");
  }
}

// `narrowest` is half the width of the narrowest triangle [Hz].
std::size_t padded_size(std::size_t window, double rate, double narrowest) {
  const double wanted = bins_per_triangle * rate / narrowest;
  if (!(wanted <= static_cast<double>(largest_fft))) {
    throw value_error("auditory front end", "channels", "bands " + std::to_string(narrowest) + " Hz apart",
                      "fewer bands, or a wider range of frequencies");
  }
  return std::bit_ceil(std::max(window, static_cast<std::size_t>(wanted)));
}

// The planner is the one part of FFTW that is not safe to call from several threads.
std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

// FFTW_ESTIMATE: chosen without measuring, so that the bits do not depend on how busy the machine is.
fftwf_plan make_plan(std::size_t size) {
  mel_workspace work(size);
  const std::lock_guard lock(planner());
  return fftwf_plan_dft_r2c_1d(static_cast<int>(size), work.time(), work.bins(), FFTW_ESTIMATE);
}

}  // namespace

mel_workspace::mel_workspace(std::size_t fft_size)
    : time_(fftwf_alloc_real(fft_size)), bins_(fftwf_alloc_complex(fft_size / 2 + 1)) {}

mel_bank::mel_bank(const audio_spec& spec, double rate)
    : window_(hann_window(samples_of(spec.window_ms, rate, "window_ms"))) {
  check_bands(spec, rate);
  samples_of(spec.step_ms, rate, "step_ms");
  hop_ = spec.step_ms * 1e-3 * rate;
  const double low = to_mel(spec.low_hz);
  const double distance = (to_mel(spec.high_hz) - low) / std::max(1.0, spec.channels - 1.0);
  fft_size_ = padded_size(window_.size(), rate, to_hz(low + distance) - spec.low_hz);
  for (std::uint32_t b = 0; b < spec.channels; ++b) {
    add_band(low + distance * b, distance, rate);
  }
  plan_ = make_plan(fft_size_);
}

void mel_bank::add_band(double centre, double distance, double rate) {
  filter made{to_hz(centre), 0, {}};
  for (std::size_t k = 0; k <= fft_size_ / 2; ++k) {
    const double mel = to_mel(static_cast<double>(k) * rate / static_cast<double>(fft_size_));
    const double weight = 1.0 - std::fabs(mel - centre) / distance;
    if (weight > 0.0) {
      made.first = made.weights.empty() ? k : made.first;
      made.weights.push_back(static_cast<float>(weight));
    }
  }
  bands_.push_back(std::move(made));
}

mel_bank::~mel_bank() {
  const std::lock_guard lock(planner());
  fftwf_destroy_plan(plan_);
}

std::size_t mel_bank::steps(std::size_t samples) const {
  return static_cast<std::size_t>(time_grid(hop_).steps_until(static_cast<double>(samples)));
}

void mel_bank::transform(std::span<const float> samples, std::size_t step, mel_workspace& work) const {
  const auto centre = static_cast<std::ptrdiff_t>(std::round(static_cast<double>(step) * hop_));
  const std::ptrdiff_t start = centre - static_cast<std::ptrdiff_t>(window_.size() / 2);
  std::fill_n(work.time(), fft_size_, 0.0F);
  for (std::size_t n = 0; n < window_.size(); ++n) {
    const std::ptrdiff_t at = start + static_cast<std::ptrdiff_t>(n);
    if (at >= 0 && at < static_cast<std::ptrdiff_t>(samples.size())) {
      work.time()[n] = window_[n] * samples[static_cast<std::size_t>(at)];
    }
  }
  fftwf_execute_dft_r2c(plan_, work.time(), work.bins());
}

std::vector<float> mel_bank::energies(std::span<const float> samples, mel_workspace& work) const {
  const std::size_t count = steps(samples.size());
  std::vector<float> result;
  result.reserve(count * bands_.size());
  for (std::size_t t = 0; t < count; ++t) {
    transform(samples, t, work);
    for (const filter& b : bands_) {
      float sum = 0.0F;
      for (std::size_t i = 0; i < b.weights.size(); ++i) {
        const fftwf_complex& x = work.bins()[b.first + i];
        sum += b.weights[i] * (x[0] * x[0] + x[1] * x[1]);
      }
      result.push_back(sum);
    }
  }
  return result;
}

}  // namespace backspike
