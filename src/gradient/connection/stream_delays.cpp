// Delays in a stream: currents of the future lie in a ring, one place for each step ahead.

#include "gradient/connection/stream_delays.hpp"

#include "gradient/connection/synapse_kernel.hpp"

#include <algorithm>

namespace backspike {

void frozen_kernels::plan(memory_plan& m, std::size_t delays, std::size_t used_taps) {
  used = used_taps;
  m.exactly(first, delays);
  m.zeros(taps, delays * used);
}

void frozen_kernels::plan(memory_plan& m, const network& net) {
  const delay_spec& late = of->late;
  const double widest = std::max(late.width.from, late.width.to);
  plan(m, net.parameters()[of->delay_parameter].size(), widest_window(late.kernel, late.max, widest));
}

template <class S>
void frozen_kernels::read(const arena<S>& parameters) {
  const connection& c = *of;
  const auto delays = parameters.view(c.delay_parameter);
  columns = delays.cols;
  memory_plan take = memory_plan::take();
  plan(take, delays.rows * delays.cols, widest_window(c.late.kernel, c.late.max, largest_width(c, parameters)));
  synapse_kernel<S> kernel(c, parameters, false);
  for (std::size_t k = 0; k < first.size(); ++k) {
    kernel.move_to_delay(k / delays.cols, k % delays.cols);
    const delay_window& w = kernel.window();
    const std::size_t begin = std::min(w.first, slots() - used);
    first[k] = static_cast<std::uint32_t>(begin);
    std::copy_n(kernel.values(), w.count, taps.data() + k * used + w.first - begin);
  }
}

template void frozen_kernels::read(const arena<float>&);
template void frozen_kernels::read(const arena<double>&);

template <class S>
delayed_stream<S>::delayed_stream(memory_plan& m, const frozen_kernels& kernels, std::size_t width, bool learns)
    : kernels_(&kernels), sources_(kernels.of->source_units), width_(width) {
  const std::size_t sources = sources_;
  m.exactly(currents_, kernels.slots() * width);
  m.exactly(sent_, learns ? sources * kernels.slots() : 0);
  m.exactly(recent_, kernels.slots());
  m.exactly(when_, kernels.slots());
  m.exactly(arrived_, learns && kernels.by_source() ? sources : 0);
}

template <class S>
void delayed_stream<S>::clear() {
  std::ranges::fill(currents_, S(0));
  std::ranges::fill(sent_, S(0));
}

template <class S>
void delayed_stream<S>::step(std::uint64_t now, const S* sent, const matrix_view<const S>& weight, S* current) {
  const std::size_t slots = kernels_->slots(), here = now % slots;
  for (std::size_t i = 0; i < sources_; ++i) {
    if (sent[i] != S(0)) {
      const S value = sent[i];
      const auto one = [&weight](const synapse& s, double tap) {
        return static_cast<S>(static_cast<double>(weight(s.row, s.column)) * s.factor * tap);
      };
      value == S(1) ? depart(now, i, one)
                    : depart(now, i, [&](const synapse& s, double tap) { return value * one(s, tap); });
    }
    if (!sent_.empty()) {
      sent_[i * slots + here] = sent[i];
    }
  }
  S* arriving = currents_.data() + here * width_;
  for (std::size_t j = 0; j < width_; ++j) {
    current[j] += arriving[j];
    arriving[j] = S(0);
  }
}

/// All targets at the same time: whole rows.
template <class S>
template <class Charge>
void delayed_stream<S>::depart_together(std::uint64_t now, std::size_t source, const Charge& charge) {
  const frozen_kernels& k = *kernels_;
  const std::size_t slots = k.slots();
  std::size_t slot = (now % slots + k.first[source]) % slots;
  for (std::size_t n = 0; n < k.used; ++n, slot = slot + 1 == slots ? 0 : slot + 1) {
    S* row = currents_.data() + slot * width_;
    const double tap = k.taps[source * k.used + n];
    each_synapse(*k.of, source, [&](const synapse& s) { row[s.target] += charge(s, tap); });
  }
}

/// charge(synapse, tap): what its target gets of it.
template <class S>
template <class Charge>
void delayed_stream<S>::depart(std::uint64_t now, std::size_t source, const Charge& charge) {
  const frozen_kernels& k = *kernels_;
  if (k.by_source()) {
    depart_together(now, source, charge);
    return;
  }
  const std::size_t slots = k.slots(), begin = now % slots, used = k.used, width = width_;
  S* currents = currents_.data();
  each_synapse(*k.of, source, [&](const synapse& s) {
    const std::size_t delay = k.delay_of(source, s), sum = begin + k.first[delay];
    const double* taps = k.taps.data() + delay * used;
    std::size_t slot = sum >= slots ? sum - slots : sum;
    for (std::size_t n = 0; n < used; ++n, slot = slot + 1 == slots ? 0 : slot + 1) {
      currents[slot * width + s.target] += charge(s, taps[n]);
    }
  });
}

/// What a source sent 0, 1, ... max steps ago; returns how often that was something.
template <class S>
std::size_t delayed_stream<S>::recall(std::uint64_t now, std::size_t source) {
  const std::size_t slots = kernels_->slots();
  const S* row = sent_.data() + source * slots;
  std::size_t count = 0, at = now % slots;
  for (std::size_t b = 0; b < slots; ++b, at = at == 0 ? slots - 1 : at - 1) {
    recent_[b] = row[at];
    when_[count] = b;
    count += row[at] != S(0) ? 1 : 0;
  }
  return count;
}

template <class S>
S delayed_stream<S>::smeared(std::size_t delay) const {
  const S* from = recent_.data() + kernels_->first[delay];
  const double* taps = kernels_->taps.data() + delay * kernels_->used;
  S sum = S(0);
  for (std::size_t n = 0; n < kernels_->used; ++n) {
    sum += static_cast<S>(taps[n]) * from[n];
  }
  return sum;
}

/// smeared() of every target at once, in the same order, for a source that has sent less often than a kernel has taps.
template <class S>
void delayed_stream<S>::spread(std::size_t source, std::size_t count, S* at_targets) const {
  const frozen_kernels& k = *kernels_;
  for (std::size_t e = 0; e < count; ++e) {
    const S value = recent_[when_[e]];
    each_synapse(*k.of, source, [&](const synapse& s) {
      const std::size_t delay = k.delay_of(source, s), n = when_[e] - k.first[delay];  // before the first: wraps round
      at_targets[s.target] += n < k.used ? static_cast<S>(k.taps[delay * k.used + n]) * value : S(0);
    });
  }
}

template <class S>
const S* delayed_stream<S>::arrived(std::uint64_t now) {
  for (std::size_t i = 0; i < sources_; ++i) {
    arrived_[i] = recall(now, i) > 0 ? smeared(i) : S(0);
  }
  return arrived_.data();
}

template <class S>
bool delayed_stream<S>::arrived(std::uint64_t now, std::size_t source, S* at_targets) {
  std::fill_n(at_targets, width_, S(0));
  const std::size_t count = recall(now, source);
  if (count < kernels_->used) {
    spread(source, count, at_targets);
    return count > 0;
  }
  each_synapse(*kernels_->of, source,
               [&](const synapse& s) { at_targets[s.target] = smeared(kernels_->delay_of(source, s)); });
  return true;
}

template class delayed_stream<float>;
template class delayed_stream<double>;

}  // namespace backspike
