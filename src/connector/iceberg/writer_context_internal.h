/// \file
/// What the writers of one table begin with, as bytes that any process can carry. Internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iceberg/metadata/table_metadata.h"

namespace weir::connector {

struct WriterContext {
  iceberg::TableMetadata table;  ///< its layout is carried along: nothing of its history
  std::string file_prefix;       ///< unique to the committer's open() for all time
  int64_t target_file_bytes = 0;
  int64_t memory_bytes_max = 0;
  iceberg::StringMap properties;  ///< go before the table's own

  std::string to_bytes() const;
  /// Errors: corrupt; unsupported for those of a newer Weir.
  static Result<WriterContext> from_bytes(std::string_view bytes);
};

}  // namespace weir::connector
