/// \file
/// Files as manifests describe them (Iceberg specification, "Manifests").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/value/id_map.h"
#include "iceberg/value/value.h"

namespace weir::iceberg {

/// What a file holds. The numbers are the format's.
enum class FileContent : int32_t { data = 0, position_deletes = 1, equality_deletes = 2 };

/// One data or delete file. A count or bound that was not computed is absent, which is not the same as 0.
struct DataFile {
  FileContent content = FileContent::data;
  std::string path = {};              ///< absolute URI, byte for byte what other metadata says
  std::string format = "PARQUET";     ///< compare without case
  int32_t spec_id = 0;                ///< not stored in the file's record: the manifest's
  std::vector<Value> partition = {};  ///< transformed values, in the spec's order; empty when unpartitioned
  int64_t record_count = 0;
  int64_t size_bytes = 0;                           ///< the whole file
  std::optional<IdMap<int64_t>> column_sizes = {};  ///< compressed bytes by column
  std::optional<IdMap<int64_t>> value_counts = {};  ///< nulls and NaNs included
  std::optional<IdMap<int64_t>> null_value_counts = {};
  std::optional<IdMap<int64_t>> nan_value_counts = {};
  std::optional<IdMap<std::string>> lower_bounds = {};  ///< value_to_bytes form
  std::optional<IdMap<std::string>> upper_bounds = {};
  std::optional<std::string> key_metadata = {};
  std::vector<int64_t> split_offsets = {};  ///< starts of row groups, ascending; empty when unknown
  std::vector<int32_t> equality_ids = {};   ///< for equality deletes only
  std::optional<int32_t> sort_order_id = {};
  std::optional<int64_t> first_row_id = {};              ///< format version 3; kept when read, not written
  std::optional<std::string> referenced_data_file = {};  ///< for delete files that belong to one data file
  std::optional<int64_t> content_offset = {};            ///< deletion vectors: place in the Puffin file
  std::optional<int64_t> content_size_bytes = {};

  friend bool operator==(const DataFile&, const DataFile&) = default;
};

}  // namespace weir::iceberg
