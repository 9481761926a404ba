#include <algorithm>
#include <cstring>
#include <map>

#include "columnar/column_builder.h"
#include "format/parquet/file_tree.h"
#include "format/parquet/read/leaf_column.h"
#include "format/parquet/reader.h"

namespace weir::parquet {
namespace {

constexpr std::string_view kMagic = "PAR1";
constexpr int64_t kTailBytes = 8;  // length of the footer, magic

Error corrupt(const std::string& what) {
  return Error(ErrorKind::corrupt, "Parquet: " + what);
}

/// A wanted field and where it is in the file; `node` null: nowhere.
struct Wanted {
  const Field* field = nullptr;
  const FileNode* node = nullptr;
  std::vector<Wanted> children;
};

class FileReader final : public Reader {
 public:
  FileReader(ByteSource& source, SchemaPtr wanted, const ReaderLimits& limits)
      : source_(source), schema_(std::move(wanted)), limits_(limits) {}

  Result<void> open() {
    WEIR_TRY(read_footer());
    WEIR_ASSIGN(tree_, build_tree(metadata_.schema, leaves_));
    for (const Field& field : schema_->fields()) {
      WEIR_ASSIGN(Wanted wanted, match(field, tree_));
      wanted_.push_back(std::move(wanted));
    }
    return {};
  }

  const FileMetadata& metadata() const override { return metadata_; }

  Result<Batch> read_row_group(size_t index) override {
    if (index >= metadata_.row_groups.size())
      return Error(ErrorKind::invalid_argument, "Parquet: there is no such row group");
    const RowGroup& group = metadata_.row_groups[index];
    if (group.rows < 0 || group.columns.size() != leaves_.size()) return corrupt("a row group does not fit the schema");
    if (group.rows > limits_.row_group_rows)
      return Error(ErrorKind::limit_exceeded, "Parquet: a row group has more rows than the limit");
    budget_ = limits_.row_group_bytes;
    values_.clear();
    std::vector<ColumnPtr> columns;
    for (const Wanted& wanted : wanted_) {
      WEIR_ASSIGN(ColumnPtr column, read_field(wanted, group, group.rows));
      columns.push_back(std::move(column));
      values_.clear();
    }
    return Batch(schema_, std::move(columns), group.rows, nullptr);
  }

 private:
  Result<void> read_footer() {
    const int64_t size = source_.size();
    if (size < kTailBytes + static_cast<int64_t>(kMagic.size())) return corrupt("the file is too short");
    uint8_t tail[kTailBytes];
    WEIR_TRY(source_.read(size - kTailBytes, tail));
    const std::string_view magic(reinterpret_cast<const char*>(tail) + 4, 4);
    if (magic == "PARE") return Error(ErrorKind::unsupported, "Parquet: the file is encrypted");
    if (magic != kMagic) return corrupt("the file does not end as Parquet files do");
    uint32_t length = 0;
    std::memcpy(&length, tail, sizeof length);
    if (length > size - kTailBytes) return corrupt("the footer is longer than the file");
    if (length > limits_.footer_bytes)
      return Error(ErrorKind::limit_exceeded, "Parquet: the footer is larger than the limit");
    std::string footer(length, '\0');
    WEIR_TRY(source_.read(size - kTailBytes - length, {reinterpret_cast<uint8_t*>(footer.data()), footer.size()}));
    WEIR_ASSIGN(metadata_, read_file_metadata(footer));
    return {};
  }

