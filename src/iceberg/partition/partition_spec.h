/// \file
/// How a table is partitioned: fields made from columns by transforms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/schema.h"
#include "iceberg/partition/transform.h"

namespace weir::iceberg {

/// Ids of partition fields start here.
inline constexpr int32_t kPartitionFieldIdMin = 1000;

struct PartitionField {
  int32_t source_id = 0;  ///< id of the column
  int32_t field_id = 0;   ///< >= 1000, unique in all specs of the table
  std::string name = {};  ///< unique in the spec
  Transform transform = {};

  friend bool operator==(const PartitionField&, const PartitionField&) = default;
};

/// `fields` is empty for an unpartitioned table.
struct PartitionSpec {
  int32_t spec_id = 0;
  std::vector<PartitionField> fields = {};

  bool is_unpartitioned() const { return fields.empty(); }
  friend bool operator==(const PartitionSpec&, const PartitionSpec&) = default;
};

/// The name that Iceberg's libraries give a field of `column`: "ts_day", "id_bucket", "name_trunc", "id_null"; identity
/// keeps the column's name.
std::string default_partition_name(std::string_view column, const Transform& transform);

/// The fields of a partition tuple: id, name and type of each partition field, all optional. The order is the spec's.
/// Errors: invalid_argument when a source column is missing from `schema`, lies inside a list or map, or does not fit
/// its transform; unsupported for an unknown transform.
Result<std::vector<Field>> partition_fields(const PartitionSpec& spec, const Schema& schema);

/// Checks that a table with `schema` can be written with `spec`: as partition_fields, and names are unique and do not
/// hide other columns.
Result<void> check_partition_spec(const PartitionSpec& spec, const Schema& schema);

/// The path of a partition below the data folder, such as "ts_day=2017-11-16/id_bucket=3"; empty when unpartitioned.
/// For people: a segment above 200 bytes is cut and ends in a hash of all of it, and so do the fields beyond 1,500
/// bytes, so that a file system takes it whatever the values. `values` are the transformed values in the order of the
/// spec; `schema` passes check_partition_spec.
std::string partition_path(const PartitionSpec& spec, const Schema& schema, const std::vector<Value>& values);

/// {"spec-id":0,"fields":[...]}
std::string partition_spec_to_json(const PartitionSpec& spec);
/// The fields alone, as manifests carry them.
std::string partition_fields_to_json(const PartitionSpec& spec);
/// Parses the object form, or the list of fields that format version 1 uses. Fields without an id get 1000, 1001, ...
/// in order. Errors: corrupt; unsupported for a field with several sources (format version 3).
Result<PartitionSpec> partition_spec_from_json(std::string_view text);

}  // namespace weir::iceberg
