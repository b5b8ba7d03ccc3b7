// The report as text: hostile names, JSON for the charts, cards, tables, and data that do not fit.

#include <backspike/core/error.hpp>
#include <backspike/report/report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace backspike {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const double nan = std::numeric_limits<double>::quiet_NaN();

/// What stands between two texts of the page.
std::string between(const std::string& page, const std::string& before, const std::string& after) {
  const auto start = page.find(before);
  if (start == std::string::npos) {
    ADD_FAILURE() << "the page has no " << before;
    return {};
  }
  const auto from = start + before.size();
  return page.substr(from, page.find(after, from) - from);
}

std::string data_text(const std::string& page) {
  return between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
}

json data_of(const report_data& data) { return json::parse(data_text(render_report(data))); }

std::size_t count(const std::string& text, const std::string& wanted) {
  std::size_t found = 0;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
    ++found;
  }
  return found;
}

/// All but the chart library, whose text a search need not wade through.
std::string without_library(std::string page) {
  const auto library = between(page, "id=\"library\">", "</script>");
  return page.replace(page.find(library), library.size(), "");
}

report_data small() {
  report_data data;
  data.title = "small";
  data.class_names = {"left", "right"};
  data.epochs = {{1, 0.7, 0.5, 0.8, 0.4, 120, 0.01, 1.5, 60, {}, {}, NAN, {}},
                 {2, 0.5, 0.75, 0.6, 0.7, 110.25, 0.005, 1.25, 65, {}, {}, NAN, {}}};
  data.confusion = {{30, 10}, {5, 55}};
  data.activity = {{"hidden", {0.0, 0.25, 0.95, 0.9}}};
  data.weights = {{"hidden.weight", {-1, 0, 1}, {3, 4}, {5, 6}}};
  data.delays = {{{"hidden.delay", {-0.5, 0.5, 1.5}, {3, 1}, {2, 2}}, {-1.5, -0.5, 0.5}, {1, 3}, 0.375, 1.25, 0.25}};
  data.epochs[0].delay_widths = {{"hidden.delay_width", 4.0}};
  data.epochs[1].delay_widths = {{"hidden.delay_width", 0.5}};
  data.samples = {{7, 0, 1, 3, 0.5, {{"input", 4, {0, 2, 2}, {3, 0, 1}}}, {{0.F, 1.F, 2.F}, {1.F, 1.F, 1.F}}, {}}};
  data.graph = {{{"input", "4 channels", 0}, {"hidden", "4 \u00d7 lif", 1}},
                {{0, 1, "dense", "dense", "dense [4, 4]"}}};
  data.history = {3, 0.5, {"target", 2, {1, 2}, {0, 1}}, {{"before training", {"out", 2, {0}, {1}}, 0.5, 0.25, nan}}};
  return data;
}

const std::string attack = "</script><script>alert(1)</script><!-- & \" ' \xE2\x80\xA8";

TEST(ReportText, OfTheUserNeverBecomesMarkup) {
  auto data = small();
  data.title = data.experiment = attack;
  data.facts = {{attack, attack}};
  data.class_names = {attack, attack};
  data.activity[0].name = data.weights[0].name = data.samples[0].rasters[0].name = attack;
  data.graph.populations[1].name = data.graph.connections[0].text = data.graph.connections[0].details = attack;
  data.delays[0].delays.name = data.epochs[1].delay_widths[0].parameter = data.history.frames[0].when = attack;
  const auto page = render_report(data);
  EXPECT_EQ(count(page, "<script"), count(render_report(small()), "<script"));
  EXPECT_EQ(count(page, "</script"), count(render_report(small()), "</script"));
  EXPECT_EQ(count(page, "alert(1)"), count(page, "&gt;alert(1)&lt;") + count(page, ">alert(1)\\u003c"));
  EXPECT_THAT(page, HasSubstr("<h1>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!-- &amp; &quot; &#39; "));
}

TEST(ReportText, ReachesTheChartsUnchanged) {
  auto data = small();
  data.title = attack;
  data.class_names = {attack};
  const auto text = data_text(render_report(data));
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '<'; }));
  EXPECT_EQ(json::parse(text)["title"], attack);
  EXPECT_EQ(json::parse(text)["classes"][0], attack);
}

TEST(ReportText, ThatIsNotUtf8IsReplaced) {
  auto data = small();
  data.title = "a\xFFz";
  EXPECT_EQ(data_of(data)["title"], "a\xEF\xBF\xBDz");
}

