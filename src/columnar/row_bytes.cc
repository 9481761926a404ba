#include "columnar/row_bytes.h"

#include "base/bytes.h"

namespace weir {
namespace {

constexpr uint8_t kNull = 0;
constexpr uint8_t kPresent = 1;

/// Appends to a string that the caller keeps for its room.
class Out {
 public:
  explicit Out(std::string& bytes) : bytes_(bytes) {}
  void byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void raw(std::string_view value) { bytes_.append(value); }
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<uint8_t>(value | 0x80));
    byte(static_cast<uint8_t>(value));
  }

 private:
  std::string& bytes_;
};

void put_value(const Column& column, int64_t row, Out& out) {
  if (column.is_null(row)) return out.byte(kNull);
  out.byte(kPresent);
  switch (column.type->kind()) {
    case TypeKind::boolean: return out.byte(column.boolean_at(row) ? 1 : 0);
    case TypeKind::string:
    case TypeKind::binary: {
      const std::string_view bytes = column.bytes_at(row);
      out.varint(bytes.size());
      return out.raw(bytes);
    }
    case TypeKind::list:
    case TypeKind::map: {
      const std::span<const int32_t> ends = column.offsets_span();
      const int64_t begin = ends[static_cast<size_t>(row)];
      const int64_t end = ends[static_cast<size_t>(row) + 1];
      out.varint(static_cast<uint64_t>(end - begin));
      for (const ColumnPtr& child : column.children) {
        for (int64_t i = begin; i < end; ++i) put_value(*child, i, out);
      }
      return;
    }
    case TypeKind::structure:
      for (const ColumnPtr& child : column.children) put_value(*child, row, out);
      return;
    default: return out.raw(column.bytes_at(row));
  }
}

template <typename T>
void append_fixed(std::string_view bytes, ColumnBuilder& builder) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  static_cast<FixedBuilder<T>&>(builder).append(value);
}

/// Appends the `bytes` of a value of fixed width.
void append_plain(std::string_view bytes, ColumnBuilder& builder) {
  switch (builder.type()->kind()) {
    case TypeKind::int32:
    case TypeKind::date: return append_fixed<int32_t>(bytes, builder);
    case TypeKind::float32: return append_fixed<float>(bytes, builder);
    case TypeKind::float64: return append_fixed<double>(bytes, builder);
    case TypeKind::decimal: return append_fixed<Int128>(bytes, builder);
    case TypeKind::fixed:
    case TypeKind::uuid: return static_cast<FixedBytesBuilder&>(builder).append(bytes);
    default: return append_fixed<int64_t>(bytes, builder);
  }
}

/// Reads a value; a damaged one fails `in`, and leaves parts of it in the builder.
void take_value(ByteReader& in, ColumnBuilder& builder) {
  const auto marker = in.fixed<uint8_t>();
  if (in.failed() || marker == kNull) return builder.append_null();
  if (marker != kPresent) return in.fail();
  const Type& type = *builder.type();
  switch (type.kind()) {
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append(in.fixed<uint8_t>() != 0);
    case TypeKind::string:
    case TypeKind::binary: return static_cast<BytesBuilder&>(builder).append(in.string());
    case TypeKind::list:
    case TypeKind::map: {
      auto& repeated = static_cast<RepeatedBuilder&>(builder);
      const uint64_t count = in.varint();
      if (count > in.remaining()) return in.fail();  // each has a byte at least
      for (size_t child = 0; child < (type.kind() == TypeKind::map ? 2U : 1U); ++child) {
        for (uint64_t i = 0; i < count && !in.failed(); ++i) take_value(in, repeated.child(child));
      }
      if (!in.failed()) repeated.close_row();
      return;
    }
    case TypeKind::structure: {
      auto& structure = static_cast<StructBuilder&>(builder);
      for (size_t i = 0; i < structure.child_count(); ++i) take_value(in, structure.child(i));
      return structure.close_row();
    }
    default: break;
  }
  const std::string_view bytes = in.take(static_cast<uint64_t>(type.width_bytes()));
  if (!in.failed()) append_plain(bytes, builder);
}

}  // namespace

void append_row_bytes(const Batch& batch, int64_t row, std::string& out) {
  Out to(out);
  for (const ColumnPtr& column : batch.columns()) put_value(*column, row, to);
}

Result<void> read_row_bytes(std::string_view bytes, std::span<const std::unique_ptr<ColumnBuilder>> builders) {
  const int64_t length = builders.empty() ? 0 : builders.front()->length();
  ByteReader in(bytes);
  for (const std::unique_ptr<ColumnBuilder>& builder : builders) take_value(in, *builder);
  if (!in.failed() && in.remaining() == 0) return {};
  for (const std::unique_ptr<ColumnBuilder>& builder : builders) builder->truncate(length);
  return Error(ErrorKind::corrupt, "the bytes of a row are damaged, or of other columns");
}

std::string row_bytes_layout(const Schema& schema) {
  std::string text;
  for (const Field& field : schema.fields())
    text += (text.empty() ? "" : ", ") + field.name + " " + field.type->to_string();
  return text;
}

}  // namespace weir
