#include "format/parquet/file_tree.h"

#include <limits>

namespace weir::parquet {
namespace {

constexpr int kTreeDepthMax = 64;
constexpr int32_t kConvertedMap = 1;
constexpr int32_t kConvertedMapKeyValue = 2;
constexpr int32_t kConvertedList = 3;
constexpr int kTypeLengthMax = 1 << 20;

struct Levels {
  int definition = 0;
  int repetition = 0;
  int slot = 0;
};

class TreeBuilder {
 public:
  TreeBuilder(const std::vector<SchemaElement>& elements, std::vector<LeafShape>& leaves)
      : elements_(elements), leaves_(leaves) {}

  Result<std::vector<FileNode>> build() {
    if (elements_.empty() || elements_[0].type) return corrupt();
    at_ = 1;
    WEIR_ASSIGN(std::vector<FileNode> fields, build_children(elements_[0].children, {}, 0));
    if (at_ != elements_.size()) return corrupt();
    return fields;
  }

 private:
  static Error corrupt() { return Error(ErrorKind::corrupt, "Parquet: the schema of the file has no shape"); }
  static Error unsupported(const SchemaElement& element) {
    return Error(ErrorKind::unsupported,
                 "Parquet: the field '" + element.name + "' repeats in a way that is no list or map");
  }

  Result<std::vector<FileNode>> build_children(int32_t count, Levels levels, int depth) {
    if (count < 0 || static_cast<size_t>(count) > elements_.size() - at_ || depth > kTreeDepthMax) return corrupt();
    std::vector<FileNode> children;
    for (int32_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(FileNode child, build_field(levels, depth));
      children.push_back(std::move(child));
    }
    return children;
  }

  Result<FileNode> build_field(Levels levels, int depth) {
    if (at_ >= elements_.size()) return corrupt();
    const SchemaElement& element = elements_[at_++];
    if (!element.repetition) return corrupt();
    if (*element.repetition == Repetition::repeated) return unsupported(element);
    if (*element.repetition == Repetition::optional) ++levels.definition;
    FileNode node{.kind = FileNode::Kind::leaf,
                  .element = &element,
                  .children = {},
                  .definition = levels.definition,
                  .repetition = levels.repetition,
                  .definition_slot = levels.slot,
                  .first_leaf = leaves_.size()};
    if (element.type) {
      WEIR_TRY(add_leaf(element, levels));
      return node;
    }
    const bool is_list = element.logical.kind == LogicalKind::list || element.converted_type == kConvertedList;
    const bool is_map = element.logical.kind == LogicalKind::map || element.converted_type == kConvertedMap ||
                        element.converted_type == kConvertedMapKeyValue;
    if (is_list || is_map) {
      node.kind = is_list ? FileNode::Kind::list : FileNode::Kind::map;
      WEIR_TRY(build_repeated(element, levels, depth, node));
      return node;
    }
    if (element.children == 0) return unsupported(element);
    node.kind = FileNode::Kind::structure;
    WEIR_ASSIGN(node.children, build_children(element.children, levels, depth + 1));
    return node;
  }

  Result<void> build_repeated(const SchemaElement& element, Levels levels, int depth, FileNode& node) {
    if (element.children != 1 || at_ >= elements_.size() || depth > kTreeDepthMax) return unsupported(element);
    const SchemaElement& middle = elements_[at_++];
    const int32_t wanted = node.kind == FileNode::Kind::list ? 1 : 2;
    if (middle.type || middle.repetition != Repetition::repeated || middle.children != wanted)
      return unsupported(element);
    ++levels.definition;
    ++levels.repetition;
    levels.slot = levels.definition;
    WEIR_ASSIGN(node.children, build_children(wanted, levels, depth + 1));
    return {};
  }

  Result<void> add_leaf(const SchemaElement& element, const Levels& levels) {
    if (element.type_length < 0 || element.type_length > kTypeLengthMax ||
        levels.definition > std::numeric_limits<uint8_t>::max())
      return corrupt();
    leaves_.push_back({.physical = *element.type,
                       .type_length = element.type_length,
                       .definition_max = levels.definition,
                       .repetition_max = levels.repetition});
    return {};
  }

  const std::vector<SchemaElement>& elements_;
  std::vector<LeafShape>& leaves_;
  size_t at_ = 0;
};

}  // namespace

Result<std::vector<FileNode>> build_tree(const std::vector<SchemaElement>& elements, std::vector<LeafShape>& leaves) {
  return TreeBuilder(elements, leaves).build();
}

}  // namespace weir::parquet
