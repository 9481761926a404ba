/// \file
/// Whether the bounds of a chunk's pages rise or fall from page to page.
#pragma once

#include "format/parquet/encoding/hybrid.h"
#include "format/parquet/metadata.h"

namespace weir::parquet {

/// Pages without bounds (all null) do not count.
class PageOrder {
 public:
  /// How a page's bounds stand to those of the page before.
  void add(bool falls_somewhere, bool rises_somewhere) {
    ascending_ = ascending_ && !falls_somewhere;
    descending_ = descending_ && !rises_somewhere;
  }
  BoundaryOrder order() const {
    if (ascending_) return BoundaryOrder::ascending;
    return descending_ ? BoundaryOrder::descending : BoundaryOrder::unordered;
  }

 private:
  bool ascending_ = true;
  bool descending_ = true;
};

/// Dictionaries stay below this, as other writers' do: readers hold one in memory for each column.
inline constexpr int64_t kDictionaryBytesMax = int64_t{1024} * 1024;

/// A dictionary is given up when so many full pages would not do with it: a chunk may have more, or end before.
inline constexpr int64_t kPagesSeen = 4;

/// Bits of an index into a dictionary of `size` entries: at least one, which every reader knows.
inline int index_width(size_t size) {
  return size <= 2 ? 1 : bit_width(size - 1);
}

}  // namespace weir::parquet
