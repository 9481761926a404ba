/// \file
/// The Iceberg sink as the pipeline file knows it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "columnar/schema.h"
#include "config/binding.h"
#include "config/file_errors.h"
#include "iceberg/schema/schema_evolution.h"
#include "lake/catalog/catalog.h"

namespace weir::connector {

enum class SinkMode { append };
enum class ParquetEncodings { compatible, modern };
enum class Evolution { safe, none };

struct ParquetKeys {
  ParquetEncodings encodings = ParquetEncodings::compatible;
};

/// The key `iceberg` of a sink.
struct IcebergKeys {
  config::Located<std::string> table;
  std::vector<config::Located<std::string>> partition;
  SinkMode mode = SinkMode::append;
  std::optional<ParquetKeys> parquet;
  std::map<std::string, std::string> properties;
  Evolution evolution = Evolution::safe;
  std::vector<std::string> new_columns;
};

void describe(config::Description& d, IcebergKeys& s);

/// What they say of a table that takes rows of `input` (null: unknown because of an error that has been reported; then
/// the definition has no schema and no partitions). `path`: of the key in the file. The table's name is the caller's to
/// read. Adds what is wrong to `errors`, all of it.
struct BoundIcebergTable {
  lake::TableDefinition definition;
  iceberg::StringMap write_properties;  ///< go before the table's own when its files are written
  iceberg::EvolutionRules evolution;    ///< how a table that is there may change to take the rows
};
BoundIcebergTable bind_iceberg(const IcebergKeys& keys, const SchemaPtr& input, const std::string& path,
                               config::FileErrors& errors);

}  // namespace weir::connector
