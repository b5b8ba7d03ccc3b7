// A batch normalisation folded into the weights before it: the same numbers, computed without it; and what is refused.

#include <backspike/connection/fold_batch_norm.hpp>
#include <backspike/core/error.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t rows = 6, channels = 3;

struct trained {
  std::vector<double> weight, bias{0.3, -0.1, 0.0}, mean{0.4, -2.0, 0.1}, variance{0.5, 3.0, 1e-9},
      gamma{1.5, -0.7, 0.2}, beta{0.1, 0.0, -4.0};

  trained() {
    for (std::size_t i = 0; i < rows * channels; ++i) {
      weight.push_back(std::sin(static_cast<double>(i)));
    }
  }
  matrix_view<double> view() { return {weight.data(), rows, channels, channels}; }
  batch_norm norm() const { return {mean, variance, gamma, beta, 1e-5}; }
};

TEST(FoldBatchNorm, DoesWhatTheNormalisationDid) {
  trained before, after;
  fold_batch_norm(after.norm(), after.view(), std::span<double>(after.bias));
  for (std::size_t c = 0; c < channels; ++c) {
    double plain = before.bias[c], folded = after.bias[c];
    for (std::size_t r = 0; r < rows; ++r) {
      const double sent = 0.3 + static_cast<double>(r);
      plain += sent * before.view()(r, c);
      folded += sent * after.view()(r, c);
    }
    const double wanted =
        before.gamma[c] * (plain - before.mean[c]) / std::sqrt(before.variance[c] + 1e-5) + before.beta[c];
    EXPECT_NEAR(folded, wanted, 1e-12 * std::fabs(wanted)) << c;
  }
}

TEST(FoldBatchNorm, WithoutLearnedNumbersTheyAreOneAndZero) {
  trained plain, given;
  given.gamma = {1.0, 1.0, 1.0};
  given.beta = {0.0, 0.0, 0.0};
  fold_batch_norm(given.norm(), given.view(), std::span<double>(given.bias));
  fold_batch_norm({plain.mean, plain.variance}, plain.view(), std::span<double>(plain.bias));
  EXPECT_EQ(plain.weight, given.weight);
  EXPECT_EQ(plain.bias, given.bias);
}

std::string refused(const trained& t, const batch_norm& norm) {
  trained copy = t;
  try {
    fold_batch_norm(norm, copy.view(), std::span<double>(copy.bias));
  } catch (const value_error& e) {
    return e.argument + " = " + e.value;
  } catch (const shape_error& e) {
    return e.what();
  }
  return "";
}

TEST(FoldBatchNorm, RefusesWhatIsNone) {
  const std::vector<double> two{1.0, 2.0}, below{1.0, -0.5, 1.0}, none{0.0, 1.0, 1.0}, odd{0.0, NAN, 0.0};
  const trained t;
  EXPECT_NE(refused(t, {two, t.variance}).find("mean"), std::string::npos);
  EXPECT_NE(refused(t, {t.mean, t.variance, two}).find("gamma"), std::string::npos);
  EXPECT_NE(refused(t, {t.mean, t.variance, t.gamma, two}).find("beta"), std::string::npos);
  EXPECT_EQ(refused(t, {t.mean, below}), "var[1] = -0.5");
  EXPECT_EQ(refused(t, {t.mean, none, {}, {}, 0.0}), "var[0] = 0");
  EXPECT_EQ(refused(t, {odd, t.variance}).substr(0, 7), "mean[1]");
  EXPECT_EQ(refused(t, {t.mean, t.variance, {}, {}, -1.0}), "eps = -1");
  trained fewer = t;
  fewer.bias.pop_back();
  EXPECT_NE(refused(fewer, fewer.norm()).find("bias"), std::string::npos);
}

}  // namespace
}  // namespace backspike
