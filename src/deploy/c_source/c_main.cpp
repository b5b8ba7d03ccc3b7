// main.c: reads recorded input, runs the network and prints what its outputs say.

#include "deploy/c_source/c_files.hpp"

#include <fmt/format.h>

namespace backspike::deploy {
namespace {

/// A line: numbers of channels, in graded programs each perhaps with :VALUE behind it.
constexpr const char* reading = R"(static uint32_t channels[BACKSPIKE_INPUTS];
@values@static @number@ output[BACKSPIKE_OUTPUTS];
static unsigned long line = 1;
static int next = ' ';

static void read_character(void) {
  next = getchar();
}

static int refuse(const char *what) {
  fprintf(stderr, "line %lu: %s\n", line, what);
  return 2;
}

/* The characters that a number may have; 0 where it is too long or none is there. */
static int read_word(char word[32], const char *accepted) {
  int length = 0;
  while (next != EOF && next != 0 && strchr(accepted, next) != NULL) {
    if (length == 31) {
      return 0;
    }
    word[length++] = (char)next;
    read_character();
  }
  word[length] = 0;
  return length > 0;
}

/* One line; count: events of it, or -1 for the line "reset". Returns 0, or what is wrong. */
static const char *read_line(int *count) {
  char word[32];
  *count = 0;
  while (next != '\n' && next != EOF) {
    if (next == ' ' || next == '\t' || next == '\r') {
      read_character();
      continue;
    }
    if (*count == 0 && read_word(word, "reset")) {
      if (strcmp(word, "reset") != 0) {
        return "neither numbers nor reset";
      }
      *count = -1;
      continue;
    }
    if (*count < 0 || !read_word(word, "0123456789") || strlen(word) > 9) {
      return "not a number of a channel";
    }
    const unsigned long channel = strtoul(word, NULL, 10);
    if (channel >= BACKSPIKE_INPUTS) {
      return "no such channel";
    }
    if (*count > 0 && channel <= channels[*count - 1]) {
      return "channels have to ascend";
    }
    channels[*count] = (uint32_t)channel;
@value@    if (next != ' ' && next != '\t' && next != '\r' && next != '\n' && next != EOF) {
      return "something else than numbers of channels";
    }
    ++*count;
  }
  return NULL;
}

)";

constexpr const char* value_reading = R"(    values[*count] = @one@;
    if (next == ':') {
      char *end;
      read_character();
      if (!read_word(word, "0123456789+-.eE")) {
        return "not a value";
      }
      const float value = strtof(word, &end);
      if (*end != 0 || !(value > -1e30f && value < 1e30f)) {
        return "not a value";
      }
      values[*count] = @converted@;
    }
)";

constexpr const char* running = R"(int main(void) {
  backspike_reset();
  read_character();
  while (next != EOF) {
    int count;
    const char *problem = read_line(&count);
    if (problem != NULL) {
      return refuse(problem);
    }
    if (count < 0) {
      backspike_reset();
      puts("reset");
    } else {
      backspike_step(channels, @pass@(uint32_t)count, output);
      print_outputs();
    }
    read_character();
    ++line;
  }
  return ferror(stdin) || fflush(stdout) != 0 ? 1 : 0;
}
)";

void replace(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string value_line(const c_program& c) {
  std::string text = value_reading;
  replace(text, "@one@", c.fixed == nullptr ? "1.0f" : "BACKSPIKE_ONE");
  replace(text, "@converted@", c.fixed == nullptr ? "value" : "rounded(value)");
  return text;
}

/// A value of the input as a state has it.
std::string rounding(const c_program& c) {
  if (c.fixed == nullptr || !c.net.graded_input) {
    return "";
  }
  const std::int64_t most = (std::int64_t{1} << (c.fixed->spec.state_bits - 1)) - 1;
  return fmt::format(
      "static int32_t rounded(float value) {{\n"
      "  const double x = floor((double)value * BACKSPIKE_ONE + 0.5);\n"
      "  return x > {0} ? {0} : x < -{0} - 1 ? -{0} - 1 : (int32_t)x;\n}}\n\n",
      most);
}

/// -0 prints as 0.
std::string value_format(const c_program& c) {
  return c.fixed == nullptr ? R"("%.9g", (double)(output[n] + 0.0f))" : R"("%.10g", (double)output[n] / BACKSPIKE_ONE)";
}

std::string print_output(const c_program& c, const network_output& o, bool first) {
  std::string text = first ? "" : "  printf(\" | \");\n";
  text += "  space = \"\";\n";
  text += fmt::format("  for (n = {}; n < {}; ++n) {{\n", o.first, o.first + o.units);
  if (gives_spikes(*c.net.net, o)) {
    text +=
        fmt::format("    if (output[n] != 0) {{\n      printf(\"%s%lu\", space, (unsigned long)(n - {}));\n", o.first);
    return text + "      space = \" \";\n    }\n  }\n";
  }
  return text + "    printf(\"%s\", space);\n    printf(" + value_format(c) + ");\n    space = \" \";\n  }\n";
}

std::string printing(const c_program& c) {
  std::string text =
      "/* A line for the step: channels that spike, or values; several outputs with | between them. */\n"
      "static void print_outputs(void) {\n  uint32_t n;\n  const char *space;\n";
  for (const network_output& o : c.net.net->output_list()) {
    text += print_output(c, o, o.first == 0);
  }
  return text + "  printf(\"\\n\");\n}\n\n";
}

}  // namespace

std::string main_text(const c_program& c) {
  std::string text =
      "/* Reads steps from standard input, one a line: the channels that spike, ascending, with spaces between them" +
      std::string(c.net.graded_input ? ",\n   each perhaps with :VALUE" : "") +
      ". An empty\n   line is a step without input, a line \"reset\" begins another sample. Prints a line for each. "
      "*/\n"
      "#include \"network.h\"\n\n#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\n" +
      reading;
  replace(text, "@values@",
          c.net.graded_input ? fmt::format("static {} values[BACKSPIKE_INPUTS];\n", c.number()) : std::string());
  replace(text, "@number@", c.number());
  replace(text, "@value@", c.net.graded_input ? value_line(c) : "");
  const std::size_t at = text.find("/* The characters");
  text.insert(at, rounding(c));
  text += printing(c) + running;
  replace(text, "@pass@", c.net.graded_input ? "values, " : "");
  return text;
}

}  // namespace backspike::deploy
