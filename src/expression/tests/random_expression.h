/// \file
/// Random SQL expressions over known columns, well-typed by construction, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "columnar/type.h"

namespace weir::expression {

class RandomExpression {
 public:
  explicit RandomExpression(uint64_t seed) : random_(seed) {}

  /// The columns that expressions refer to.
  static std::vector<std::pair<std::string, TypePtr>> columns();

  std::string boolean(int depth);
  std::string integer(int depth);
  std::string number(int depth);
  std::string decimal(int depth);
  std::string text(int depth);
  std::string date(int depth);
  std::string instant(int depth);
  std::string list(int depth);
  /// One of the above.
  std::string any(int depth);

 private:
  uint64_t draw(uint64_t below) { return random_.next_u64() % below; }
  std::string pick(const std::vector<std::string>& from) { return from[draw(from.size())]; }
  SeededRandom random_;
};

}  // namespace weir::expression
