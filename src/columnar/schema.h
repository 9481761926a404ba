/// \file
/// Schemas: named, typed columns with identity.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/type.h"

namespace weir {

/// Immutable; shared by pointer.
class Schema {
 public:
  explicit Schema(std::vector<Field> fields, int32_t schema_id = 0);

  int32_t schema_id() const { return schema_id_; }
  const std::vector<Field>& fields() const { return fields_; }
  size_t size() const { return fields_.size(); }
  const Field& field(size_t i) const { return fields_[i]; }

  /// Index of the top-level column called `name`, or -1.
  int find(std::string_view name) const;
  /// The field with `id` anywhere in the schema, or null.
  const Field* find_by_id(int32_t id) const;
  /// The field at a dotted path ("geo.lat", "tags.element"), or null. Names with dots are matched literally first.
  const Field* find_by_path(std::string_view path) const;
  /// Names of the top-level columns.
  std::vector<std::string> names() const;
  /// The largest id used, nested ones included; 0 for none.
  int32_t id_max() const;

  friend bool operator==(const Schema& a, const Schema& b) { return a.fields_ == b.fields_; }

 private:
  std::vector<Field> fields_;
  int32_t schema_id_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

/// Returns `fields` with fresh ids from `first_id` on: all columns of a level first, then what is inside them, as
/// Iceberg's own libraries assign them.
std::vector<Field> assign_ids(std::span<const Field> fields, int32_t first_id = 1);

}  // namespace weir
