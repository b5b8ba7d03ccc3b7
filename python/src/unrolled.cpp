// Forward with everything kept, and the way back: what PyTorch, a loss of the user's own and recordings are built on.

#include "binding.hpp"

#include <backspike/gradient/unrolled.hpp>

#include <nanobind/stl/pair.h>

namespace backspike::python {
namespace {

/// Keeps the network and the data alive until the way back.
struct unrolled_model {
  std::shared_ptr<model> of;
  std::shared_ptr<dataset> data;
  unrolled run;

  explicit unrolled_model(std::shared_ptr<model> m) : of(std::move(m)), run(of->net, of->pool) {}
};

/// draws: seed and epoch of dropout and noise; none: a run without.
array_out<float> forward(nb::handle self, std::shared_ptr<dataset> data,
                         const std::optional<array_in<std::uint32_t, 1>>& picked, bool backward,
                         const std::optional<std::pair<std::uint64_t, std::uint32_t>>& draws) {
  auto& u = nb::cast<unrolled_model&>(self);
  const auto samples = picked_samples(*data, picked);
  std::span<const float> outputs;
  {
    const busy held(*u.of);
    u.data = std::move(data);
    const batch_draws drawn = draws ? batch_draws{draws->first, draws->second, true} : batch_draws{};
    outputs = u.run.forward(u.of->parameters, {u.data.get(), samples, drawn}, backward);
  }
  // A run's outputs are its caller's: the way back does not read them. Writable, so that DLPack takes them.
  const std::size_t shape[] = {u.run.rows(), u.of->net.outputs()};
  return array_out<float>(const_cast<float*>(outputs.data()), 2, shape, self);
}

/// The gradient of every parameter, and of the input or None.
nb::typed<nb::tuple, array_list, std::optional<array_out<float>>> backward(unrolled_model& u,
                                                                           const array_in<float, 2>& error,
                                                                           bool with_input) {
  auto gradient = std::make_unique<arena<float>>(u.of->net.parameters());
  const std::size_t inputs = u.of->net.spec().inputs;
  std::vector<float> error_input(with_input ? u.run.rows() * inputs : 0);
  {
    const busy held(*u.of);
    u.run.backward(std::span(error.data(), error.size()), *gradient, error_input);
  }
  struct kept {
    std::shared_ptr<model> layout;
    std::unique_ptr<arena<float>> values;
  };
  auto* owner = new kept{u.of, std::move(gradient)};
  const nb::capsule capsule(owner, [](void* p) noexcept { delete static_cast<kept*>(p); });
  return nb::make_tuple(
      views_of(*owner->values, capsule),
      with_input ? nb::cast(array_of(std::move(error_input), {u.run.rows(), inputs})) : nb::object(nb::none()));
}

/// Spikes of a layer in one sample: steps and neurons, one entry a spike.
nb::typed<nb::tuple, array_out<std::uint32_t>, array_out<std::uint32_t>> spikes(const unrolled_model& u,
                                                                                std::size_t layer, std::size_t sample) {
  const events& e = u.run.spikes(layer, sample);
  std::vector<std::uint32_t> steps, neurons;
  for (std::size_t t = 0; t < e.rows(); ++t) {
    for (const std::uint32_t n : e.row(t).channels) {
      steps.push_back(static_cast<std::uint32_t>(t));
      neurons.push_back(n);
    }
  }
  const std::size_t count = steps.size();
  return nb::make_tuple(array_of(std::move(steps), {count}), array_of(std::move(neurons), {count}));
}

array_out<float> state(const unrolled_model& u, std::size_t layer, std::size_t sample, std::size_t variable) {
  auto values = u.run.state(layer, sample, variable);
  const std::size_t units = u.of->net.populations()[layer].units, steps = values.size() / units;
  return array_of(std::move(values), {steps, units});
}

}  // namespace

void bind_unrolled(nb::module_& m) {
  nb::class_<unrolled_model>(m, "Unrolled")
      .def(nb::init<std::shared_ptr<model>>())
      .def("forward", &forward, nb::arg("data"), nb::arg("samples").none(), nb::arg("backward"),
           nb::arg("draws") = nb::none())
      .def("backward", &backward, nb::arg("error"), nb::arg("with_input"))
      .def("first_row",
           [](const unrolled_model& u) {
             const auto rows = u.run.first_row();
             return std::vector<std::size_t>(rows.begin(), rows.end());
           })
      .def("spikes", &spikes)
      .def("state", &state);
}

}  // namespace backspike::python
