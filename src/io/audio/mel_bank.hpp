#pragma once
// Energies of a recording in bands along the mel scale, step by step.
//
//   X_t(k)  = sum_n w(n) x(t h + n - N/2) exp(-2 pi i k n / F),  w the periodic Hann window of N samples, hop h
//   mel(f)  = 1127 ln(1 + f / 700)                        (O'Shaughnessy 1987, p. 150; as in HTK, Young et al. 2006)
//   E_t(b)  = sum_k W_b(k) |X_t(k)|^2 / (sum_n w(n))^2    (Davis & Mermelstein 1980: triangles, half overlapping)
//   W_b(k)  = max(0, 1 - |mel(f_k) - mel(f_b)| / d),  d the distance of two centres, f_k = k rate / F
//
// The centres f_b are spaced evenly in mel from low_hz to high_hz. The window is padded with zeros to F samples, so
// that the narrowest triangle still covers several bins. Step t is centred on sample t h; beyond its ends a recording
// is silent. A sine of amplitude a has the energy a^2 / 4 in the bin of its frequency.

#include <backspike/data/data_spec.hpp>

#include <fftw3.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

/// Buffers of one worker, aligned as the plan wants them.
class mel_workspace {
 public:
  explicit mel_workspace(std::size_t fft_size);
  float* time() { return time_.get(); }
  fftwf_complex* bins() { return bins_.get(); }

 private:
  struct releaser {
    void operator()(void* p) const { fftwf_free(p); }
  };
  std::unique_ptr<float[], releaser> time_;          // [fft size]
  std::unique_ptr<fftwf_complex[], releaser> bins_;  // [fft size / 2 + 1]
};

class mel_bank {
 public:
  /// `rate` in Hz. Throws value_error: a band above half the sample rate, a window or hop below one sample.
  mel_bank(const audio_spec& spec, double rate);
  ~mel_bank();
  mel_bank(const mel_bank&) = delete;
  mel_bank& operator=(const mel_bank&) = delete;

  std::size_t channels() const { return bands_.size(); }
  std::size_t fft_size() const { return fft_size_; }
  double centre_hz(std::size_t band) const { return bands_[band].centre; }
  std::size_t steps(std::size_t samples) const;  // for a recording of that many samples

  /// E, [steps][channels]. May run on several threads at once, each with a workspace of its own.
  std::vector<float> energies(std::span<const float> samples, mel_workspace& work) const;

 private:
  struct filter {
    double centre;               // [Hz]
    std::size_t first;           // bin of weights[0]
    std::vector<float> weights;  // of |X|^2
  };
  void add_band(double centre, double distance, double rate);  // centre and distance [mel]
  void transform(std::span<const float> samples, std::size_t step, mel_workspace& work) const;

  double hop_;  // [samples], not always whole
  std::vector<float> window_;
  std::size_t fft_size_;
  std::vector<filter> bands_;
  fftwf_plan plan_;
};

}  // namespace backspike
