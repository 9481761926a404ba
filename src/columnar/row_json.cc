#include "columnar/row_json.h"

#include <cmath>

#include "base/base64.h"
#include "columnar/value_text.h"

namespace weir {
namespace {

/// Appends values until there is no room left.
class JsonWriter {
 public:
  explicit JsonWriter(size_t bytes_max) : bytes_max_(bytes_max) {}

  void object(const Batch& batch, int64_t row) {
    out_ += '{';
    for (size_t c = 0; c < batch.columns().size() && has_room(); ++c)
      member(c, batch.schema()->field(c).name, batch.column(c), row);
    out_ += '}';
  }

  std::string take(bool& is_cut) {
    is_cut = out_.size() > bytes_max_;
    if (is_cut) out_ = cut_text(out_, bytes_max_);
    return std::move(out_);
  }

 private:
  bool has_room() const { return out_.size() <= bytes_max_; }

  void member(size_t number, const std::string& name, const Column& column, int64_t row) {
    if (number > 0) out_ += ',';
    text(name);
    out_ += ':';
    value(column, row);
  }

  void value(const Column& column, int64_t row) {
    if (column.is_null(row)) {
      out_ += "null";
      return;
    }
    switch (column.type->kind()) {
      case TypeKind::boolean:
      case TypeKind::int32:
      case TypeKind::int64:
      case TypeKind::decimal: out_ += value_text(column, row); return;
      case TypeKind::float32: return number(static_cast<double>(column.values_as<float>()[static_cast<size_t>(row)]));
      case TypeKind::float64: return number(column.values_as<double>()[static_cast<size_t>(row)]);
      case TypeKind::date:
      case TypeKind::time:
      case TypeKind::timestamp:
      case TypeKind::timestamptz:
      case TypeKind::uuid: return text(value_text(column, row));
      case TypeKind::string: return text(column.bytes_at(row));
      case TypeKind::fixed:
      case TypeKind::binary: return text(base64_encode(column.bytes_at(row)));
      case TypeKind::structure: return structure(column, row);
      case TypeKind::list:
      case TypeKind::map: return repeated(column, row);
    }
  }

  void number(double value) {
    if (std::isfinite(value))
      out_ += number_text(value);
    else
      text(number_text(value));
  }

  void structure(const Column& column, int64_t row) {
    out_ += '{';
    for (size_t c = 0; c < column.children.size() && has_room(); ++c)
      member(c, column.type->fields()[c].name, *column.children[c], row);
    out_ += '}';
  }

  void repeated(const Column& column, int64_t row) {
    const bool is_map = column.type->kind() == TypeKind::map;
    const auto at = static_cast<size_t>(row);
    const int32_t begin = column.offsets_span()[at];
    out_ += '[';
    for (int32_t i = begin; i < column.offsets_span()[at + 1] && has_room(); ++i) {
      if (i > begin) out_ += ',';
      if (is_map) out_ += "{\"key\":";
      value(*column.children[0], i);
      if (!is_map) continue;
      out_ += ",\"value\":";
      value(*column.children[1], i);
      out_ += '}';
    }
    out_ += ']';
  }

  void text(std::string_view value) {
    constexpr char kHex[] = "0123456789abcdef";
    out_ += '"';
    for (const char c : value) {
      if (!has_room()) break;
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (byte < 0x20) {
        out_ += "\\u00";
        out_ += kHex[byte >> 4];
        out_ += kHex[byte & 15];
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  size_t bytes_max_;
  std::string out_;
};

}  // namespace

std::string row_json(const Batch& batch, int64_t row, size_t bytes_max, bool& is_cut) {
  JsonWriter writer(bytes_max);
  writer.object(batch, row);
  return writer.take(is_cut);
}

}  // namespace weir