  Result<Wanted> match(const Field& field, const std::vector<FileNode>& nodes) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const FileNode& node) { return node.element->field_id == field.id; });
    if (found != nodes.end()) return match_node(field, *found);
    if (field.required)
      return Error(ErrorKind::unsupported, "Parquet: the file lacks the required field '" + field.name + "'");
    return Wanted{.field = &field, .node = nullptr, .children = {}};
  }

  Result<Wanted> match_node(const Field& field, const FileNode& node) const {
    const Type& type = *field.type;
    Wanted wanted{.field = &field, .node = &node, .children = {}};
    const auto expected = type.kind() == TypeKind::structure ? FileNode::Kind::structure
                          : type.kind() == TypeKind::list    ? FileNode::Kind::list
                          : type.kind() == TypeKind::map     ? FileNode::Kind::map
                                                             : FileNode::Kind::leaf;
    if (node.kind != expected || (expected == FileNode::Kind::leaf && !is_readable_as(*node.element, type)))
      return Error(ErrorKind::unsupported,
                   "Parquet: the field '" + field.name + "' cannot be read as " + type.to_string());
    for (size_t i = 0; i < type.fields().size(); ++i) {
      // Elements, keys and values are known by their place.
      Result<Wanted> child = expected == FileNode::Kind::structure ? match(type.fields()[i], node.children)
                                                                   : match_node(type.fields()[i], node.children[i]);
      if (!child.ok()) return std::move(child).error();
      wanted.children.push_back(std::move(child).value());
    }
    return wanted;
  }

  /// Reads a leaf once, for all nodes that need its levels.
  Result<const LeafValues*> leaf(size_t index, const RowGroup& group) {
    const auto found = values_.find(index);
    if (found != values_.end()) return &found->second;
    const ColumnChunk& chunk = group.columns[index];
    const int64_t begin =
        std::min(chunk.data_page_offset, chunk.dictionary_page_offset.value_or(chunk.data_page_offset));
    if (chunk.type != leaves_[index].physical || begin < 0 || chunk.compressed_bytes < 0 || begin > source_.size() ||
        chunk.compressed_bytes > source_.size() - begin || chunk.values < 0)
      return corrupt("a column lies outside of the file");
    if (chunk.compressed_bytes > limits_.chunk_bytes || chunk.values > limits_.row_group_rows)
      return Error(ErrorKind::limit_exceeded, "Parquet: a column of a row group is larger than the limit");
    Bytes bytes;
    const auto size = static_cast<size_t>(chunk.compressed_bytes);
    WEIR_TRY(source_.read(begin, {bytes.reserve_back(size), size}));
    bytes.advance(size);
    LeafValues& values = values_[index];
    WEIR_TRY(read_leaf({bytes.data(), bytes.size()}, leaves_[index], chunk.codec, chunk.values, limits_, values));
    budget_ -= static_cast<int64_t>(values.fixed.size() + values.bytes.size() + values.definition.size() +
                                    values.repetition.size());
    if (budget_ < 0) return Error(ErrorKind::limit_exceeded, "Parquet: a row group is larger than the limit");
    return &values;
  }

  /// Whether each slot of `node` is there: one byte a slot, nothing when all are.
  static Result<int64_t> slots_of(const FileNode& node, const LeafValues& leaf, std::vector<uint8_t>& is_present) {
    is_present.clear();
    if (leaf.definition.empty()) return leaf.entries;
    int64_t slots = 0;
    int64_t present = 0;
    is_present.resize(leaf.definition.size());
    for (size_t i = 0; i < leaf.definition.size(); ++i) {
      const bool is_slot = (leaf.repetition.empty() || leaf.repetition[i] <= node.repetition) &&
                           leaf.definition[i] >= node.definition_slot;
      if (!is_slot) continue;
      const bool is_there = leaf.definition[i] >= node.definition;
      is_present[static_cast<size_t>(slots++)] = is_there ? 1 : 0;
      present += is_there ? 1 : 0;
    }
    is_present.resize(static_cast<size_t>(slots));
    if (present == slots) is_present.clear();
    return slots;
  }

  /// Whether the field is null where what is around it is not.
  static bool lacks_values(const FileNode& node, const LeafValues& leaf) {
    if (node.element->repetition != Repetition::optional) return false;
    const auto missing = static_cast<uint8_t>(node.definition - 1);
    return std::find(leaf.definition.begin(), leaf.definition.end(), missing) != leaf.definition.end();
  }

  Result<ColumnPtr> read_field(const Wanted& wanted, const RowGroup& group, int64_t slots) {
    budget_ -= slots;
    if (budget_ < 0) return Error(ErrorKind::limit_exceeded, "Parquet: a row group is larger than the limit");
    if (wanted.node == nullptr) return null_column(wanted.field->type, slots);
    WEIR_ASSIGN(const LeafValues* leaf_values, leaf(wanted.node->first_leaf, group));
    auto column = std::make_shared<Column>();
    column->type = wanted.field->type;
    column->length = slots;
    std::vector<uint8_t> is_present;
    WEIR_ASSIGN(const int64_t found, slots_of(*wanted.node, *leaf_values, is_present));
    if (found != slots) return corrupt("the columns of a row group have different numbers of rows");
    set_validity(is_present, *column);
    if (wanted.field->required && lacks_values(*wanted.node, *leaf_values))
      return corrupt("the required field '" + wanted.field->name + "' has nulls");
    switch (wanted.node->kind) {
      case FileNode::Kind::leaf:
        WEIR_TRY(fill_values(*leaf_values, *wanted.node->element, is_present, slots, *column));
        break;
      case FileNode::Kind::structure: WEIR_TRY(read_children(wanted, group, slots, *column)); break;
      default: {
        WEIR_ASSIGN(const int64_t elements, set_offsets(*wanted.node, *leaf_values, *column));
        WEIR_TRY(read_children(wanted, group, elements, *column));
      }
    }
    return ColumnPtr(std::move(column));
  }

  Result<void> read_children(const Wanted& wanted, const RowGroup& group, int64_t slots, Column& column) {
    for (const Wanted& child : wanted.children) {
      WEIR_ASSIGN(ColumnPtr values, read_field(child, group, slots));
      column.children.push_back(std::move(values));
    }
    return {};
  }

  static void set_validity(const std::vector<uint8_t>& is_present, Column& column) {
    if (is_present.empty()) return;
    Bytes bits;
    bits.append_zeros((is_present.size() + 7) / 8);
    for (size_t i = 0; i < is_present.size(); ++i)
      bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | is_present[i] << (i % 8));
    column.null_count = std::count(is_present.begin(), is_present.end(), uint8_t{0});
    column.validity = bits.release();
  }

  /// Returns how many elements there are.
  static Result<int64_t> set_offsets(const FileNode& node, const LeafValues& leaf, Column& column) {
    GrowingArray<int32_t> offsets;
    int64_t elements = 0;
    const int element_level = node.definition + 1;
    for (size_t i = 0; i < leaf.definition.size(); ++i) {
      if (leaf.repetition[i] <= node.repetition && leaf.definition[i] >= node.definition_slot) {
        offsets.push_back(static_cast<int32_t>(elements));
      } else if (leaf.repetition[i] > node.repetition && offsets.size() == 0) {
        return corrupt("a row group begins within a row");
      }
      if (leaf.repetition[i] <= node.repetition + 1 && leaf.definition[i] >= element_level) ++elements;
    }
    if (elements > INT32_MAX) return Error(ErrorKind::limit_exceeded, "Parquet: a row group has too many elements");
    offsets.push_back(static_cast<int32_t>(elements));
    column.offsets = offsets.release();
    return elements;
  }

  ByteSource& source_;
  SchemaPtr schema_;
  ReaderLimits limits_;
  FileMetadata metadata_;
  std::vector<LeafShape> leaves_;
  std::vector<FileNode> tree_;
  std::vector<Wanted> wanted_;
  std::map<size_t, LeafValues> values_;  ///< of the row group and top-level field that are being read
  int64_t budget_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(ByteSource& source, SchemaPtr wanted, const ReaderLimits& limits) {
  auto reader = std::make_unique<FileReader>(source, std::move(wanted), limits);
  WEIR_TRY(reader->open());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace weir::parquet
