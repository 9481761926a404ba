/// \file
/// The schemas of manifests and manifest lists, as Iceberg types and in Avro.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "avro/schema.h"
#include "columnar/schema.h"
#include "iceberg/manifest/manifest_avro.h"

namespace weir::iceberg {

/// Ids of the fields that code refers to (specification, tables of "Manifests" and "Manifest Lists").
enum FieldId : int32_t {
  kStatus = 0,
  kSnapshotId = 1,
  kDataFile = 2,
  kSequenceNumber = 3,
  kFileSequenceNumber = 4,
  kFilePath = 100,
  kFileFormat = 101,
  kPartition = 102,
  kRecordCount = 103,
  kFileSize = 104,
  kColumnSizes = 108,
  kValueCounts = 109,
  kNullValueCounts = 110,
  kLowerBounds = 125,
  kUpperBounds = 128,
  kKeyMetadata = 131,
  kSplitOffsets = 132,
  kContent = 134,
  kEqualityIds = 135,
  kNanValueCounts = 137,
  kSortOrderId = 140,
  kFirstRowId = 142,
  kReferencedDataFile = 143,
  kContentOffset = 144,
  kContentSize = 145,
  kManifestPath = 500,
  kManifestLength = 501,
  kManifestSpecId = 502,
  kAddedSnapshotId = 503,
  kAddedFiles = 504,
  kExistingFiles = 505,
  kDeletedFiles = 506,
  kPartitions = 507,
  kContainsNull = 509,
  kSummaryLower = 510,
  kSummaryUpper = 511,
  kAddedRows = 512,
  kExistingRows = 513,
  kDeletedRows = 514,
  kManifestSequence = 515,
  kMinSequence = 516,
  kManifestContent = 517,
  kContainsNan = 518,
  kManifestKeyMetadata = 519,
  kManifestFirstRowId = 520,
};

/// Key of a manifest's header.
inline constexpr std::string_view kSpecIdKey = "partition-spec-id";

/// The rendered parts of ManifestFormat.
struct ManifestFormat::Parts {
  int32_t spec_id = 0;
  int32_t schema_id = 0;
  std::vector<Field> partition;
  std::string table_schema_json;
  std::string spec_fields_json;
  std::string avro_schema_json;
  std::string iceberg_schema_json;
};

/// Fields of a manifest_entry of format version 2 with this partition tuple. write_manifest encodes in this order.
std::vector<Field> manifest_entry_fields(const std::vector<Field>& partition);
/// Fields of a manifest_file of format version 2. write_manifest_list encodes in this order.
const std::vector<Field>& manifest_file_fields();

/// Translates Iceberg fields to an Avro record. Nested structures are called r<id>, map entries k<id>_v<id>, as Java
/// does.
avro::SchemaPtr to_avro_record(const std::vector<Field>& fields, std::string_view record_name);

/// Bytes of the Avro fixed that holds an unscaled decimal of `precision` digits.
int32_t decimal_fixed_bytes(int precision);

}  // namespace weir::iceberg
