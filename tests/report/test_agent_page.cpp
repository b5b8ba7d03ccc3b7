// The page of an agent: what it holds, and that names of others stay text.

#include <backspike/report/agent_page.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace backspike {
namespace {

using testing::HasSubstr;
using testing::Not;

agent_page small_page() {
  agent_page page;
  page.title = "<b>pole</b>";
  page.cards = {{"mean return", "499.5"}};
  page.facts = {{"environment", "CartPole-v1"}};
  page.experiment = "name = \"pole\"";
  agent_record r;
  r.decisions = 64;
  r.episodes = 0;  // none has ended: no return yet
  r.rates = {{"actor", 31.5}};
  page.records = {r, r};
  page.records[1].decisions = 128;
  page.records[1].mean_return = 22.5;
  page.test_returns = {499.0, 500.0};
  page.film.environment = "CartPole-v1";
  page.film.states = {{0.0, 0.1, 0.2, 0.3}, {0.4, 0.5, 0.6, 0.123456789}};
  page.film.actions = {{1.0}};
  page.film.policy = {{0.25, 0.75}};
  page.film.rewards = {1.0};
  page.film.values = {2.5};
  page.film.rasters = {{"actor</script>", 3, {0, 2}, {1, 2}}};
  page.film.frame = 3;
  return page;
}

nlohmann::json data_in(const std::string& html) {
  const std::string start = "<script type=\"application/json\" id=\"data\">";
  const auto from = html.find(start) + start.size();
  return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(AgentPage, HoldsWhatItShows) {
  const auto data = data_in(render_agent(small_page()));
  EXPECT_EQ(data.at("records").at("decisions"), (std::vector<int>{64, 128}));
  EXPECT_TRUE(data.at("records").at("return").at(0).is_null()) << "no episode had ended";
  EXPECT_EQ(data.at("records").at("return").at(1), 22.5);
  EXPECT_EQ(data.at("records").at("rates").at("actor").at(1), 31.5);
  EXPECT_TRUE(data.at("goal").is_null());
  EXPECT_EQ(data.at("film").at("states").size(), 2U);
  EXPECT_EQ(data.at("film").at("states").at(1).at(3), 0.12346);
  EXPECT_EQ(data.at("film").at("rasters").at(0).at("steps"), (std::vector<int>{0, 2}));
}

TEST(AgentPage, HasTheCosineOnlyOfARunThatCompared) {
  agent_page page = small_page();
  EXPECT_FALSE(data_in(render_agent(page)).at("records").contains("gradient_cosine"));
  page.records[1].gradient_cosine = 0.75;
  const auto cosine = data_in(render_agent(page)).at("records").at("gradient_cosine");
  EXPECT_TRUE(cosine.at(0).is_null());
  EXPECT_EQ(cosine.at(1), 0.75);
}

TEST(AgentPage, NamesOfOthersStayText) {
  const auto html = render_agent(small_page());
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;pole&lt;/b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>pole")));
  EXPECT_THAT(html, Not(HasSubstr("actor</script>")));
}

}  // namespace
}  // namespace backspike
