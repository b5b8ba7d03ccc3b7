// Moves samples or parameters along directions and holds predicted changes of the loss against those that come.

#include <backspike/robustness/mismatch.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include "robustness/directions.hpp"
#include "robustness/smooth_control.hpp"
#include "robustness/variants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace backspike {
namespace {

/// The network with a surrogate of another width; the hard network is the same.
struct wider {
  network net;
  arena<float> parameters, gradient;
  sample_losses losses;
  std::vector<float> error_input;  // [rows][inputs] of the group of samples at work

  wider(const network& of, double factor, const arena<float>& values, const objective_spec& objective,
        thread_pool& pool)
      : net(with_width(of.spec(), factor)),
        parameters(net.parameters()),
        gradient(net.parameters()),
        losses(net, objective, pool) {
    std::ranges::copy(values.values(), parameters.values().begin());
  }
};

/// Two spike trains of a layer, held against each other row by row.
struct train_change {
  std::size_t before = 0, changed = 0;
};
train_change compare(const events& before, const events& after) {
  train_change c;
  c.before = before.size();
  for (std::size_t r = 0; r < before.rows(); ++r) {
    const auto a = before.row(r).channels, b = after.row(r).channels;
    auto i = a.begin();
    auto j = b.begin();
    while (i != a.end() || j != b.end()) {
      const bool first = j == b.end() || (i != a.end() && *i < *j), second = i == a.end() || (j != b.end() && *j < *i);
      c.changed += first || second ? 1 : 0;
      i += second ? 0 : 1;
      j += first ? 0 : 1;
    }
  }
  return c;
}

/// Sums over samples of one point.
struct point_sums {
  std::vector<double> predicted, actual;
  std::vector<double> before, changed, still, first_still;  // [spiking layers]
  std::size_t unchanged = 0;

  void add_change(const std::vector<train_change>& layers) {
    for (auto* list : {&before, &changed, &still, &first_still}) {
      list->resize(layers.size(), 0.0);
    }
    bool none_still = true, nothing = true;
    for (std::size_t k = 0; k < layers.size(); ++k) {
      const bool quiet = layers[k].changed == 0;
      before[k] += static_cast<double>(layers[k].before);
      changed[k] += static_cast<double>(layers[k].changed);
      still[k] += quiet ? 1.0 : 0.0;
      first_still[k] += quiet && none_still ? 1.0 : 0.0;
      none_still = none_still && !quiet;
      nothing = nothing && quiet;
    }
    unchanged += nothing ? 1 : 0;
  }
};

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double correlation_of(const std::vector<double>& x, const std::vector<double>& y) {
  const double a = mean_of(x), b = mean_of(y);
  double xx = 0.0, yy = 0.0, xy = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    xx += (x[k] - a) * (x[k] - a);
    yy += (y[k] - b) * (y[k] - b);
    xy += (x[k] - a) * (y[k] - b);
  }
  return xx > 0.0 && yy > 0.0 ? xy / std::sqrt(xx * yy) : std::nan("");
}

void finish(const point_sums& sums, const std::vector<std::string>& layers, mismatch_point& p) {
  const auto samples = static_cast<double>(sums.predicted.size());
  double product = 0.0, square = 0.0, same = 0.0, predicting = 0.0;
  for (std::size_t k = 0; k < sums.predicted.size(); ++k) {
    product += sums.predicted[k] * sums.actual[k];
    square += sums.predicted[k] * sums.predicted[k];
    predicting += sums.predicted[k] != 0.0 ? 1.0 : 0.0;
    same += sums.predicted[k] * sums.actual[k] > 0.0 ? 1.0 : 0.0;
  }
  p.predicted = mean_of(sums.predicted);
  p.actual = mean_of(sums.actual);
  p.correlation = correlation_of(sums.predicted, sums.actual);
  p.sign_agreement = predicting > 0.0 ? same / predicting : std::nan("");
  p.ratio = square > 0.0 ? product / square : std::nan("");
  p.unchanged = static_cast<double>(sums.unchanged) / samples;
  for (std::size_t k = 0; k < layers.size(); ++k) {
    p.layers.push_back({layers[k], sums.before[k] > 0.0 ? sums.changed[k] / sums.before[k] : std::nan(""),
                        sums.still[k] / samples, sums.first_still[k] / samples});
  }
}

