/// \file
/// Aggregates over rows that come in any order: exact, so that the result depends on the rows alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/column_builder.h"
#include "state/keyed_table.h"

namespace weir::operators {

/// One aggregate: how its state is laid out in the value of an entry, which begins as zeros, and what is done with it.
/// Immutable.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  /// Bytes of its state, a multiple of 8.
  virtual size_t state_bytes() const = 0;
  virtual const TypePtr& result_type() const = 0;
  /// False when there is always a result.
  virtual bool may_be_null() const { return true; }
  /// Names function, argument class and layout: stored state is read under the same text only.
  virtual std::string signature() const = 0;

  /// Adds argument row `rows[i]` to the state at entries[i].value + offset, for each i for which the row counts:
  /// `condition` (boolean; may be null) is true there.
  virtual void add(const Column* argument, const Column* condition, std::span<const int32_t> rows,
                   std::span<const state::Entry> entries, size_t offset) const = 0;

  /// Appends the result of the state to `out`, a builder of result_type(). Errors: limit_exceeded for a sum that no
  /// decimal holds.
  virtual Result<void> finish(const std::byte* state, ColumnBuilder& out) const = 0;
};

/// `function` is one of count, sum, avg, min, max; `argument` is null for count(*). Errors: invalid_argument for a type
/// that the function does not take.
Result<std::unique_ptr<Aggregate>> make_aggregate(const std::string& function, const TypePtr& argument);

}  // namespace weir::operators
