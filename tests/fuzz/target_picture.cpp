// Pictures of netpbm.

#include <backspike/data/picture.hpp>

#include "target.hpp"

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const auto drawn = read_picture(file_with(input));
  require(drawn.darkness.size() == drawn.width * drawn.height, "a darkness for each dot");
  for (const float x : drawn.darkness) {
    require(x >= 0.0F && x <= 1.0F, "darkness from 0 to 1");
  }
}

std::vector<std::string> seeds() {
  return {"P1\n# a comment\n3 2\n101\n010\n",
          "P2\n2 2\n255\n0 127 200 255\n",
          "P3\n1 2\n15\n1 2 3 4 5 6\n",
          "P4\n9 2\n\xff\x80\x01\x02",
          "P5\n2 2\n255\nabcd",
          "P5 2 1 65535\nabcd",
          "P6\n1 1\n255\nabc"};
}

const registration registered({"picture", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