/// A measurement at work: one group of samples that are moved together after another.
class measurement {
 public:
  measurement(const network& net, const objective_spec& objective, const arena<float>& parameters, const dataset& data,
              const mismatch_options& options, thread_pool& pool)
      : net_(net), parameters_(parameters), data_(data), options_(options), hard_(net, objective, pool) {
    for (const double width : options.widths) {
      widths_.push_back(std::make_unique<wider>(net, width, parameters, objective, pool));
    }
    for (std::size_t q = 0; q < net.populations().size(); ++q) {
      if (net.populations()[q].cell->spiking) {
        spiking_.push_back(q);
        names_.push_back(net.populations()[q].spec.name);
      }
    }
    random_.resize(options.widths.size() * options.sizes.size());
    along_.resize(random_.size());
  }

  void run(const mismatch_progress& progress) {
    const std::vector<std::uint32_t> order = every_sample(data_);
    const std::size_t all = order.size(), together = options_.of == moved_part::input ? all : 1;
    for (std::size_t first = 0; first < all; first += together) {
      group_ = subset(data_, std::span(order).subspan(first, together));
      look();
      for (std::size_t k = 0; k < options_.sizes.size(); ++k) {
        options_.of == moved_part::input ? move_input(k) : move_values(k, first);
        if (progress) {
          progress(first * options_.sizes.size() + (k + 1) * together, all * options_.sizes.size());
        }
      }
    }
  }

  void report(mismatch& m) const {
    if (spikes_ == 0.0 || !alive_) {
      throw value_error("mismatch", spikes_ == 0.0 ? "network" : "gradient",
                        spikes_ == 0.0 ? "no neuron fires on these samples" : "zero for these samples",
                        "a network that fires and has a gradient: in a silent one everything agrees");
    }
    m.loss = loss_ / static_cast<double>(data_.size());
    m.rate = spikes_ / neuron_steps_;
    for (const bool random : {false, true}) {
      for (std::size_t w = 0; w < options_.widths.size(); ++w) {
        for (std::size_t k = 0; k < options_.sizes.size(); ++k) {
          mismatch_point p{
              .direction = random ? "random" : "gradient", .width = options_.widths[w], .size = options_.sizes[k]};
          finish((random ? random_ : along_)[w * options_.sizes.size() + k], names_, p);
          m.points.push_back(std::move(p));
        }
      }
    }
  }

 private:
  batch_view batch() const { return {&group_, picked_}; }
  std::size_t rows(std::size_t sample) const { return group_.inputs.sample_rows[sample]; }

  /// What the group does before it is moved, and the gradients of every width.
  void look() {
    picked_ = every_sample(group_);
    hard_.forward(parameters_, batch());
    before_.assign(hard_.losses().begin(), hard_.losses().end());
    loss_ += std::accumulate(before_.begin(), before_.end(), 0.0);
    trains_.clear();
    for (std::size_t s = 0; s < picked_.size(); ++s) {
      for (const std::size_t q : spiking_) {
        trains_.push_back(hard_.trajectory().spikes(q, s));
        spikes_ += static_cast<double>(trains_.back().size());
        neuron_steps_ += static_cast<double>(net_.populations()[q].units * trains_.back().rows());
      }
    }
    for (const auto& w : widths_) {
      w->losses.forward(w->parameters, batch());
      w->gradient.fill(0.0f);
      w->error_input.resize(group_.inputs.spikes.rows() * group_.channels);
      w->losses.backward(w->gradient, w->error_input);
      const auto nothing = [](float g) { return g == 0.0f; };
      alive_ = alive_ || !(options_.of == moved_part::input ? std::ranges::all_of(w->error_input, nothing)
                                                            : std::ranges::all_of(w->gradient.values(), nothing));
    }
  }

  void move_input(std::size_t size) {
    dense_input moved(group_);
    std::vector<float> random(moved.data().inputs.spikes.values.size());
    random_stream stream(options_.seed, random_purpose::perturbation, size);
    std::ranges::generate(random, [&] { return stream.below(2) == 0 ? -1.0f : 1.0f; });
    moved.move(std::span<const float>(random), options_.sizes[size]);
    hard_.forward(parameters_, {&moved.data(), picked_}, true);
    for (std::size_t w = 0; w < widths_.size(); ++w) {
      note(random_[w * options_.sizes.size() + size], [&](std::size_t s) { return product(moved, w, s); });
    }
    for (std::size_t w = 0; w < widths_.size(); ++w) {
      moved.move(std::span<const float>(widths_[w]->error_input), options_.sizes[size]);
      hard_.forward(parameters_, {&moved.data(), picked_}, true);
      note(along_[w * options_.sizes.size() + size], [&](std::size_t s) { return product(moved, w, s); });
    }
  }

