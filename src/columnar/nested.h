/// \file
/// Columns inside of structs: the way to one, and what it says in each row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "columnar/batch.h"

namespace weir {

/// The way to a column: the index of a top-level one, then of a field of that struct, and so on. Never empty.
using FieldPath = std::vector<int>;

/// The way to the field with `id` through structs alone; nothing where there is none.
std::optional<FieldPath> find_field_path(const std::vector<Field>& fields, int32_t id);
/// The way to the field at a dotted path of names ("geo.lat") through structs alone; nothing where there is none. Names
/// with dots are matched literally first.
std::optional<FieldPath> find_field_path(const std::vector<Field>& fields, std::string_view names);
/// The field that `path` leads to.
const Field& field_at(const std::vector<Field>& fields, std::span<const int> path);

/// A column with all structs around it: a value inside of an absent struct is absent, whatever the column says there.
/// Copies nothing; valid while the batch is. Rows are physical ones.
class NestedColumn {
 public:
  /// `path` fits the batch.
  NestedColumn(const Batch& batch, std::span<const int> path);

  const ColumnPtr& column() const { return *column_; }
  bool all_present() const { return nullable_ == 0; }
  /// Whether a struct around it has nulls: then the column alone does not say what is there.
  bool is_masked() const { return nullable_ > ((*column_)->null_count == 0 ? 0U : 1U); }
  bool is_present(int64_t row) const {
    for (size_t i = 0; i < nullable_; ++i) {
      if (((bits_[i][row >> 3] >> (row & 7)) & 1) == 0) return false;
    }
    return true;
  }
  /// Presence of rows [64 * block, 64 * block + 64), least significant first; rows past the end are absent.
  uint64_t present(int64_t block) const {
    const int64_t length = (*column_)->length;
    uint64_t word = ~uint64_t{0};
    for (size_t i = 0; i < nullable_; ++i) {
      const int64_t bytes = std::min<int64_t>(8, (length + 7) / 8 - block * 8);
      uint64_t part = 0;
      std::memcpy(&part, bits_[i] + block * 8, static_cast<size_t>(bytes));
      word &= part;
    }
    const int64_t rows = length - block * 64;
    return rows >= 64 ? word : word & ((uint64_t{1} << rows) - 1);
  }

 private:
  static constexpr size_t kDepthMax = 64;  ///< no reader of schemas and contracts lets in more

  void step_into(const ColumnPtr& column);

  const ColumnPtr* column_ = nullptr;
  const uint8_t* bits_[kDepthMax];  ///< validity of what has nulls on the way, the column included
  size_t nullable_ = 0;
};

/// The same as a column of its own: null wherever it or a struct on the way is. Shares every buffer except validity.
ColumnPtr column_at(const Batch& batch, std::span<const int> path);

}  // namespace weir
