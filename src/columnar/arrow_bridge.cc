#include <arrow/api.h>

#include "columnar/arrow_internal.h"
#include "columnar/column_builder.h"

namespace weir {
namespace {

/// An Arrow buffer that keeps our owner alive.
class SharedBuffer final : public arrow::Buffer {
 public:
  explicit SharedBuffer(const weir::Buffer& buffer)
      : arrow::Buffer(buffer.data(), static_cast<int64_t>(buffer.size())), owner_(buffer.owner()) {}

 private:
  std::shared_ptr<const void> owner_;
};

std::shared_ptr<arrow::Buffer> share(const Buffer& buffer) {
  return std::make_shared<SharedBuffer>(buffer);
}

std::shared_ptr<arrow::Buffer> share_validity(const Column& column) {
  return column.null_count == 0 ? nullptr : share(column.validity);
}

/// Arrow's map wants one struct child of keys and values.
std::shared_ptr<arrow::ArrayData> map_entries(const Column& column, const arrow::DataType& type) {
  const auto& map = static_cast<const arrow::MapType&>(type);
  return arrow::ArrayData::Make(map.value_type(), column.children[0]->length, {nullptr},
                                {to_arrow(column.children[0])->data(), to_arrow(column.children[1])->data()}, 0);
}

/// A required field can only be null where its struct is null, and there Parquet must not see it: it counts as present.
std::shared_ptr<arrow::ArrayData> struct_child(const ColumnPtr& child, bool required) {
  std::shared_ptr<arrow::ArrayData> data = to_arrow(child)->data();
  if (!required || child->null_count == 0) return data;
  std::shared_ptr<arrow::ArrayData> present = data->Copy();
  present->buffers[0] = nullptr;
  present->null_count = 0;
  return present;
}

std::shared_ptr<arrow::ArrayData> to_data(const Column& column) {
  const std::shared_ptr<arrow::DataType> type = to_arrow(*column.type);
  std::vector<std::shared_ptr<arrow::Buffer>> buffers = {share_validity(column)};
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  switch (column.type->kind()) {
    case TypeKind::string:
    case TypeKind::binary:
      buffers.push_back(share(column.offsets));
      buffers.push_back(share(column.values));
      break;
    case TypeKind::map:
      buffers.push_back(share(column.offsets));
      children.push_back(map_entries(column, *type));
      break;
    case TypeKind::list:
      buffers.push_back(share(column.offsets));
      children.push_back(to_arrow(column.children[0])->data());
      break;
    case TypeKind::structure:
      for (size_t i = 0; i < column.children.size(); ++i) {
        children.push_back(struct_child(column.children[i], column.type->fields()[i].required));
      }
      break;
    default: buffers.push_back(share(column.values));
  }
  return arrow::ArrayData::Make(type, column.length, std::move(buffers), std::move(children), column.null_count);
}

}  // namespace

std::shared_ptr<arrow::DataType> to_arrow(const Type& type) {
  switch (type.kind()) {
    case TypeKind::boolean: return arrow::boolean();
    case TypeKind::int32: return arrow::int32();
    case TypeKind::int64: return arrow::int64();
    case TypeKind::float32: return arrow::float32();
    case TypeKind::float64: return arrow::float64();
    case TypeKind::decimal: return arrow::decimal128(type.precision(), type.scale());
    case TypeKind::date: return arrow::date32();
    case TypeKind::time: return arrow::time64(arrow::TimeUnit::MICRO);
    case TypeKind::timestamp: return arrow::timestamp(arrow::TimeUnit::MICRO);
    case TypeKind::timestamptz: return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case TypeKind::string: return arrow::utf8();
    case TypeKind::uuid: return arrow::fixed_size_binary(16);
    case TypeKind::fixed: return arrow::fixed_size_binary(type.width_bytes());
    case TypeKind::binary: return arrow::binary();
    case TypeKind::structure: {
      arrow::FieldVector fields;
      for (const Field& field : type.fields()) fields.push_back(to_arrow(field));
      return arrow::struct_(fields);
    }
    case TypeKind::list: return arrow::list(to_arrow(type.element()));
    case TypeKind::map: return std::make_shared<arrow::MapType>(to_arrow(type.key()), to_arrow(type.value()));
  }
  check_failed("to_arrow", "unknown kind", __FILE__, __LINE__);
}

std::shared_ptr<arrow::Field> to_arrow(const Field& field) {
  return arrow::field(field.name, to_arrow(*field.type), !field.required,
                      arrow::key_value_metadata({"PARQUET:field_id"}, {std::to_string(field.id)}));
}

std::shared_ptr<arrow::Schema> to_arrow(const Schema& schema) {
  arrow::FieldVector fields;
  for (const Field& field : schema.fields()) fields.push_back(to_arrow(field));
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Array> to_arrow(const ColumnPtr& column) {
  return arrow::MakeArray(to_data(*column));
}

std::shared_ptr<arrow::RecordBatch> to_arrow(const Batch& batch) {
  WEIR_CHECK(batch.all_selected());
  arrow::ArrayVector arrays;
  for (const ColumnPtr& column : batch.columns()) arrays.push_back(to_arrow(column));
  return arrow::RecordBatch::Make(to_arrow(*batch.schema()), batch.physical_rows(), std::move(arrays));
}

}  // namespace weir
