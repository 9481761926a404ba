/// \file
/// Names of the iceberg module for headers that need no more than the name.
#pragma once

#include <memory>

namespace weir::iceberg {
class ManifestFormat;
class Transform;
struct DataFile;
struct ManifestEntry;
struct ManifestFile;
struct PartitionField;
struct PartitionSpec;
struct Snapshot;
struct TableMetadata;
struct Value;
}  // namespace weir::iceberg
