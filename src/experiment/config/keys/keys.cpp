// The table of keys: each has its name, the member that it sets, its unit, its range and its meaning. A new key is one
// row here.

#include "experiment/config/keys/keys.hpp"

#include <backspike/cell/cell_info.hpp>

#include "experiment/config/keys/agent_keys.hpp"
#include "experiment/config/keys/data/camera_keys.hpp"
#include "experiment/config/keys/data/event_keys.hpp"
#include "experiment/config/keys/data/signal_keys.hpp"
#include "experiment/config/keys/defence_keys.hpp"
#include "experiment/config/keys/delay_keys.hpp"
#include "experiment/config/keys/hardware_keys.hpp"

#include <algorithm>
#include <iterator>

namespace backspike::config {
namespace {

std::vector<key<experiment>> top_keys() {
  return {row("name", &experiment::name, "names the run; the file's stem if empty"),
          row("seed", &experiment::seed, "", between(0, static_cast<double>(largest_seed)),
              "decides every random number: weights, order, encoding")};
}

std::vector<key<data_spec>> data_keys() {
  using s = data_spec;
  return {
      row("source", &s::source, "where samples come from; none: from arrays, to a network that Python saved"),
      path_row("path", &s::path,
               "fashion_mnist, idx, wav_digits, spike_hdf5, ecg_qtdb, events, nmnist, event_camera: file or folder, "
               "from this file's own folder; empty: where the package installs Fashion-MNIST"),
      path_row("test_path", &s::test_path, "spike_hdf5: file of the test set"),
      row("limit", &s::limit, "samples", between(0, 4294967295.0), "first samples of each split to keep; 0: all"),
      row("validation", &s::validation, "", below(0, 1),
          "fashion_mnist, idx, wav_digits, spike_hdf5, ecg_qtdb, events, nmnist, event_camera: share of the training "
          "set kept to "
          "choose "
          "the epoch"),
      row("folds", &s::folds, "", between(0, 16777216),
          "cross-validation: parts of the training and test samples together, of every class in proportion; 0: none, "
          "the "
          "source's own test set"),
      row("fold", &s::fold, "", between(1, 16777216), "which of the folds is the test set, from 1 on"),
      row("held_out_speaker", &s::held_out_speaker,
          "wav_digits, spike_hdf5: this speaker is the test set; empty: the official split"),
      row("bin_ms", &s::bin_ms, "ms", between(least_dt, most_dt),
          "spike_hdf5, events, nmnist, event_camera, saccade_direction: width of a time step"),
      row("duration_ms", &s::duration_ms, "ms", at_least(0),
          "spike_hdf5, events, nmnist, event_camera, saccade_direction: later spikes are dropped, and recordings of "
          "cameras last so long; 0: to the "
          "last "
          "spike"),
      row("time_unit", &s::unit, "spike_hdf5: of the times in the file; auto: seconds, unless they are whole or large"),
      row("duplicates", &s::duplicates,
          "spike_hdf5, events, nmnist, event_camera, saccade_direction: several spikes of a channel in one step are "
          "one spike, or an event with their "
          "count as value"),
  };
}

std::vector<key<encoder_spec>> encoder_keys() {
  using s = encoder_spec;
  return {
      row("kind", &s::kind,
          "what a pixel becomes: a spike time, a spike rate, a current, spikes at changes, the spike times of a "
          "population"),
      row("steps", &s::steps, "steps", between(1, 1e6), "length of a sample"),
      row("tau", &s::tau, "ms", above(0), "latency: time constant of the charging pixel"),
      row("threshold", &s::threshold, "", below(0, 1),
          "latency: values up to this never spike; delta: change that makes a spike; population: responses up to this "
          "never spike"),
      row("rate", &s::rate, "Hz", at_least(0), "poisson: spikes per second at value 1"),
      row("gain", &s::gain, "", range{}, "current: amplitude at value 1"),
      row("dt", &s::dt, "ms", between(least_dt, most_dt), "width of a time step"),
      row("fields", &s::fields, "neurons", between(3, 65536), "population: with receptive fields that see each value"),
      row("beta", &s::beta, "", above(0), "population: distance of the centres of the fields, in widths of a field"),
  };
}

std::vector<key<audio_spec>> audio_keys() {
  using s = audio_spec;
  return {
      row("channels", &s::channels, "bands", between(1, 4096), "bands of the mel filter bank"),
      row("low_hz", &s::low_hz, "Hz", above(0), "centre of the lowest band"),
      row("high_hz", &s::high_hz, "Hz", above(0), "centre of the highest band"),
      row("window_ms", &s::window_ms, "ms", above(0), "length of the analysis window"),
      row("step_ms", &s::step_ms, "ms", between(least_dt, most_dt), "width of a time step"),
      row("equalisation", &s::equalisation, "", between(0, 1),
          "share of a band's long-term level that is levelled out"),
      row("compression", &s::compression, "", between(0.01, 1), "exponent of the power law"),
      row("adaptation", &s::adaptation, "", between(0, 1), "share of the recent level that adaptation subtracts"),
      row("adaptation_ms", &s::adaptation_ms, "ms", above(0), "time constant of the adaptation"),
      row("thresholds", &s::thresholds, "", between(1, 256), "channels of a band, each with a threshold of its own"),
      row("lowest_threshold", &s::lowest_threshold, "", above(0), "of a band's channels; 1 is the mean loudness"),
      row("highest_threshold", &s::highest_threshold, "", above(0), "of a band's channels"),
  };
}

std::vector<key<pattern_spec>> pattern_keys() {
  using s = pattern_spec;
  return {
      row("steps", &s::steps, "ms", between(2, 1e6), "length of the pattern"),
      row("inputs", &s::inputs, "neurons", between(1, 65536), "input neurons"),
      row("groups", &s::groups, "", between(1, 65536), "groups of input neurons that fire in turn"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of an input neuron while its group fires"),
      row("outputs", &s::outputs, "", between(1, 65536), "curves to follow"),
  };
}

std::vector<key<spike_pattern_spec>> spike_pattern_keys() {
  using s = spike_pattern_spec;
  return {
      row("steps", &s::steps, "ms", between(1, 1e6), "length of a sample"),
      row("inputs", &s::inputs, "neurons", between(1, 65536), "input neurons"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of an input neuron; the same spikes in every sample"),
      row("outputs", &s::outputs, "neurons", between(1, 65536), "of the target raster"),
      row("spikes", &s::spikes, "spikes", between(1, 16777216), "of the target raster, at random times"),
      row("distance", &s::distance, "ms", between(1, 1e6), "least time between two target spikes of a neuron"),
      row("onset", &s::onset, "ms", between(0, 1e6), "before the first target spike"),
      row("text", &s::text, "the raster writes these letters and digits instead; empty: none"),
      path_row("picture", &s::picture, "the raster draws this PBM, PGM or PPM file instead; empty: none"),
      row("input_jitter", &s::input_jitter, "ms", between(0, 1e6),
          "noise of a sample: standard deviation by which each input spike is moved"),
      row("deletion", &s::deletion, "", between(0, 1), "noise of a sample: probability that an input spike is lost"),
      row("extra_rate", &s::extra_rate, "Hz", between(0, 1000), "noise of a sample: further spikes of an input neuron"),
      row("train_samples", &s::train_samples, "samples", between(1, 16777216), "training set: repeats of the input"),
      row("validation_samples", &s::validation_samples, "samples", between(0, 16777216), "validation set"),
      row("test_samples", &s::test_samples, "samples", between(1, 16777216), "test set"),
  };
}

std::vector<key<evidence_spec>> evidence_keys() {
  using s = evidence_spec;
  return {
      row("cues", &s::cues, "", between(1, 1e6), "cues of a trial; an odd number"),
      row("cue_ms", &s::cue_ms, "ms", between(1, 1e6), "length of a cue"),
      row("gap_ms", &s::gap_ms, "ms", between(0, 1e6), "silence before each cue"),
      row("delay_ms", &s::delay_ms, "ms", between(0, 1e6), "from the last cue to the recall"),
      row("recall_ms", &s::recall_ms, "ms", between(1, 1e6), "recall cue, in which the decision counts"),
      row("group", &s::group, "neurons", between(1, 65536), "input neurons of each of the four groups"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of the neurons of a cue"),
      row("noise_rate", &s::noise_rate, "Hz", between(0, 1000), "of the neurons that always fire"),
      row("bias", &s::bias, "", between(0, 1), "probability that a cue comes from the side the trial favours"),
      row("train_trials", &s::train_trials, "trials", between(1, 16777216), "training set"),
      row("validation_trials", &s::validation_trials, "trials", between(0, 16777216), "validation set"),
      row("test_trials", &s::test_trials, "trials", between(1, 16777216), "test set"),
  };
}

std::vector<key<delay_recovery_spec>> delay_recovery_keys() {
  using s = delay_recovery_spec;
  return {
      row("steps", &s::steps, "ms", between(1, 1e6), "length of a sample"),
      row("inputs", &s::inputs, "neurons", between(1, 65536), "input neurons"),
      row("outputs", &s::outputs, "neurons", between(1, 65536), "neurons of the teacher"),
      row("max_delay", &s::max_delay, "ms", between(0, 65535), "largest delay of the teacher's synapses"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of an input neuron"),
      row("tau_m", &s::tau_m, "ms", above(0), "of the teacher's leaky integrators"),
      row("train_samples", &s::train_samples, "samples", between(1, 16777216), "training set"),
      row("validation_samples", &s::validation_samples, "samples", between(0, 16777216), "validation set"),
      row("test_samples", &s::test_samples, "samples", between(1, 16777216), "test set"),
  };
}

std::vector<key<coincidence_spec>> coincidence_keys() {
  using s = coincidence_spec;
  return {
      row("steps", &s::steps, "ms", between(1, 1e6), "length of a sample"),
      row("classes", &s::classes, "", between(2, 65536), "orders in which the channels fire"),
      row("channels", &s::channels, "neurons", between(2, 65536), "of which each fires once in a volley"),
      row("gap", &s::gap, "ms", between(1, 65535), "between the turns of two channels"),
      row("jitter", &s::jitter, "ms", between(0, 32767), "how much too early or too late a spike is at most"),
      row("volleys", &s::volleys, "", between(1, 1e6), "of a sample, at random times"),
      row("train_samples", &s::train_samples, "samples", between(1, 16777216), "training set"),
      row("validation_samples", &s::validation_samples, "samples", between(0, 16777216), "validation set"),
      row("test_samples", &s::test_samples, "samples", between(1, 16777216), "test set"),
  };
}

std::vector<key<delayed_match_spec>> delayed_match_keys() {
  using s = delayed_match_spec;
  return {
      row("stimuli", &s::stimuli, "", between(2, 65536), "that a trial may show"),
      row("stimulus_ms", &s::stimulus_ms, "ms", between(1, 1e6), "length of each of the two stimuli of a trial"),
      row("delay_ms", &s::delay_ms, "ms", between(0, 1e6), "silence between them"),
      row("decision_ms", &s::decision_ms, "ms", between(1, 1e6), "of the question, in which the answer counts"),
      row("group", &s::group, "neurons", between(1, 65536), "of each stimulus, of the question and of the noise"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of a group that fires"),
      row("noise_rate", &s::noise_rate, "Hz", between(0, 1000), "of the neurons that always fire"),
      row("train_samples", &s::train_samples, "samples", between(1, 16777216), "training set"),
      row("validation_samples", &s::validation_samples, "samples", between(0, 16777216), "validation set"),
      row("test_samples", &s::test_samples, "samples", between(1, 16777216), "test set"),
  };
}

std::vector<key<random_manifolds_spec>> random_manifolds_keys() {
  using s = random_manifolds_spec;
  return {
      row("steps", &s::steps, "ms", between(1, 1e6), "length of a sample"),
      row("classes", &s::classes, "", between(2, 65536), "manifolds"),
      row("channels", &s::channels, "neurons", between(1, 65536), "of which each spikes once in a sample"),
      row("dimensions", &s::dimensions, "", between(1, 64), "of a manifold"),
      row("alpha", &s::alpha, "", between(0, 100), "smoothness: how fast the amplitude falls with the frequency"),
      row("cutoff", &s::cutoff, "", between(1, 100000), "frequencies along each dimension"),
      row("train_samples", &s::train_samples, "samples", between(1, 16777216), "training set"),
      row("validation_samples", &s::validation_samples, "samples", between(0, 16777216), "validation set"),
      row("test_samples", &s::test_samples, "samples", between(1, 16777216), "test set"),
  };
}

std::vector<key<layer_spec>> plain_layer_keys() {
  using s = layer_spec;
  auto keys = std::vector<key<layer_spec>>{
      row("name", &s::name, "unique; empty: hidden1, hidden2, ..., readout for the last"),
      row("cell", &s::cell, "model of its neurons, whose parameters are further keys, listed below"),
      row("size", &s::size, "neurons", between(0, 16777216),
          "0: that of the shape, or that which a convolution or a pool leads to; in the last layer else the number of "
          "classes"),
      row("shape", &s::shape, "", between(1, 16777216),
          "[channels, height, width] or [channels, length], whose product is the size; absent: a number of neurons "
          "only, or what a convolution or a pool leads to"),
      row("channels", &s::channels, "", between(0, 16777216),
          "groups of neighbouring neurons, of one size, that parameters can be shared by; 0: one for each neuron"),
      row("from", &s::from,
          "layers, or input, that its connections lead from; absent: the layer before; an empty list: none"),
      row("recurrent", &s::recurrent, "connects the layer to itself, one step later"),
      row("bias", &s::bias, "adds a learned constant to the input of each neuron"),
      row("bias_per", &s::bias_per,
          "what has one number of the bias; absent: a channel behind a convolution of its own, else a neuron"),
      row("reset", &s::reset, "what a spike does to the membrane"),
      row("detach_reset", &s::detach_reset, "no gradient flows through the reset"),
      row("refractory", &s::refractory, "ms", at_least(0),
          "after a spike: the membrane is held and the neuron does not spike; rounded to steps"),
      row("dropout", &s::dropout, "", below(0, 1),
          "in training: probability that a neuron sends nothing for a whole sample; the others send 1 / (1 - dropout) "
          "times as much"),
      row("dropout_per", &s::dropout_per,
          "what is dropped together: neuron, or channel, a whole feature map of a layer with a shape"),
      row("noise", &s::noise, "", between(0, most_noise),
          "in training: standard deviation of a Gaussian current that every neuron gets in every step"),
      row("init_sigma", &s::init_sigma, "v_th", between(0, most_init_sigma),
          "spread of the membrane that the initial weights aim at"),
      row("init", &s::init,
          "initial weights from the layers before: random (in the analog readout of a regression auto brings them to "
          "the scale of the targets, fluctuation does not), or 1 from each neuron to that of the same number, 0 "
          "elsewhere"),
      row("weight_transform", &s::transform,
          "how training keeps the weights from the layers before; standardise: those of a channel or a neuron of dense "
          "ones have a mean of 0 and keep the norm that they start with"),
      row("receptor", &s::receptor,
          "of its cell, that the connections from the layers before feed; absent: the first; for cells that have "
          "several"),
      row("recurrent_receptor", &s::recurrent_receptor, "of its cell, that the connection to itself feeds"),
  };
  auto& cell = keys[1];
  cell.type = value_type::choice;
  for (const auto& known : known_cells()) {
    cell.choices.emplace_back(known.name);
  }
  return keys;
}

std::vector<key<network_spec>> network_keys() {
  return {row("input_shape", &network_spec::input_shape, "", between(1, 16777216),
              "[channels, height, width] or [channels, length] of the input channels; absent: as the data say")};
}

std::vector<key<surrogate_spec>> surrogate_keys() {
  using s = surrogate_spec;
  return {row("kind", &s::kind, "shape of the pseudo-derivative of the spike"),
          row("width", &s::width, "", between(least_surrogate, most_surrogate), "its width, in units of the membrane"),
          row("height", &s::height, "", between(least_surrogate, most_surrogate), "its height at the threshold")};
}

std::vector<key<activity_spec>> activity_keys() {
  using s = activity_spec;
  return {
      row("l1", &s::l1, "", at_least(0), "loss added for every spike"),
      row("l2", &s::l2, "", at_least(0), "loss added for the square of every neuron's number of spikes"),
      row("lower", &s::lower, "Hz", at_least(0), "rate below which a neuron costs"),
      row("lower_weight", &s::lower_weight, "1/Hz^2", at_least(0), "factor of the square of what is missing; 0: none"),
      row("upper", &s::upper, "Hz", at_least(0), "rate above which a neuron costs"),
      row("upper_weight", &s::upper_weight, "1/Hz^2", at_least(0), "factor of the square of the excess; 0: none"),
      row("target", &s::target, "Hz", at_least(0), "rate that every neuron is held near"),
      row("target_weight", &s::target_weight, "1/Hz^2", at_least(0), "factor of the square of the distance; 0: none"),
  };
}

std::vector<key<synaptic_operations_spec>> operations_keys() {
  using s = synaptic_operations_spec;
  return {row("budget", &s::budget, "operations", above(0), "operations of a sample from which on they cost"),
          row("weight", &s::weight, "", at_least(0),
              "factor of the square of the excess, as a share of the budget; 0: no budget")};
}

std::vector<key<rule_spec>> rule_keys() {
  using s = rule_spec;
  return {
      row("kind", &s::kind, "learning rule; bptt: backpropagation through the whole sample, everything kept"),
      row("memory", &s::memory, "checkpointed_bptt, eprop: auto takes the largest distance of checkpoints that fits"),
      row("every", &s::every, "steps", between(1, 4294967295.0),
          "checkpointed_bptt, eprop, fixed: distance of checkpoints"),
      row("budget_mib", &s::budget_mib, "MiB", at_least(0),
          "checkpointed_bptt, eprop, auto: memory of the run; 0: what there is"),
      row("window", &s::window, "steps", between(1, 4294967295.0), "truncated_bptt: how far back an error goes"),
      row("stride", &s::stride, "steps", between(1, 4294967295.0),
          "truncated_bptt: steps whose errors go back together, at most the window"),
      row("form", &s::form,
          "eprop; backward: the engine's way back, cut between neurons; forward: eligibility traces, slow, memory that "
          "does not grow with the sample; auto: backward if it fits"),
      row("feedback", &s::feedback, "eprop: what brings the error to hidden neurons"),
      row("feedback_decay", &s::feedback_decay, "", between(0, 1), "eprop, adaptive: of each update"),
      row("target_rate", &s::target_rate, "Hz", at_least(0), "eprop: rate that hidden neurons are held near"),
      row("rate_coefficient", &s::rate_coefficient, "", at_least(0), "eprop: how strongly; 0: not at all"),
      row("arithmetic", &s::arithmetic,
          "bptt of any kind; fused: a product and its sum are rounded once; separate: one after the other; "
          "bfloat16: fused, and dense products of 16-bit factors"),
  };
}

std::vector<key<loss_spec>> loss_keys() {
  using s = loss_spec;
  return {
      row("loss", &s::loss,
          "what training lowers: on the label of a sample, of each step, on values of each step, or on spike trains"),
      row("weight", &s::weight, "", at_least(0), "factor of this loss where there are several"),
      row("readout", &s::readout, "how the output over time becomes one value for each class"),
      row("logit_scale", &s::logit_scale, "", above(0), "factor of that value before the softmax"),
      row("label_smoothing", &s::label_smoothing, "", below(0, 1), "share of the target spread over all classes"),
      row("huber_delta", &s::huber_delta, "", above(0), "huber: distance from which on the loss grows linearly"),
      row("kernel_width", &s::kernel_width, "ms", above(0), "soft_alignment: standard deviation of the kernel"),
      row("tau", &s::tau, "ms", above(0), "van_rossum, jitter: time constant of the kernel"),
      row("time_scale", &s::time_scale, "ms", above(0), "first_spike_time, first_spike: what times are divided by"),
      row("silence_penalty", &s::silence_penalty, "ms", at_least(0),
          "first_spike_time, first_spike: how long after the end a silent output counts as spiking"),
      row("count_true", &s::count_true, "spikes", at_least(0), "class_spike_count: wanted of the label's output"),
      row("count_false", &s::count_false, "spikes", at_least(0), "class_spike_count: wanted of each other output"),
  };
}

key<output_objective> class_weights_row() {
  key<output_objective> row;
  row.name = "class_weights";
  row.type = value_type::numbers_or_choice;
  row.limits = at_least(0);
  row.choices = {"balanced"};
  row.meaning =
      "factor of each class in losses on labels; balanced: by its share of the training set, so that all count alike";
  row.get = [](const output_objective& o) -> value {
    return o.class_weights.balanced ? value(std::string("balanced")) : value(o.class_weights.values);
  };
  row.set = [](output_objective& o, const value& v) {
    const auto* numbers = std::get_if<std::vector<double>>(&v);
    o.class_weights = {numbers == nullptr, numbers == nullptr ? std::vector<double>{} : *numbers};
  };
  return row;
}

/// Those of the main loss, as the objective's own, and what belongs to no loss.
std::vector<key<objective_spec>> objective_keys() {
  std::vector<key<objective_spec>> all;
  append_own(all, loss_keys());  // an objective is its main loss
  all.push_back(row("rate_penalty", &objective_spec::rate_penalty, "", at_least(0),
                    "loss added for every spike of a hidden layer"));
  append_own(all, std::vector{class_weights_row()});
  return all;
}

std::vector<key<network_output_spec>> output_row_keys() {
  using s = network_output_spec;
  return {
      row("from", &s::from, "the layer that it is"),
      row("name", &s::name, "unique; empty: that of the layer"),
      row("target", &s::target, "which of the targets that the data have by name; empty: the data's own"),
      row("classes_from", &s::classes_from, "", range{0, 65535},
          "for each class of these targets the class of this output, from 0; an empty list: the same classes"),
      row("class_names", &s::class_names, "of the classes of this output; an empty list: numbers"),
      row("read", &s::read,
          "what a loss reads of the layer: output, its spikes or the value of an analog cell; membrane, of a spiking "
          "cell after each step, its reset included"),
  };
}

std::vector<key<optimiser_spec>> optimiser_keys() {
  using s = optimiser_spec;
  return {
      row("kind", &s::kind, "how gradients become updates"),
      row("learning_rate", &s::learning_rate, "", at_least(0), "largest rate of the schedule"),
      row("momentum", &s::momentum, "", below(0, 1), "sgd: share of the last update that is kept"),
      row("beta1", &s::beta1, "", below(0, 1), "adam, adamw: decay of the gradient's mean"),
      row("beta2", &s::beta2, "", below(0, 1), "adam, adamw: decay of the squared gradient's mean"),
      row("epsilon", &s::epsilon, "", above(0), "adam, adamw: added to the denominator"),
      row("weight_decay", &s::weight_decay, "", at_least(0), "sgd, adam: added to the gradient; adamw: decoupled"),
      row("clip_norm", &s::clip_norm, "", at_least(0), "largest norm of the gradient; 0: no clipping"),
      row("schedule", &s::schedule, "how the rate changes over the run"),
      row("warmup", &s::warmup, "", below(0, 1), "share of the run with a rising rate; one_cycle: 0 stands for 0.3"),
      row("final_rate", &s::final_rate, "", between(0, 1), "cosine, one_cycle: last rate, as a share of the largest"),
      row("step_every", &s::step_every, "epochs", above(0), "step: epochs between reductions"),
      row("step_factor", &s::step_factor, "", range{0, 1, true}, "step: factor of each reduction"),
  };
}

std::vector<key<train_spec>> train_keys() {
  using s = train_spec;
  return {
      row("epochs", &s::epochs, "epochs", between(1, 1e6), "passes over the training set"),
      row("batch", &s::batch, "samples", between(1, 16777216), "samples of an optimiser step"),
      row("eval_batch", &s::eval_batch, "samples", between(1, 16777216), "samples evaluated at a time"),
  };
}

std::vector<key<raster_metrics_spec>> metric_keys() {
  using s = raster_metrics_spec;
  return {
      row("tolerance", &s::tolerance, "ms", at_least(0),
          "an output spike answers a target spike at most this far away"),
      row("cost", &s::cost, "1/ms", at_least(0), "victor_purpura: of moving a spike"),
      row("tau", &s::tau, "ms", above(0), "van_rossum: time constant of the kernel"),
  };
}

std::vector<key<output_spec>> output_keys() {
  using s = output_spec;
  return {
      row("directory", &s::directory, "a run without --out writes to DIRECTORY/NAME"),
      row("report_samples", &s::report_samples, "samples", between(0, 1000), "samples drawn in the report"),
  };
}

}  // namespace

namespace {

key_table<experiment> data_and_training() {
  using e = experiment;
  return {
      {"", "the run", top_keys()},
      {"data", "samples and how they are split", within(&e::data, data_keys())},
      {"data.encoder", "how images become spikes (fashion_mnist, idx)",
       within(&e::data, within(&data_spec::encoder, encoder_keys()))},
      {"data.audio", "how recordings become spikes (wav_digits)",
       within(&e::data, within(&data_spec::audio, audio_keys()))},
      {"data.pattern", "the sum of sines to reproduce (pattern_generation)",
       within(&e::data, within(&data_spec::pattern, pattern_keys()))},
      {"data.spike_pattern", "the raster to write from frozen noise (spike_pattern)",
       within(&e::data, within(&data_spec::spike_pattern, spike_pattern_keys()))},
      {"data.evidence", "trials with cues from two sides (evidence_accumulation)",
       within(&e::data, within(&data_spec::evidence, evidence_keys()))},
      {"data.delay_recovery", "a teacher whose delays are to be found (delay_recovery)",
       within(&e::data, within(&data_spec::delay_recovery, delay_recovery_keys()))},
      {"data.coincidence", "volleys that differ in their order alone (coincidence)",
       within(&e::data, within(&data_spec::coincidence, coincidence_keys()))},
      {"data.waveforms", "signals carried by noisy spikes (regression_waveforms)",
       within(&e::data, within(&data_spec::waveforms, waveforms_keys()))},
      {"data.psp", "spike trains through hidden double-exponential filters (psp_readout)",
       within(&e::data, within(&data_spec::psp, psp_keys()))},
      {"data.timing", "which half of the channels fires first (spike_timing)",
       within(&e::data, within(&data_spec::timing, timing_keys()))},
      {"data.mackey_glass", "the chaotic series of Mackey and Glass, to be continued (mackey_glass)",
       within(&e::data, within(&data_spec::mackey_glass, mackey_glass_keys()))},
      {"data.random_manifolds", "classes of spike times on smooth random manifolds (random_manifolds)",
       within(&e::data, within(&data_spec::random_manifolds, random_manifolds_keys()))},
      {"data.delayed_match", "two stimuli with a silence between them: the same or not (delayed_match)",
       within(&e::data, within(&data_spec::delayed_match, delayed_match_keys()))},
      {"data.events",
       "how recordings of event cameras become steps and channels (events, nmnist, event_camera, saccade_direction)",
       within(&e::data, within(&data_spec::events, event_keys()))},
      {"data.event_camera", "the pixels and the motion of a simulated camera (event_camera, saccade_direction)",
       within(&e::data, within(&data_spec::event_camera, event_camera_keys()))},
      {"data.saccade_direction", "blobs that move round a triangle in front of it (saccade_direction)",
       within(&e::data, within(&data_spec::saccade_direction, saccade_direction_keys()))},
      {"data.augment",
       "what training does to recordings and images, drawn anew in every epoch (events, nmnist, fashion_mnist, idx)",
       within(&e::data, within(&data_spec::augment, augment_keys()))},
      {"network", "the layers, from the input to the readout", within(&e::network, network_keys())},
      {"rule", "how gradients are computed", within(&e::rule, rule_keys())},
      {"objective", "what training aims at", within(&e::objective, objective_keys())},
      {"objective.synaptic_operations", "a budget of the additions that the network's own spikes cause in a sample",
       within(&e::objective, within(&objective_spec::synaptic_operations, operations_keys()))},
      {"objective.adversarial", "an attack that changes the samples of every batch before the network learns from them",
       within(&e::adversarial, defence_keys())},
      {"optimiser", "how the weights change", within(&e::optimiser, optimiser_keys())},
      {"train", "how long and in what portions", within(&e::train, train_keys())},
      {"hardware", "the chips that the network shall run on: what their devices get wrong, and training for it",
       within(&e::hardware, hardware_keys())},
      {"metrics", "how output spikes are compared with target spikes; no part of training",
       within(&e::metrics, metric_keys())},
      {"output", "what a run leaves behind", within(&e::output, output_keys())},
  };
}

}  // namespace

const key_table<experiment>& experiment_keys() {
  static const key_table<experiment> table = [] {
    auto all = data_and_training();
    const auto network = std::ranges::find(all, "network", &section<experiment>::name);
    auto agent = agent_sections();
    all.insert(network, std::make_move_iterator(agent.begin()), std::make_move_iterator(agent.end()));
    return all;
  }();
  return table;
}

const key_table<layer_spec>& layer_keys() {
  static const key_table<layer_spec> table = [] {
    key_table<layer_spec> all{
        {"", "one [[network.layer]] for each layer", plain_layer_keys()},
        {"surrogate", "the gradient of its spikes", within(&layer_spec::surrogate, surrogate_keys())},
        {"activity", "what training asks of the number of its spikes in a sample",
         within(&layer_spec::activity, activity_keys())},
    };
    for (auto& s : delay_sections()) {
      all.push_back(std::move(s));
    }
    return all;
  }();
  return table;
}

const key_table<parameter_group>& group_keys() {
  using s = parameter_group;
  static const key_table<parameter_group> table{
      {"",
       "parameters trained otherwise; the first [[optimiser.group]] that matches decides",
       {row("match", &s::match, "pattern of names such as hidden1.tau_m; * stands for anything: *.tau_m, hidden1.*"),
        row("learning_rate_factor", &s::learning_rate_factor, "", above(0), "factor of the learning rate"),
        row("frozen", &s::frozen, "training does not change them")}}};
  return table;
}

const key_table<input_part>& part_keys() {
  static const key_table<input_part> table{
      {"",
       "neighbouring channels of the data that connections can lead from by name; one [[network.input]] after the "
       "other "
       "they have all channels between them",
       {row("name", &input_part::name, "what from calls them"),
        row("size", &input_part::size, "channels", between(1, 4294967295.0), "how many; they follow those before")}}};
  return table;
}

const key_table<loss_spec>& loss_table() {
  static const key_table<loss_spec> table{
      {"", "a further loss on the same output; each [[objective.term]] is added with its weight", loss_keys()}};
  return table;
}

const key_table<term_entry>& term_keys() {
  static const key_table<term_entry> table = [] {
    key_table<term_entry> all{{"", loss_table().front().meaning, {}}};
    append_own(all.front().keys, loss_keys());
    all.front().keys.push_back(row("output", &term_entry::output, "the output that it is on; absent: the first"));
    return all;
  }();
  return table;
}

const key_table<output_entry>& output_entry_keys() {
  static const key_table<output_entry> table = [] {
    key_table<output_entry> all{
        {"",
         "one [[objective.output]] for each output, in the place of the last layer; keys of a loss that it does not "
         "give are those of [objective]",
         {}}};
    append_own(all.front().keys, output_row_keys());
    append_own(all.front().keys, loss_keys());
    append_own(all.front().keys, std::vector{class_weights_row()});
    return all;
  }();
  return table;
}

std::vector<key<cell_parameter_spec>> parameter_keys(const field& f) {
  using s = cell_parameter_spec;
  const std::string unit(f.unit);
  return {row("value", &s::value, unit, between(f.low, f.high), std::string(f.meaning)),
          row("learn", &s::learn, "training changes it"),
          row("per", &s::per, "shares one value in the layer, in each channel (the layer's channels), or not at all"),
          row("distribution", &s::distribution, "where the values of a parameter that is not shared start"),
          row("spread", &s::spread, unit, at_least(0),
              "normal, gamma: standard deviation around value; uniform: half the width"),
          row("rest", &s::rest, unit, range{}, "split: the value of those that do not get `value`"),
          row("fraction", &s::fraction, "", between(0, 1), "split: share that gets `value`, the first ones"),
          row("low", &s::low, unit, between(f.low, f.high), "least value that is drawn and trained to"),
          row("high", &s::high, unit, between(f.low, f.high), "largest value that is drawn and trained to"),
          row("transform", &s::transform, "how training keeps it in its range: by projection, or through a function"),
          row("values", &s::values, unit, between(f.low, f.high),
              "where each starts, one for each channel or neuron, instead of value and distribution")};
}

}  // namespace backspike::config