TEST(ReportText, WithPlaceMarksIsNotFilled) {
  auto data = small();
  data.title = "{{data}} {{nowhere}} {{";
  EXPECT_THAT(render_report(data), HasSubstr("<h1>{{data}} {{nowhere}} {{</h1>"));
}

TEST(ReportText, OfTheExperimentStandsInDetails) {
  auto data = small();
  data.experiment = "[train]\nlr = 1e-3 # a < b\n";
  EXPECT_THAT(between(render_report(data), "<details", "</details>"), HasSubstr("[train]\nlr = 1e-3 # a &lt; b\n"));
}

TEST(ReportPage, LoadsNothing) {
  const auto page = without_library(render_report(small()));
  for (const auto* reference : {"http://", "https://", "src=", "url(", "@import", "<link", "<iframe"}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(ReportPage, HoldsTheCompressedLibraryInBase64) {
  const auto library = between(render_report(small()), "id=\"library\">", "</script>");
  EXPECT_GT(library.size(), 100'000U);
  EXPECT_EQ(library.size() % 4, 0U);
  EXPECT_EQ(library.substr(0, 4), "H4sI");  // the magic number of gzip
  EXPECT_EQ(library.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="),
            std::string::npos);
}

TEST(ReportPage, OfNoDataIsAPage) {
  const auto page = render_report({});
  EXPECT_THAT(page, HasSubstr("<h1>Untitled run</h1>"));
  EXPECT_THAT(page, HasSubstr("nothing recorded"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  EXPECT_THAT(without_library(page), Not(HasSubstr("nan")));
  const auto data = data_of({});
  EXPECT_EQ(data["confusion"], json::array());
  EXPECT_EQ(data["epochs"]["epoch"], json::array());
}

TEST(ReportPage, IsTheSameEachTime) { EXPECT_EQ(render_report(small()), render_report(small())); }

TEST(ReportData, HasNullForWhatIsNotANumber) {
  auto data = small();
  data.epochs[1].validation_loss = data.epochs[1].validation_accuracy = nan;
  data.epochs[0].gradient_norm = std::numeric_limits<double>::infinity();
  data.samples[0].readout[1][2] = std::numeric_limits<float>::quiet_NaN();
  const auto charts = data_of(data);
  EXPECT_EQ(charts["epochs"]["validation_loss"], json({0.8, nullptr}));
  EXPECT_EQ(charts["epochs"]["validation_accuracy"], json({0.4, nullptr}));
  EXPECT_EQ(charts["epochs"]["gradient_norm"], json({nullptr, 1.25}));
  EXPECT_EQ(charts["samples"][0]["readout"][1], json({1.0, 1.0, nullptr}));
}

TEST(ReportData, IsRoundedToWhatAScreenShows) {
  auto data = small();
  data.epochs[0].train_loss = 0.123456789;
  data.epochs[1].train_loss = 1234567.0;
  data.activity[0].rates = {1.0 / 3};
  data.samples[0].readout[0] = {0.1F, -1e-9F, 123456.F};
  const auto text = data_text(render_report(data));
  EXPECT_THAT(text, HasSubstr("\"train_loss\":[0.12346,1234600.0]"));
  EXPECT_THAT(text, HasSubstr("\"rates\":[0.3333]"));
  EXPECT_THAT(text, HasSubstr("[0.1,-1e-09,123500.0]"));
}

TEST(ReportData, ListsTheSpikesOfEachStep) {
  const auto sample = data_of(small())["samples"][0];
  EXPECT_EQ(sample["rasters"][0]["spikes"], json::parse("[[3],[],[0,1]]"));
  EXPECT_EQ(sample["rasters"][0]["neurons"], 4);
  EXPECT_EQ(sample["sample"], 7);
  EXPECT_EQ(sample["predicted"], 1);
  EXPECT_EQ(sample["dt"], 0.5);
}

TEST(ReportData, HoldsEveryCurveAndHistogram) {
  const auto charts = data_of(small());
  EXPECT_EQ(charts["epochs"]["epoch"], json({1, 2}));
  EXPECT_EQ(charts["epochs"]["train_accuracy"], json({0.5, 0.75}));
  EXPECT_EQ(charts["epochs"]["learning_rate"], json({0.01, 0.005}));
  EXPECT_EQ(charts["epochs"]["spikes_per_sample"], json({120.0, 110.25}));
  EXPECT_EQ(charts["confusion"], json::parse("[[30,10],[5,55]]"));
  EXPECT_EQ(charts["weights"][0]["before"], json({3, 4}));
  EXPECT_EQ(charts["weights"][0]["after"], json({5, 6}));
  EXPECT_EQ(charts["weights"][0]["edges"], json({-1.0, 0.0, 1.0}));
}

TEST(ReportData, HoldsDelaysAndTheirWidths) {
  const auto charts = data_of(small());
  EXPECT_EQ(charts["delays"][0]["name"], "hidden.delay");
  EXPECT_EQ(charts["delays"][0]["edges"], json({-0.5, 0.5, 1.5}));
  EXPECT_EQ(charts["delays"][0]["before"], json({3, 1}));
  EXPECT_EQ(charts["delays"][0]["after"], json({2, 2}));
  EXPECT_EQ(charts["delays"][0]["moved_edges"], json({-1.5, -0.5, 0.5}));
  EXPECT_EQ(charts["delays"][0]["moved"], json({1, 3}));
  EXPECT_EQ(charts["delay_widths"][0]["name"], "hidden.delay_width");
  EXPECT_EQ(charts["delay_widths"][0]["width"], json({4.0, 0.5}));
}

TEST(ReportData, HoldsTheRastersOfTrainingBesideTheirTarget) {
  const auto history = data_of(small())["history"];
  EXPECT_EQ(history["dt"], 0.5);
  EXPECT_EQ(history["neurons"], 2);
  EXPECT_EQ(history["target"], json::parse("[[],[0],[1]]"));
  EXPECT_EQ(history["frames"][0]["when"], "before training");
  EXPECT_EQ(history["frames"][0]["spikes"], json::parse("[[1],[],[]]"));
  EXPECT_EQ(history["frames"][0]["matched"], 0.5);
  EXPECT_EQ(history["frames"][0]["extra"], 0.25);
  EXPECT_EQ(history["frames"][0]["jitter"], nullptr);
}

TEST(ReportDelays, AreATableOfHowFarTheyMoved) {
  const auto table = between(render_report(small()), "<section id=\"delays\"", "</section>");
  EXPECT_THAT(table, HasSubstr("<th scope=\"row\">hidden.delay</th><td class=\"number\">4</td>"));
  EXPECT_THAT(table, HasSubstr(">0.38</td><td class=\"number\">1.25</td><td class=\"number\">25.0 %</td>"));
}

TEST(ReportCards, ShowTheKeyFigures) {
  const auto page = render_report(small());
  EXPECT_THAT(page, HasSubstr("85.00 %"));
  EXPECT_THAT(page, HasSubstr("85 of 100 test samples"));
  EXPECT_THAT(page, HasSubstr("Validation loss</div><div class=\"card-value\">0.6000"));
  EXPECT_THAT(page, HasSubstr("the lowest, after epoch 2 of 2"));
  EXPECT_THAT(page, HasSubstr("110.2"));
  EXPECT_THAT(page, HasSubstr("2 min 05 s"));
}

TEST(ReportCards, ShowTheTrainingLossWithoutValidation) {
  auto data = small();
  for (auto& epoch : data.epochs) {
    epoch.validation_loss = epoch.validation_accuracy = nan;
  }
  const auto page = render_report(data);
  EXPECT_THAT(page, HasSubstr("Training loss</div><div class=\"card-value\">0.5000"));
  EXPECT_THAT(page, Not(HasSubstr("Validation loss</div>")));
}

TEST(ReportEnergy, IsATableOfNameValueAndMeaning) {
  auto data = small();
  data.energy = {{"effective ACs", "1,234", "additions <a sample>"}};
  EXPECT_THAT(render_report(data), HasSubstr("<tr><th scope=\"row\">effective ACs</th><td class=\"number\">1,234</td>"
                                             "<td>additions &lt;a sample&gt;</td></tr>"));
}

TEST(ReportSweep, IsAPageWithItsTableAndFailures) {
  sweep_page page;
  page.title = "<b>sweep</b>";
  page.axes = 1;
  page.seeds = 2;
  page.members = 4;
  page.finished = 3;
  page.rows = {{"train.batch", "loss"}, {"<8>", "0.5 \u00b1 0.1"}};
  page.failures = {"train.batch = 8, seed 1: {{rows}}"};
  page.json = R"({"name":"</script>"})";
  const auto html = render_sweep(page);
  EXPECT_THAT(html, HasSubstr("<h1>&lt;b&gt;sweep&lt;/b&gt;</h1>"));
  EXPECT_THAT(html, HasSubstr("<tr><th>train.batch</th><th class=\"number\">loss</th></tr>"));
  EXPECT_THAT(html, HasSubstr("<tr><th>&lt;8&gt;</th><td class=\"number\">0.5 \u00b1 0.1</td></tr>"));
  EXPECT_THAT(html, HasSubstr("3 of 4 runs finished, 1 failed; 2 seeds at each point"));
  EXPECT_THAT(html, HasSubstr("<li>failed: train.batch = 8, seed 1: {{rows}}</li>"));
  EXPECT_EQ(json::parse(data_text(html)).at("name"), "</script>");
}

TEST(ReportFiring, NamesDeadAndSaturatedNeurons) {
  const auto page = render_report(small());
  EXPECT_THAT(page, HasSubstr("<strong>1</strong> of 4: 0</td>"));
  EXPECT_THAT(page, HasSubstr("<strong>1</strong> of 4: 2</td>"));  // 0.9 itself is not above 0.9
}

TEST(ReportFiring, SaysNoneWhereThereIsNone) {
  auto data = small();
  data.activity = {{"hidden", {0.5, 0.1}}};
  EXPECT_THAT(render_report(data), HasSubstr("<td class=\"neurons\">none</td><td class=\"neurons\">none</td>"));
}

TEST(ReportFiring, CutsLongListsAndCountsTheRest) {
  auto data = small();
  data.activity = {{"hidden", std::vector<double>(100, 0.0)}};
  EXPECT_THAT(render_report(data), HasSubstr("<strong>100</strong> of 100: 0, 1, 2"));
  EXPECT_THAT(render_report(data), HasSubstr("22, 23 and 76 more</td>"));
  data.activity = {{"hidden", std::vector<double>(24, 0.0)}};
  EXPECT_THAT(render_report(data), HasSubstr("22, 23</td>"));
}

TEST(ReportConfusion, ListsTheMostFrequentMistakesFirst) {
  const auto table = between(render_report(small()), "Most frequent mistakes", "</table>");
  EXPECT_THAT(table, HasSubstr("<td>left</td><td>right</td><td class=\"number\">10</td><td class=\"number\">25.0 %"));
  EXPECT_LT(table.find("<td>left</td><td>right</td>"), table.find("<td>right</td><td>left</td>"));
}

TEST(ReportConfusion, ListsEightMistakesAndNumbersClassesWithoutNames) {
  auto data = small();
  data.class_names = {};
  data.confusion.assign(5, std::vector<std::uint32_t>(5, 1));
  const auto table = between(render_report(data), "Most frequent mistakes", "</table>");
  EXPECT_EQ(count(table, "<td>"), 16U);
  EXPECT_THAT(table, HasSubstr("<td>0</td><td>1</td>"));
}

TEST(ReportCheck, RefusesListsThatDoNotFit) {
  const auto refuses = [](const auto& spoil) {
    auto data = small();
    spoil(data);
    EXPECT_THROW(render_report(data), shape_error);
  };
  refuses([](report_data& d) { d.confusion[0].pop_back(); });
  refuses([](report_data& d) { d.weights[0].before.pop_back(); });
  refuses([](report_data& d) { d.weights[0].after.push_back(1); });
  refuses([](report_data& d) { d.delays[0].delays.after.pop_back(); });
  refuses([](report_data& d) { d.delays[0].moved.push_back(1); });
  refuses([](report_data& d) { d.samples[0].rasters[0].channels.pop_back(); });
  refuses([](report_data& d) { d.samples[0].readout[1].pop_back(); });
  refuses([](report_data& d) { d.grids = {{d.samples[0].rasters[0].name, 1, 1000, 1}}; });
  refuses([](report_data& d) { d.kernels = {{"a.weight", 1, 2, 3, 3, std::vector<float>(17)}}; });
  refuses([](report_data& d) { d.history.target.channels.pop_back(); });
  refuses([](report_data& d) { d.history.frames[0].spikes.channels.pop_back(); });
}

TEST(ReportCheck, RefusesSpikesOutsideTheirRaster) {
  auto data = small();
  data.samples[0].rasters[0].steps[1] = 3;
  EXPECT_THROW(render_report(data), value_error);
  data = small();
  data.samples[0].rasters[0].channels[1] = 4;
  EXPECT_THROW(render_report(data), value_error);
  data = small();
  data.history.target.steps[0] = 3;
  EXPECT_THROW(render_report(data), value_error);
  data = small();
  data.history.frames[0].spikes.channels[0] = 2;
  EXPECT_THROW(render_report(data), value_error);
}

}  // namespace
}  // namespace backspike
