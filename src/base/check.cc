#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace weir {

void check_failed(std::string_view condition, std::string_view detail, const char* file, int line) {
  std::fprintf(stderr, "weir: bug: %.*s failed at %s:%d %.*s\n", static_cast<int>(condition.size()), condition.data(),
               file, line, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

}  // namespace weir
