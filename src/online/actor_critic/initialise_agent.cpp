// The first parameters of an agent: weights for what it is going to see.

#include <backspike/data/dataset.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/online/agent_loop.hpp>

namespace backspike {
namespace {

constexpr float readout_share = 0.1F;

/// Adds the frame of an observation as steps of the sample.
void append_frame(const observation_encoder& encoder, std::uint32_t frame, random_stream& draws,
                  std::vector<float>& input, ragged_events& to) {
  for (std::uint32_t step = 0; step < frame; ++step) {
    encoder.write(step, draws, input);
    for (std::size_t c = 0; c < input.size(); ++c) {
      if (input[c] != 0.0F) {
        to.spikes.channels.push_back(static_cast<std::uint32_t>(c));
        to.spikes.values.push_back(input[c]);
      }
    }
    to.spikes.end_row();
  }
}

/// An episode is a sample.
dataset encoded(const space& observations, std::span<const seen_episode> episodes, const actor_critic_options& options,
                double dt) {
  observation_encoder encoder(options.observation, observations);
  random_stream draws(options.seed, random_purpose::encoder, ~std::uint64_t{0} >> 1);
  std::vector<float> input(encoder.channels());
  dataset all;
  all.dt = dt;
  all.channels = static_cast<std::uint32_t>(encoder.channels());
  for (const seen_episode& episode : episodes) {
    encoder.start();
    for (const auto& observation : episode) {
      encoder.see(observation);
      append_frame(encoder, options.frame, draws, input, all.inputs);
    }
    all.inputs.end_sample();
  }
  return all;
}

}  // namespace

void initialise_agent(const network& net, arena<float>& parameters, const space& observations,
                      std::span<const seen_episode> episodes, const actor_critic_options& options, thread_pool& pool) {
  initialise(net, parameters, options.seed, encoded(observations, episodes, options, net.spec().dt), pool);
  for (const connection& c : net.connections()) {
    const auto weight = parameters.view(c.weight);
    for (std::size_t r = 0; net.populations()[c.target].is_output && r < weight.rows; ++r) {
      for (std::size_t k = 0; k < weight.cols; ++k) {
        weight(r, k) *= readout_share;
      }
    }
  }
}

}  // namespace backspike
