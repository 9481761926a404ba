/// \file
/// The Parquet schema of a Weir schema, as the Iceberg specification maps types (appendix A, "Parquet"), and its
/// leaves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columnar/schema.h"
#include "format/parquet/metadata.h"

namespace weir::parquet {

/// A field on the way from the top to a leaf, the leaf included.
struct PathNode {
  TypeKind kind = TypeKind::boolean;
  bool is_optional = false;
  size_t place = 0;  ///< among the columns of the batch, or the children of the node above
};

/// A primitive field, which is a column of the file.
struct Leaf {
  int32_t field_id = 0;
  TypePtr type;
  std::vector<PathNode> nodes;    ///< from the top-level column down to the leaf
  std::vector<std::string> path;  ///< names of the file's nodes, middle groups included
  PhysicalType physical = PhysicalType::boolean;
  int type_length = 0;     ///< fixed_len_byte_array: bytes
  int definition_max = 0;  ///< optional and repeated nodes on the way
  int repetition_max = 0;  ///< lists and maps on the way
};

/// The nodes of the file's schema in depth-first order: field ids on every node except the middle groups of lists and
/// maps. Keys of maps are required whatever their field says.
std::vector<SchemaElement> to_elements(const Schema& schema);

/// The leaves in the order of the schema. At most 255 levels each, which the depth limit of contracts keeps.
std::vector<Leaf> leaves_of(const Schema& schema);

}  // namespace weir::parquet
