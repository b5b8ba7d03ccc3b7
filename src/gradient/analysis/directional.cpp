// Derivatives along a direction: the dense path runs on dual numbers, and their derivative part is the answer.

#include <backspike/gradient/directional.hpp>

#include <backspike/core/error.hpp>
#include <backspike/gradient/dense.hpp>

#include <fnmatch.h>

#include <algorithm>

namespace backspike {
namespace {

std::string names_of(const parameter_layout& layout) {
  std::string names;
  for (const parameter_info& p : layout.entries()) {
    names += (names.empty() ? "" : ", ") + p.name;
  }
  return names;
}

arena<perturbed> moving(const network& net, const arena<double>& parameters, const arena<double>& direction) {
  arena<perturbed> moved(net.parameters());
  for (std::size_t i = 0; i < moved.values().size(); ++i) {
    moved.values()[i] = perturbed(parameters.values()[i]);
    moved.values()[i].d[0] = direction.values()[i];
  }
  return moved;
}

void check_layouts(const network& net, const arena<double>& a, const arena<double>& b) {
  if (&a.layout() != &net.parameters() || &b.layout() != &net.parameters()) {
    throw internal_error("directional derivative: the parameters are those of another network");
  }
}

/// Where a number of a group lies, and what it is called.
struct entry {
  std::size_t at;
  std::string name;
};

std::vector<entry> entries_of(const parameter_layout& layout, const parameter_set& group) {
  std::vector<entry> entries;
  for (const std::size_t i : group) {
    const parameter_info& p = layout[i];
    for (std::size_t k = 0; k < p.size(); ++k) {
      const std::size_t r = k / p.cols, c = k % p.cols;
      entries.push_back(
          {p.offset + r * p.stride + c, p.name + "(" + std::to_string(r) + ", " + std::to_string(c) + ")"});
    }
  }
  return entries;
}

std::vector<std::string> names_of(const std::vector<entry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const entry& e : entries) {
    names.push_back(e.name);
  }
  return names;
}

}  // namespace

parameter_set find_parameters(const parameter_layout& layout, std::span<const std::string> patterns) {
  parameter_set group;
  for (const std::string& pattern : patterns) {
    const std::size_t before = group.size();
    for (std::size_t i = 0; i < layout.size(); ++i) {
      if (fnmatch(pattern.c_str(), layout[i].name.c_str(), 0) == 0) {
        group.push_back(i);
      }
    }
    if (group.size() == before) {
      throw value_error("parameter group", "pattern", pattern, "one that matches any of " + names_of(layout));
    }
  }
  std::ranges::sort(group);
  group.erase(std::unique(group.begin(), group.end()), group.end());
  return group;
}

std::vector<output_change> jacobian_vector(const network& net, const arena<double>& parameters,
                                           const arena<double>& direction, batch_view batch, spike_mode mode) {
  check_layouts(net, parameters, direction);
  if (batch.data->channels != net.spec().inputs) {
    throw shape_error("jacobian_vector", "batch", "[" + std::to_string(batch.data->channels) + " channels]",
                      "[" + std::to_string(net.spec().inputs) + " channels]");
  }
  const arena<perturbed> moved = moving(net, parameters, direction);
  const dense_model<perturbed> model(net, moved, mode);
  std::vector<output_change> changes;
  for (const std::uint32_t s : batch.samples) {
    const dense_sample<perturbed> x = dense_forward(model, *batch.data, s, batch.draws);
    output_change change{x.steps, {}, {}};
    for (std::size_t t = 0; t < x.steps; ++t) {
      for (const network_output& o : net.output_list()) {
        for (std::size_t n = 0; n < o.units; ++n) {
          const perturbed& y = x.read(o).row(t)[n];
          change.value.push_back(y.value);
          change.along.push_back(y.d[0]);
        }
      }
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

void hessian_vector(const network& net, const objective_spec& objective, const arena<double>& parameters,
                    const arena<double>& direction, batch_view batch, spike_mode mode, arena<double>& product) {
  check_layouts(net, parameters, direction);
  arena<perturbed> gradient(net.parameters());
  dense_gradient<perturbed>(net, objective, moving(net, parameters, direction), batch, mode, &gradient);
  for (std::size_t i = 0; i < gradient.values().size(); ++i) {
    product.values()[i] = gradient.values()[i].d[0];
  }
}

void mixed_derivative(const network& net, const objective_spec& objective, const arena<double>& parameters,
                      const parameter_set& along, const arena<double>& direction, const parameter_set& of,
                      batch_view batch, spike_mode mode, arena<double>& product) {
  arena<double> only(net.parameters()), all(net.parameters());
  for (const entry& e : entries_of(net.parameters(), along)) {
    only.values()[e.at] = direction.values()[e.at];
  }
  hessian_vector(net, objective, parameters, only, batch, mode, all);
  std::ranges::fill(product.values(), 0.0);
  for (const entry& e : entries_of(net.parameters(), of)) {
    product.values()[e.at] = all.values()[e.at];
  }
}

mixed_matrix mixed_derivatives(const network& net, const objective_spec& objective, const arena<double>& parameters,
                               const parameter_set& along, const parameter_set& of, batch_view batch, spike_mode mode) {
  const auto rows = entries_of(net.parameters(), of), columns = entries_of(net.parameters(), along);
  mixed_matrix m{names_of(rows), names_of(columns), std::vector<double>(rows.size() * columns.size())};
  arena<double> direction(net.parameters()), product(net.parameters());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    direction.values()[columns[c].at] = 1.0;
    hessian_vector(net, objective, parameters, direction, batch, mode, product);
    direction.values()[columns[c].at] = 0.0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      m.values[r * columns.size() + c] = product.values()[rows[r].at];
    }
  }
  return m;
}

}  // namespace backspike
