/// \file
/// A file's schema as a tree, as far as Weir's types go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "format/parquet/metadata.h"
#include "format/parquet/read/leaf_pages.h"

namespace weir::parquet {

/// A field of the file. The repeated middle groups of lists and maps are folded into their field.
struct FileNode {
  enum class Kind : uint8_t { leaf, structure, list, map };

  Kind kind = Kind::leaf;
  const SchemaElement* element = nullptr;
  std::vector<FileNode> children;  ///< structure: fields; list: {element}; map: {key, value}
  int definition = 0;              ///< the level from which on the field is present
  int repetition = 0;              ///< lists and maps above
  int definition_slot = 0;         ///< the level from which on there is a place for it: that of the list around it
  size_t first_leaf = 0;           ///< of the file's leaves, the first at or below this node
};

/// The fields of the root. `elements` outlive them. Errors: corrupt; unsupported for groups that repeat in ways other
/// than the three-level lists and maps of Parquet's logical types.
Result<std::vector<FileNode>> build_tree(const std::vector<SchemaElement>& elements, std::vector<LeafShape>& leaves);

}  // namespace weir::parquet
