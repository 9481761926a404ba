/// \file
/// Which rows of a column are meant: a run, or a list of indexes.
#pragma once

#include <cstdint>

namespace weir::expression {

struct Rows {
  const int32_t* at = nullptr;  ///< indexes; null: the run that starts at `begin`
  int64_t begin = 0;
  int64_t count = 0;

  int64_t row(int64_t i) const { return at != nullptr ? at[i] : begin + i; }
  bool is_run() const { return at == nullptr; }
  Rows slice(int64_t from, int64_t size) const {
    return at != nullptr ? Rows{.at = at + from, .count = size} : Rows{.begin = begin + from, .count = size};
  }
};

}  // namespace weir::expression
