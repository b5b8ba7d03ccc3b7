// Convolutions and pools in experiment files: the short form in a layer, shapes, overrides and refusals.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/experiment/runner.hpp>

#include <gmock/gmock.h>

namespace backspike {
namespace {

using ::testing::HasSubstr;

const std::string stack = R"(
[[network.layer]]
conv2d = {channels = 16, kernel = 5, padding = 2}
bias = true
[[network.layer]]
sum_pool = {kernel = 2}
[[network.layer]]
cell = "if"
conv2d = {channels = 32}
[[network.layer]]
cell = "leaky_integrator"
)";

experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment("name = 'x'\n[data]\nsource = 'none'\n" + text, "run.toml", overrides);
}

grid_shape shape_of(const experiment& e, std::size_t layer) {
  return network(network_for(e, 784, 1.0, 10, {1, 28, 28})).populations()[layer].spec.shape;
}

TEST(ConfigWindows, ALayersOwnConnectionsMayBeOfAnyKind) {
  const experiment e = parse(stack);
  EXPECT_EQ(e.network.layers[0].kind, "conv2d");
  EXPECT_EQ(e.network.layers[0].settings.at("kernel"), 5.0);
  EXPECT_EQ(e.network.layers[3].kind, "dense");
  EXPECT_EQ(shape_of(e, 0), (grid_shape{16, 28, 28}));
  EXPECT_EQ(shape_of(e, 1), (grid_shape{16, 14, 14}));
  EXPECT_EQ(shape_of(e, 2), (grid_shape{32, 12, 12}));
  EXPECT_EQ(parse_experiment(to_toml(e), "again").network, e.network);
}

TEST(ConfigWindows, OverridesReachTheirSettings) {
  const experiment e = parse(stack, {"network.layer.hidden1.conv2d.stride=2", "network.layer.0.conv2d.channels=8"});
  EXPECT_EQ(shape_of(e, 0), (grid_shape{8, 14, 14}));
  const experiment other = parse(stack, {"network.layer.hidden2.average_pool.kernel=4"});
  EXPECT_EQ(other.network.layers[1].kind, "average_pool");
  EXPECT_EQ(shape_of(other, 1), (grid_shape{16, 7, 7}));
}

TEST(ConfigWindows, AnExperimentWithoutThemIsWrittenAsBefore) {
  const std::string text = to_toml(parse("[[network.layer]]\ncell = 'leaky_integrator'\n"));
  EXPECT_EQ(text.find("[network]"), std::string::npos);
  EXPECT_EQ(text.find("shape"), std::string::npos);
  EXPECT_EQ(text.find("bias_per"), std::string::npos);
}

TEST(ConfigWindows, TheShapeOfTheInputMayBeGiven) {
  const experiment e = parse("[network]\ninput_shape = [2, 14, 28]\n" + stack);
  const network net(network_for(e, 784, 1.0, 10));
  EXPECT_EQ(net.populations()[0].spec.shape, (grid_shape{16, 14, 28}));
  EXPECT_EQ(parse_experiment(to_toml(e), "again").network.input_shape, (grid_shape{2, 14, 28}));
  EXPECT_THROW(network_for(e, 784, 1.0, 10, {1, 28, 28}), shape_error) << "the data say otherwise";
}

std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    parse(text, overrides);
  } catch (const user_error& e) {
    return e.what();
  }
  return "";
}

TEST(ConfigWindows, RefusalsNameTheKeyAndItsLine) {
  EXPECT_THAT(refusal("[[network.layer]]\nconv2d = {chanels = 3}\n"),
              AllOf(HasSubstr("run.toml:5: network.layer.readout.conv2d.chanels"), HasSubstr("did you mean channels")));
  EXPECT_THAT(refusal("[[network.layer]]\nconv2d = {kernel = 0}\n"), HasSubstr("conv2d.kernel: is 0"));
  EXPECT_THAT(refusal("[[network.layer]]\nconv2d = 3\n"), HasSubstr("accepted: a table of keys"));
  EXPECT_THAT(refusal("[[network.layer]]\nconv2d = {channels = 3}\nsum_pool = {}\n"),
              HasSubstr("is a second kind of connection beside conv2d"));
  EXPECT_THAT(refusal("[network]\ninput_shape = [1, 4, 4]\n[[network.layer]]\nconv2d = {channels = 2, kernel = 5}\n"
                      "[[network.layer]]\ncell = 'leaky_integrator'\n"),
              HasSubstr("network.layer.hidden1.conv2d.kernel: is 5; accepted: at most the height and the width"));
  EXPECT_THAT(refusal("[[network.layer]]\nsize = 7\nshape = [2, 2, 2]\n[[network.layer]]\n"),
              HasSubstr("network.layer.hidden1.shape: is [2, 2, 2]; accepted: a shape of its 7 neurons"));
  EXPECT_THAT(refusal("[[network.layer]]\n[[network.layer]]\n"), HasSubstr("network.layer.hidden1.size: is 0"));
}

TEST(ConfigWindows, AMaximumIsAKeyOfALayer) {
  const std::string text =
      "[[network.layer]]\nname = 'pool'\nmax_pool = {kernel = 2}\n[[network.layer]]\ncell = 'leaky_integrator'\n";
  const experiment e = parse(text);
  EXPECT_EQ(e.network.layers[0].kind, "max_pool");
  EXPECT_EQ(parse_experiment(to_toml(e), "again").network, e.network);
  EXPECT_EQ(shape_of(e, 0), (grid_shape{1, 14, 14}));
  EXPECT_EQ(network(network_for(e, 784, 2.0, 10, {1, 28, 28})).populations()[0].spec.parameters.at("tau_m").value, 0.1);
  EXPECT_THAT(refusal("[[network.layer]]\nmax_pool = {}\ncell = 'alif'\n[[network.layer]]\n"),
              HasSubstr("network.layer.hidden1.cell: is alif; accepted: lif: the neurons of max_pool"));
  EXPECT_THAT(refusal(text + "[[network.connection]]\nfrom = 'pool'\nto = 'readout'\nkind = 'max_pool'\n"),
              HasSubstr("kind: is max_pool; accepted: a kind that leads to any neurons"));
}

TEST(ConfigWindows, BatchNormalisationIsRefusedWithWhatThereIsInstead) {
  for (const std::string key : {"batch_norm = true", "batchnorm = {}", "norm = 'batch'", "layer_norm = true"}) {
    const std::string message = refusal("[[network.layer]]\nconv2d = {channels = 3}\n" + key + "\n");
    EXPECT_THAT(message, HasSubstr("run.toml:6: network.layer.readout." + key.substr(0, key.find(' '))));
    EXPECT_THAT(message, AllOf(HasSubstr("weight_transform = \"standardise\""), HasSubstr("fold_batch_norm")));
  }
}

TEST(ConfigWindows, WeightsAndDropoutByChannel) {
  const experiment e = parse(
      "[[network.layer]]\nconv2d = {channels = 3}\nweight_transform = 'standardise'\n"
      "dropout = 0.1\ndropout_per = 'channel'\n[[network.layer]]\ncell = 'leaky_integrator'\n");
  EXPECT_EQ(e.network.layers[0].transform, weight_transform::standardise);
  EXPECT_EQ(e.network.layers[0].dropout_per, parameter_sharing::channel);
  EXPECT_EQ(parse_experiment(to_toml(e), "again").network, e.network);
  EXPECT_THAT(refusal("[[network.layer]]\nweight_transform = 'centre'\n"),
              HasSubstr("network.layer.readout.weight_transform"));
}

}  // namespace
}  // namespace backspike
