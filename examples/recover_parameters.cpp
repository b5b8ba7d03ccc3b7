// A teacher network hides a time constant, a threshold and a reset value in each of its neurons. A student with the
// same weights, but the same middling value in every neuron, sees nothing but the teacher's input and spikes, filtered
// by leaky integrators, and finds the hidden values by gradient descent. Prints how far off it is.

#include <backspike/core/random.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>
#include <vector>

using namespace backspike;

constexpr std::uint32_t inputs = 40, neurons = 50, steps = 500, samples = 64, batch = 16, epochs = 150;

struct hidden_value {
  const char* name;
  double middle, spread;
  parameter_transform transform;
};

constexpr hidden_value hidden_values[] = {{"tau_m", 20.0, 10.0, parameter_transform::exp},
                                          {"v_th", 1.0, 0.3, parameter_transform::exp},
                                          {"v_reset", -0.5, 0.3, parameter_transform::clamp}};

network_spec network_of(parameter_distribution distribution) {
  layer_spec hidden, filters;
  hidden.name = "hidden";
  hidden.cell = "lif";
  hidden.size = neurons;
  hidden.init_sigma = 1.5;  // who never fires tells nothing about itself
  hidden.reset = reset_kind::to_value;
  hidden.detach_reset = false;
  hidden.surrogate.width = 0.2;
  for (const hidden_value& h : hidden_values) {
    auto& p = hidden.parameters[h.name];
    p.value = h.middle;
    p.spread = h.spread;
    p.distribution = distribution;
    p.learn = true;
    p.per = parameter_sharing::neuron;
    p.transform = h.transform;
  }
  filters.name = "filters";
  filters.cell = "leaky_integrator";
  filters.size = neurons;
  filters.parameters["tau_m"].value = 10.0;
  network_spec spec;
  spec.inputs = inputs;
  spec.layers = {hidden, filters};
  return spec;
}

/// Random input; the targets are 0 until the teacher has been asked.
dataset make_inputs(std::uint64_t seed) {
  dataset data;
  data.channels = inputs;
  data.target_width = neurons;
  random_stream random(seed, random_purpose::test);
  for (std::uint32_t s = 0; s < samples; ++s) {
    for (std::uint32_t t = 0; t < steps; ++t) {
      for (std::uint32_t c = 0; c < inputs; ++c) {
        if (random.uniform() < 0.03) {
          data.inputs.spikes.channels.push_back(c);
        }
      }
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
  }
  data.step_targets.assign(std::size_t{samples} * steps * neurons, 0.0f);
  return data;
}

/// One filter for each neuron, so that every spike train is seen by itself.
void make_filters(arena<float>& parameters) {
  const auto weight = parameters.view("filters.weight");
  for (std::size_t r = 0; r < weight.rows; ++r) {
    for (std::size_t c = 0; c < weight.cols; ++c) {
      weight(r, c) = r == c ? 1.0f : 0.0f;
    }
  }
}

void ask(engine& teacher, const arena<float>& parameters, dataset& data) {
  for (std::uint32_t s = 0; s < samples; ++s) {
    const auto readout = teacher.record(parameters, data, s).readout;
    for (std::uint32_t t = 0; t < steps; ++t) {
      for (std::uint32_t n = 0; n < neurons; ++n) {
        data.step_targets[(std::size_t{s} * steps + t) * neurons + n] = readout[n][t];
      }
    }
  }
}

void copy_weights(const arena<float>& from, arena<float>& to) {
  for (const auto* name : {"hidden.weight", "filters.weight"}) {
    const auto a = from.view(name);
    const auto b = to.view(name);
    for (std::size_t r = 0; r < a.rows; ++r) {
      std::copy_n(a.row(r), a.cols, b.row(r));
    }
  }
}

/// Relative errors of one kind of hidden value, ascending.
std::vector<double> errors_of(const std::string& name, const arena<float>& teacher, const arena<float>& student) {
  const auto truth = teacher.view("hidden." + name), found = student.view("hidden." + name);
  std::vector<double> errors(neurons);
  for (std::size_t n = 0; n < neurons; ++n) {
    errors[n] = std::fabs(found(0, n) / truth(0, n) - 1.0);
  }
  std::ranges::sort(errors);
  return errors;
}

/// Median of all errors, after a table of them.
double report(const arena<float>& teacher, const arena<float>& student) {
  std::vector<double> all;
  std::printf("%-8s  %6s  %6s  %6s  within 5 %%\n", "error", "median", "90 %", "most");
  for (const hidden_value& h : hidden_values) {
    const auto e = errors_of(h.name, teacher, student);
    const auto within = std::ranges::upper_bound(e, 0.05) - e.begin();
    std::printf("%-8s  %5.2f%%  %5.2f%%  %5.2f%%  %ld of %u\n", h.name, 100 * e[neurons / 2], 100 * e[neurons * 9 / 10],
                100 * e.back(), static_cast<long>(within), neurons);
    all.insert(all.end(), e.begin(), e.end());
  }
  std::ranges::sort(all);
  return all[all.size() / 2];
}

/// Adjusts what the student does not share with the teacher. Says how it goes.
void learn(const network& net, const objective_spec& objective, const dataset& data, arena<float>& student,
           std::uint64_t seed, thread_pool& pool) {
  optimiser_spec settings;
  settings.learning_rate = 0.03;
  settings.schedule = schedule_kind::cosine;
  settings.groups = {{"*.weight", 1.0, true}};  // frozen
  optimiser adam(settings, net.parameters());
  engine simulation(net, objective, pool);
  arena<float> gradient(net.parameters());
  constexpr std::uint64_t per_epoch = samples / batch;
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    double loss = 0.0, spikes = 0.0;
    const auto order = permutation(samples, {seed, random_purpose::shuffle, epoch});
    for (std::size_t begin = 0; begin < samples; begin += batch) {
      const auto result = simulation.gradient(student, {&data, std::span(order).subspan(begin, batch)}, gradient);
      adam.step(student, gradient, learning_rate_at(settings, adam.steps(), epochs * per_epoch, per_epoch), pool);
      loss += result.loss / samples;
      spikes += static_cast<double>(result.hidden_spikes) / (samples * neurons);
    }
    if ((epoch + 1) % 30 == 0) {
      std::printf("epoch %u: loss %.5f, a neuron fires %.1f times in a sample\n", static_cast<unsigned>(epoch + 1),
                  loss, spikes);
    }
  }
}

int main(int count, char** arguments) {
  const std::uint64_t seed = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1;
  thread_pool pool;
  dataset data = make_inputs(seed);
  objective_spec objective;
  objective.loss = loss_kind::mean_squared;

  const network teacher_net(network_of(parameter_distribution::uniform));
  arena<float> teacher(teacher_net.parameters());
  initialise(teacher_net, teacher, seed, data, pool);
  make_filters(teacher);
  engine teacher_engine(teacher_net, objective, pool);
  ask(teacher_engine, teacher, data);

  const network net(network_of(parameter_distribution::constant));
  arena<float> student(net.parameters());
  initialise(net, student, seed, data, pool);
  copy_weights(teacher, student);
  std::printf("before\n");
  report(teacher, student);
  learn(net, objective, data, student, seed, pool);
  std::printf("after\n");
  const double median = report(teacher, student);
  std::printf("median error %.2f %%\n", 100 * median);
  return median < 0.05 ? 0 : 1;
}