  double product(const dense_input& moved, std::size_t w, std::size_t sample) const {
    return moved.product(std::span<const float>(widths_[w]->error_input), rows(sample), rows(sample + 1));
  }

  void move_values(std::size_t size, std::size_t sample) {
    arena<float> way(net_.parameters());
    random_stream stream(options_.seed, random_purpose::perturbation, (std::uint64_t{sample} << 16) + size);
    std::ranges::generate(way.values(), [&] { return stream.below(2) == 0 ? -1.0f : 1.0f; });
    arena<float> moved(parameters_);
    move_parameters(moved, way, options_.sizes[size]);
    hard_.forward(moved, batch(), true);
    for (std::size_t w = 0; w < widths_.size(); ++w) {
      note(random_[w * options_.sizes.size() + size], [&](std::size_t) { return product(moved, w); });
    }
    for (std::size_t w = 0; w < widths_.size(); ++w) {
      std::ranges::copy(parameters_.values(), moved.values().begin());
      move_parameters(moved, widths_[w]->gradient, options_.sizes[size]);
      hard_.forward(moved, batch(), true);
      note(along_[w * options_.sizes.size() + size], [&](std::size_t) { return product(moved, w); });
    }
  }

  double product(const arena<float>& moved, std::size_t w) const {
    return product_of(parameters_, moved, widths_[w]->gradient);
  }

  /// After a forward of what was moved.
  template <class F>
  void note(point_sums& sums, const F& predicted) {
    std::vector<train_change> layers(spiking_.size());
    for (std::size_t s = 0; s < picked_.size(); ++s) {
      sums.predicted.push_back(predicted(s));
      sums.actual.push_back(hard_.losses()[s] - before_[s]);
      for (std::size_t k = 0; k < spiking_.size(); ++k) {
        layers[k] = compare(trains_[s * spiking_.size() + k], hard_.trajectory().spikes(spiking_[k], s));
      }
      sums.add_change(layers);
    }
  }

  const network& net_;
  const arena<float>& parameters_;
  const dataset& data_;
  const mismatch_options& options_;
  sample_losses hard_;
  std::vector<std::unique_ptr<wider>> widths_;  // on the heap: their losses point into them
  std::vector<std::size_t> spiking_;
  std::vector<std::string> names_;
  std::vector<point_sums> random_, along_;  // [widths][sizes]
  dataset group_;
  std::vector<std::uint32_t> picked_;
  std::vector<double> before_;  // [samples of the group] losses
  std::vector<events> trains_;  // [samples of the group][spiking layers]
  double loss_ = 0.0, spikes_ = 0.0, neuron_steps_ = 0.0;
  bool alive_ = false;  // any sample has a gradient
};

void check(const mismatch_options& options, std::span<const std::uint32_t> samples) {
  const auto positive = [](const char* what, const std::vector<double>& values) {
    for (const double value : values) {
      if (!(value > 0.0) || !std::isfinite(value)) {
        throw value_error("mismatch", what, fmt::format("{:g}", value), "finite numbers above 0");
      }
    }
    if (values.empty()) {
      throw value_error("mismatch", what, "none", "at least one");
    }
  };
  positive("sizes", options.sizes);
  positive("widths", options.widths);
  if (samples.empty()) {
    throw value_error("mismatch", "samples", "none", "at least one");
  }
}

}  // namespace

mismatch measure_mismatch(const std::string& name, const network& net, const objective_spec& objective,
                          const arena<float>& parameters, const dataset& data, std::span<const std::uint32_t> samples,
                          const mismatch_options& options, thread_pool& pool, const mismatch_progress& progress) {
  check(options, samples);
  mismatch m;
  m.name = name;
  m.of = options.of;
  m.samples = samples.size();
  const dataset picked = subset(data, samples);
  measurement work(net, objective, parameters, picked, options, pool);
  work.run(progress);
  work.report(m);
  m.control = measure_smooth(net, objective, parameters, data, samples, options);
  return m;
}

}  // namespace backspike
