// Encoders of observations against their formulas.

#include <backspike/core/error.hpp>
#include <backspike/core/field.hpp>
#include <backspike/environment/observation_encoder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const space two = box({-2.0, 0.0}, {2.0, 1.0});

observation_spec of(observation_code code) {
  observation_spec s;
  s.code = code;
  return s;
}

std::vector<float> shown(const observation_encoder& encoder, std::uint32_t step, std::uint64_t draw = 0) {
  random_stream draws(1, random_purpose::test, draw);
  std::vector<float> input(encoder.channels());
  encoder.write(step, draws, input);
  return input;
}

TEST(ObservationEncoder, FieldsAnswerByTheirDistance) {
  observation_spec s = of(observation_code::population);
  s.fields = 5;
  s.beta = 1.5;
  s.gain = 2.0;
  observation_encoder encoder(s, two);
  ASSERT_EQ(encoder.channels(), 10U);
  encoder.see(std::array{0.5F, 2.0F});  // 0.625 of the range; beyond the end, which keeps the last field on
  const auto input = shown(encoder, 1);
  for (int i = 0; i < 5; ++i) {
    const double sigma = 1.0 / (1.5 * 4.0);
    EXPECT_NEAR(input[i], 2.0 * std::exp(-std::pow(0.625 - i / 4.0, 2) / (2.0 * sigma * sigma)), 1e-6) << i;
    EXPECT_NEAR(input[5 + i], 2.0 * std::exp(-std::pow(1.0 - i / 4.0, 2) / (2.0 * sigma * sigma)), 1e-6) << i;
  }
}

TEST(ObservationEncoder, RatesAreTheSameNumbersOnAverage) {
  observation_spec s = of(observation_code::population_rate);
  s.fields = 3;
  observation_encoder rates(s, two);
  s.code = observation_code::population;
  observation_encoder currents(s, two);
  rates.see(std::array{0.5F, 0.3F});
  currents.see(std::array{0.5F, 0.3F});
  std::vector<double> sum(rates.channels());
  constexpr int draws = 4000;
  for (int n = 0; n < draws; ++n) {
    const auto input = shown(rates, 0, n);
    for (std::size_t k = 0; k < sum.size(); ++k) {
      EXPECT_TRUE(input[k] == 0.0F || input[k] == 1.0F);
      sum[k] += input[k] / draws;
    }
  }
  for (std::size_t k = 0; k < sum.size(); ++k) {
    EXPECT_NEAR(sum[k], shown(currents, 0)[k], 0.04) << k;
  }
}

TEST(ObservationEncoder, SpikesWhereANumberHasMoved) {
  observation_spec s = of(observation_code::delta);
  s.threshold = 0.2;
  observation_encoder encoder(s, two);
  encoder.see(std::array{0.0F, 0.1F});  // 0.5 and 0.1 of their ranges, from 0
  EXPECT_THAT(shown(encoder, 0), ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(shown(encoder, 1), ElementsAre(0, 0, 0, 0));
  encoder.see(std::array{-1.0F, 0.15F});
  EXPECT_THAT(shown(encoder, 0), ElementsAre(0, 1, 0, 0));
  encoder.see(std::array{-1.0F, 0.25F});
  EXPECT_THAT(shown(encoder, 0), ElementsAre(0, 0, 1, 0));
  encoder.start();
  encoder.see(std::array{-1.0F, 0.1F});
  EXPECT_THAT(shown(encoder, 0), ElementsAre(1, 0, 0, 0));
}

TEST(ObservationEncoder, ShowsNumbersAsTheyAre) {
  observation_spec s = of(observation_code::direct);
  s.low = {0.0, 0.0};
  s.high = {4.0, 1.0};
  observation_encoder encoder(s, box({-1.0, -unbounded}, {1.0, unbounded}));
  encoder.see(std::array{1.0F, 2.0F});
  EXPECT_THAT(shown(encoder, 2), ElementsAre(-0.5F, 3.0F));
}

TEST(ObservationEncoder, ARangeWithoutEndIsMinusOneToOne) {
  observation_encoder encoder(of(observation_code::direct), box({-unbounded}, {unbounded}));
  encoder.see(std::array{0.25F});
  EXPECT_THAT(shown(encoder, 0), ElementsAre(0.25F));
}

TEST(ObservationEncoder, RefusesWhatItCannotShow) {
  const auto refusal = [](const auto& f) {
    try {
      f();
    } catch (const user_error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  observation_encoder encoder(of(observation_code::direct), two);
  EXPECT_THAT(refusal([&] {
                encoder.see(std::array{0.0F, std::numeric_limits<float>::quiet_NaN()});
              }),
              HasSubstr("observation, number 1 = nan"));
  EXPECT_THAT(refusal([&] { encoder.see(std::array{0.0F}); }), HasSubstr("[2]"));
  observation_spec s = of(observation_code::population);
  s.fields = 1;
  EXPECT_THAT(refusal([&] { observation_encoder(s, two); }), HasSubstr("fields = 1"));
  s = of(observation_code::direct);
  s.low = {1.0};
  EXPECT_THAT(refusal([&] { observation_encoder(s, two); }), HasSubstr("low"));
  s.low = {2.0, 0.0};
  EXPECT_THAT(refusal([&] { observation_encoder(s, two); }), HasSubstr("high of number 0 = 2.0"));
  EXPECT_THAT(refusal([&] { observation_encoder(s, choices_of(4)); }), HasSubstr("a box of numbers"));
}

}  // namespace
}  // namespace backspike
