// The page of an agent's run: texts, tables, and the data of its charts and its film.

#include <backspike/report/agent_page.hpp>

#include <fmt/format.h>

#include "report/assets.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

template <class Number>
json column(const std::vector<agent_record>& records, Number agent_record::*member) {
  json list = json::array();
  for (const agent_record& r : records) {
    list.push_back(r.*member);  // JSON has no NaN: null
  }
  return list;
}

json rates_of(const std::vector<agent_record>& records) {
  json rates = json::object();
  for (const agent_record& r : records) {
    for (const layer_rate_hz& of : r.rates) {
      rates[of.layer].push_back(of.rate);
    }
  }
  return rates;
}

json records_of(const std::vector<agent_record>& records) {
  json all{{"decisions", column(records, &agent_record::decisions)},
           {"return", column(records, &agent_record::mean_return)},
           {"length", column(records, &agent_record::mean_length)},
           {"td_error", column(records, &agent_record::td_error)},
           {"entropy", column(records, &agent_record::entropy)},
           {"value", column(records, &agent_record::value)},
           {"learning_rate", column(records, &agent_record::learning_rate)},
           {"rates", rates_of(records)}};
  if (std::ranges::any_of(records, [](const agent_record& r) { return std::isfinite(r.gradient_cosine); })) {
    all["gradient_cosine"] = column(records, &agent_record::gradient_cosine);
  }
  return all;
}

/// Pages are read by people: digits beyond those that can be seen make them large.
double short_number(double x) { return std::isfinite(x) ? std::round(x * 1e5) / 1e5 : x; }

json rows_of(const std::vector<std::vector<double>>& rows) {
  json list = json::array();
  for (const auto& row : rows) {
    json numbers = json::array();
    for (const double x : row) {
      numbers.push_back(short_number(x));
    }
    list.push_back(std::move(numbers));
  }
  return list;
}

json film_of(const agent_film& film) {
  json rasters = json::array();
  for (const raster& r : film.rasters) {
    rasters.push_back({{"name", r.name}, {"neurons", r.neurons}, {"steps", r.steps}, {"channels", r.channels}});
  }
  json settings = json::object();
  for (const auto& [name, value] : film.settings) {
    settings[name] = value;
  }
  return {{"environment", film.environment},
          {"settings", settings},
          {"states", rows_of(film.states)},
          {"actions", rows_of(film.actions)},
          {"policy", rows_of(film.policy)},
          {"rewards", film.rewards},
          {"values", rows_of({film.values}).front()},
          {"rasters", rasters},
          {"frame", film.frame},
          {"discrete", film.discrete}};
}

std::string data_of(const agent_page& page) {
  const json data{{"records", records_of(page.records)},
                  {"test", page.test_returns},
                  {"goal", page.goal},
                  {"solved_at", page.solved_at},
                  {"film", film_of(page.film)}};
  return report::escape_script(data.dump(-1, ' ', true, json::error_handler_t::replace));
}

std::string cards_of(const agent_page& page) {
  std::string html;
  for (const auto& [name, value] : page.cards) {
    html +=
        fmt::format("<div class=\"card\"><div class=\"card-label\">{}</div><div class=\"card-value\">{}</div></div>\n",
                    report::escape_html(name), report::escape_html(value));
  }
  return html;
}

std::string facts_of(const agent_page& page) {
  std::string html;
  for (const auto& [name, value] : page.facts) {
    html += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", report::escape_html(name), report::escape_html(value));
  }
  return html;
}

}  // namespace

std::string render_agent(const agent_page& page) {
  const auto js = std::string(report::common_js) + "\n" + std::string(report::worlds_js) + "\n" +
                  std::string(report::film_js) + "\n" + std::string(report::agent_js);
  const auto title = report::escape_html(page.title), world = report::escape_html(page.film.environment);
  const auto cards = cards_of(page), facts = facts_of(page), data = data_of(page);
  const auto experiment = report::escape_html(page.experiment);
  return report::fill(report::agent_html, {{"css", report::page_css},
                                           {"js", js},
                                           {"library", report::chart_library},
                                           {"data", data},
                                           {"title", title},
                                           {"environment", world},
                                           {"cards", cards},
                                           {"facts", facts},
                                           {"graph", page.network},
                                           {"experiment", experiment}});
}

}  // namespace backspike
