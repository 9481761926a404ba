/// \file
/// What a row says of the row of its key.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// An insert is a row that is there from now on; the others are changes, which come from databases. Values are stored:
/// they never change.
enum class RowOp : uint8_t {
  insert = 0,
  update_before = 1,  ///< the row as it was before the update_after that follows it
  update_after = 2,   ///< the row as it is from now on
  remove = 3,         ///< the row as it was, or its key alone; it is gone from now on
};

constexpr std::string_view to_string(RowOp op) {
  switch (op) {
    case RowOp::insert: return "insert";
    case RowOp::update_before: return "update_before";
    case RowOp::update_after: return "update_after";
    case RowOp::remove: return "remove";
  }
  return "unknown";
}

}  // namespace weir
