/// \file
/// Definition and repetition levels of the page that is being filled.
#pragma once

#include <cstdint>
#include <vector>

#include "format/parquet/encoding/hybrid.h"
#include "format/parquet/leaf.h"
#include "format/parquet/read/leaf_rows.h"

namespace weir::parquet {

/// One leaf's. One thread.
class PageLevels {
 public:
  explicit PageLevels(const Leaf& leaf);

  void add(const LeafRows& rows);

  /// Entries of the page: values, nulls and empty lists.
  int64_t count() const { return count_; }
  /// Entries without a value.
  int64_t null_count() const { return count_ - definition_histogram_.back(); }
  /// Counts by level; levels 0 up to the largest.
  const std::vector<int64_t>& definition_histogram() const { return definition_histogram_; }
  const std::vector<int64_t>& repetition_histogram() const { return repetition_histogram_; }

  /// Appends the levels as a version 1 page holds them, in front of its values, and starts the next page.
  void end_page(Bytes& out);

  int64_t memory_bytes() const {
    return validity_.memory_bytes() + definition_.memory_bytes() + repetition_.memory_bytes();
  }
  /// Gives back what buffers have grown to; between pages.
  void free_buffers() {
    validity_.reset();
    definition_.reset();
    repetition_.reset();
  }

 private:
  void add_validity(const LeafRows& rows);

  int definition_max_;
  int repetition_max_;
  int64_t count_ = 0;
  Bytes validity_;  ///< bits; nothing while all are present
  Bytes definition_;
  Bytes repetition_;
  std::vector<int64_t> definition_histogram_;
  std::vector<int64_t> repetition_histogram_;
};

}  // namespace weir::parquet
