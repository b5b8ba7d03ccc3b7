// Layers whose own connections are max_pool: the neurons that they get, and what is refused beside them.

#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <string>

namespace backspike {
namespace {

using ::testing::StartsWith;

network_spec pooled(double dt = 1.0) {
  network_spec spec;
  spec.input_shape = {3, 6, 8};
  spec.dt = dt;
  layer_spec pool, readout;
  pool.name = "pool";
  pool.kind = "max_pool";
  readout.cell = "leaky_integrator";
  readout.size = 2;
  spec.layers = {pool, readout};
  return spec;
}

TEST(MaxPool, GetsNeuronsThatForgetInAStep) {
  const network net(pooled(2.0));
  const population& p = net.populations().front();
  EXPECT_EQ(p.spec.shape, (grid_shape{3, 3, 4}));
  EXPECT_EQ(p.spec.parameters.at("tau_m").value, 0.1);
  EXPECT_EQ(p.spec.parameters.at("v_th").value, 0.5);
  EXPECT_EQ(p.spec.reset, reset_kind::none);
  EXPECT_EQ(p.spec.surrogate.width, 1.0);
  EXPECT_FALSE(net.parameters()[net.connections().front().weight].learnable);
  EXPECT_EQ(network(net.spec()).populations().front().spec.parameters, p.spec.parameters) << "planned again";
}

TEST(MaxPool, KeepsASurrogateThatIsGiven) {
  network_spec spec = pooled();
  spec.layers[0].surrogate = {surrogate_kind::triangle, 0.7, 1.0};
  EXPECT_EQ(network(spec).populations().front().spec.surrogate, spec.layers[0].surrogate);
}

std::string refused(const std::function<void(network_spec&)>& change) {
  network_spec spec = pooled();
  change(spec);
  try {
    const network net(spec);
  } catch (const value_error& e) {
    return e.argument + " = " + e.value;
  }
  return "";
}

TEST(MaxPool, RefusesWhatWouldMakeItSomethingElse) {
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].cell = "alif"; }), "pool.cell = alif");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].bias = true; }), "pool.bias = true");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].recurrent = true; }), "pool.recurrent = true");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].refractory = 2.0; }), "pool.refractory = 2");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].noise = 0.1; }), "pool.noise = 0.1");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].reset = reset_kind::to_value; }), "pool.reset = to_value");
  const auto with = [](const char* name, double value, bool learn) {
    return refused([&](network_spec& s) {
      cell_parameter_spec p;
      p.value = value;
      p.learn = learn;
      s.layers[0].parameters[name] = p;
    });
  };
  EXPECT_EQ(with("tau_m", 5.0, false), "pool.tau_m = 5 ms");
  EXPECT_EQ(with("v_th", 1.0, true), "pool.v_th = learned");
  EXPECT_EQ(with("v_th", 1.0, false), "") << "the default";
}

TEST(MaxPool, IsRefusedBehindValuesAsAConnectionAndInStepsTooShort) {
  EXPECT_THAT(refused([](network_spec& s) {
                layer_spec analog;
                analog.name = "analog";
                analog.cell = "leaky_integrator";
                analog.shape = {3, 6, 8};
                s.layers.insert(s.layers.begin(), analog);
              }),
              StartsWith("pool.max_pool.kind = max_pool from analog"));
  EXPECT_EQ(refused([](network_spec& s) {
              connection_spec c;
              c.from = "pool";
              c.to = "readout";
              c.kind = "max_pool";
              s.connections = {c};
            }),
            "connection.0.kind = max_pool");
  EXPECT_EQ(refused([](network_spec& s) { s.dt = 0.1; }), "") << "4.5e-5 of a spike is left";
  EXPECT_THAT(refused([](network_spec& s) { s.dt = 0.01; }), StartsWith("pool.max_pool.kernel = 4 neurons"));
}

}  // namespace
}  // namespace backspike
