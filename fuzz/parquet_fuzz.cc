/// \file
/// Parquet: a file is read, every column that its schema names, whatever ids it has. The first byte says which types
/// its fields are read as; a file that is refused has a reason. What is read has as many rows in every column.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "format/parquet/file_tree.h"
#include "format/parquet/reader.h"

namespace {

namespace parquet_ = weir::parquet;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "parquet_fuzz: %s\n", what);
  std::abort();
}

void check_error(const weir::Error& error) {
  if (error.kind() == weir::ErrorKind::internal || error.message().empty()) fail("an error without a reason");
}

class Source final : public parquet_::ByteSource {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}
  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  weir::Result<void> read(int64_t offset, std::span<uint8_t> out) override {
    if (offset < 0 || static_cast<size_t>(offset) > bytes_.size() ||
        out.size() > bytes_.size() - static_cast<size_t>(offset))
      fail("a read outside of the file");
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }

 private:
  std::string_view bytes_;
};

weir::TypePtr type_of(const parquet_::SchemaElement& element, bool wide) {
  using weir::TypeKind;
  switch (*element.type) {
    case parquet_::PhysicalType::boolean: return weir::Type::primitive(TypeKind::boolean);
    case parquet_::PhysicalType::int32:
      if (element.logical.kind == parquet_::LogicalKind::decimal) return weir::Type::decimal(9, 2);
      return weir::Type::primitive(wide ? TypeKind::int64 : TypeKind::int32);
    case parquet_::PhysicalType::int64: return weir::Type::primitive(TypeKind::int64);
    case parquet_::PhysicalType::float32: return weir::Type::primitive(wide ? TypeKind::float64 : TypeKind::float32);
    case parquet_::PhysicalType::float64: return weir::Type::primitive(TypeKind::float64);
    case parquet_::PhysicalType::fixed_len_byte_array:
      if (element.logical.kind == parquet_::LogicalKind::decimal) return weir::Type::decimal(38, 10);
      return element.type_length > 0 ? weir::Type::fixed(element.type_length) : nullptr;
    case parquet_::PhysicalType::byte_array: return weir::Type::primitive(wide ? TypeKind::binary : TypeKind::string);
    default: return nullptr;
  }
}

/// A field that may be read from `node`; false when there is none.
bool field_of(const parquet_::FileNode& node, bool wide, int32_t id, weir::Field& field) {
  field.id = node.element->field_id.value_or(id);
  field.name = node.element->name;
  if (node.kind == parquet_::FileNode::Kind::leaf) {
    field.type = type_of(*node.element, wide);
    return field.type != nullptr;
  }
  std::vector<weir::Field> children;
  for (const parquet_::FileNode& child : node.children) {
    weir::Field inner;
    if (!field_of(child, wide, static_cast<int32_t>((static_cast<uint32_t>(id) * 31 + children.size()) % 100000 + 1),
                  inner))
      return false;
    children.push_back(std::move(inner));
  }
  if (node.kind == parquet_::FileNode::Kind::list) field.type = weir::Type::list(children[0]);
  if (node.kind == parquet_::FileNode::Kind::map) field.type = weir::Type::map(children[0], children[1]);
  if (node.kind == parquet_::FileNode::Kind::structure) field.type = weir::Type::structure(std::move(children));
  return true;
}

/// The fields of the file that Weir has types for.
weir::SchemaPtr schema_of(std::string_view file, bool wide) {
  std::vector<weir::Field> fields;
  uint32_t size = 0;
  if (file.size() >= 12) std::memcpy(&size, file.data() + file.size() - 8, sizeof size);
  if (size != 0 && size <= file.size() - 12) {
    const auto metadata = parquet_::read_file_metadata(file.substr(file.size() - 8 - size, size));
    if (!metadata.ok()) return std::make_shared<const weir::Schema>(fields);
    std::vector<parquet_::LeafShape> leaves;
    const auto tree = parquet_::build_tree(metadata->schema, leaves);
    if (!tree.ok()) return std::make_shared<const weir::Schema>(fields);
    for (const parquet_::FileNode& node : *tree) {
      weir::Field field;
      if (fields.size() < 64 && field_of(node, wide, static_cast<int32_t>(fields.size()) + 1, field))
        fields.push_back(std::move(field));
    }
  }
  return std::make_shared<const weir::Schema>(std::move(fields));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  const parquet_::ReaderLimits limits{.footer_bytes = 1 << 20,
                                      .page_bytes = 1 << 20,
                                      .chunk_bytes = 1 << 20,
                                      .row_group_bytes = 4 << 20,
                                      .row_group_rows = 1 << 16};
  Source source(file);
  const auto reader = parquet_::Reader::open(source, schema_of(file, (data[0] & 1) != 0), limits);
  if (!reader.ok()) {
    check_error(reader.error());
    return 0;
  }
  for (size_t g = 0; g < (*reader)->metadata().row_groups.size() && g < 8; ++g) {
    const auto batch = (*reader)->read_row_group(g);
    if (!batch.ok()) {
      check_error(batch.error());
      continue;
    }
    for (const weir::ColumnPtr& column : batch->columns()) {
      if (column->length != batch->rows()) fail("columns of different lengths");
    }
  }
  return 0;
}
