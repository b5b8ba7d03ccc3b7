#pragma once
// The five operations of a step of e-prop, on float (kernels of the processor) and on double (plain loops, the oracle):
// everything above them is written once.

#include "kernels/kernel_table.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/network/network.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace backspike {

/// As cell_tangent, on any scalar: without a Jacobian the plain step.
template <class S>
struct eprop_tangent {
  const S* constants;
  S* state;
  const S* current;  // [receptors][width]
  S* output;
  S* jacobian;
  bool with_constants;
  spike_function spike;
};

template <class S>
class eprop_ops;

template <>
class eprop_ops<float> {
 public:
  void tangent(const population& p, const eprop_tangent<float>& a) const {
    cell_tangent t{p.padded_units, a.with_constants, a.constants, a.state, {}, a.output, a.jacobian, a.spike};
    for (std::size_t r = 0; r < p.inlets(); ++r) {
      t.current[r] = a.current + r * p.padded_units;
    }
    table_->of(*p.cell).tangent(t);
  }
  /// values == nullptr: every factor is 1.
  void accumulate(float* sum, const float* rows, std::size_t stride, std::size_t width,
                  std::span<const std::uint32_t> ids, const float* values) const {
    if (!ids.empty()) {
      table_->accumulate({sum, rows, stride, width, ids.data(), values, ids.size()});
    }
  }
  /// The places that are not zero, in memory with the room of kernels::nonzeros_args.
  kernels::nonzeros_found nonzeros(const float* values, std::size_t count, std::uint32_t* ids, float* kept) const {
    return table_->nonzeros({values, count, ids, kept});
  }
  void eligibility(const kernels::eligibility_args<float>& a) const { table_->eligibility(a); }

 private:
  const kernels::table* table_ = kernels::active_table().fused;  // the engine's arithmetic, unless it is told
};

template <>
class eprop_ops<double> {
 public:
  void tangent(const population& p, const eprop_tangent<double>& a) {
    const std::size_t states = p.cell->states.size(), all = p.cell->columns();
    const std::size_t kept = p.cell->columns(a.with_constants);
    one_.resize((states + 1) * all + states + p.cell->constants + p.inlets());
    double* x = one_.data() + (states + 1) * all;
    double* c = x + states;
    double* in = c + p.cell->constants;
    for (std::size_t n = 0; n < p.units; ++n) {
      for (std::size_t k = 0; k < states; ++k) {
        x[k] = a.state[k * p.padded_units + n];
      }
      for (std::size_t k = 0; k < p.cell->constants; ++k) {
        c[k] = a.constants[k * p.padded_units + n];
      }
      for (std::size_t r = 0; r < p.inlets(); ++r) {
        in[r] = a.current[r * p.padded_units + n];
      }
      a.output[n] = a.jacobian == nullptr ? p.cell->exact->step(x, c, in, a.spike)
                                          : p.cell->exact->jacobian(x, c, in, a.spike, one_.data());
      for (std::size_t k = 0; k < states; ++k) {
        a.state[k * p.padded_units + n] = x[k];
      }
      for (std::size_t r = 0; a.jacobian != nullptr && r <= states; ++r) {
        for (std::size_t k = 0; k < kept; ++k) {
          a.jacobian[(r * kept + k) * p.padded_units + n] = one_[r * all + k];
        }
      }
    }
  }
  void accumulate(double* sum, const double* rows, std::size_t stride, std::size_t width,
                  std::span<const std::uint32_t> ids, const double* values) const {
    for (std::size_t e = 0; e < ids.size(); ++e) {
      for (std::size_t c = 0; c < width; ++c) {
        sum[c] += (values == nullptr ? 1.0 : values[e]) * rows[ids[e] * stride + c];
      }
    }
  }
  kernels::nonzeros_found nonzeros(const double* values, std::size_t count, std::uint32_t* ids, double* kept) const {
    kernels::nonzeros_found found;
    for (std::size_t k = 0; k < count; ++k) {
      if (values[k] != 0.0) {
        ids[found.count] = static_cast<std::uint32_t>(k);
        kept[found.count++] = values[k];
        found.graded = found.graded || values[k] != 1.0;
      }
    }
    return found;
  }
  void eligibility(const kernels::eligibility_args<double>& a) const { kernels::eligibility<double, double>(a); }

 private:
  std::vector<double> one_;
};

}  // namespace backspike
