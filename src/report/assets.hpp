#pragma once
// What a report is made of; the values are embedded by cmake/embed.py.

#include <string_view>

namespace backspike::report {

extern const std::string_view page_html;  // with {{places}} for fill()
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view maps_js;     // before page_js
extern const std::string_view common_js;   // before the script of each page
extern const std::string_view frame_html;  // of pages of charts; their sections go into it
extern const std::string_view compare_html;
extern const std::string_view compare_js;
extern const std::string_view sweep_html;
extern const std::string_view sweep_js;
extern const std::string_view events_html;
extern const std::string_view events_js;
extern const std::string_view mismatch_html;
extern const std::string_view mismatch_js;
extern const std::string_view deployment_html;
extern const std::string_view deployment_js;
extern const std::string_view sensitivity_html;
extern const std::string_view sensitivity_js;
extern const std::string_view attack_html;
extern const std::string_view attack_js;
extern const std::string_view agent_html;
extern const std::string_view agent_js;
extern const std::string_view film_js;        // before agent_js
extern const std::string_view worlds_js;      // before film_js
extern const std::string_view chart_library;  // plotly.js: gzip, then base64

}  // namespace backspike::report
