#include <vector>

#include "codec/header_columns_internal.h"
#include "codec/utf8.h"

namespace weir::codec {
namespace {

bool is_bytes(const Type& type) {
  return type.kind() == TypeKind::string || type.kind() == TypeKind::binary;
}

/// Each name once, with its last value, in the order in which names first come.
std::vector<Header> last_of_each(std::string_view headers) {
  std::vector<Header> all;
  Header header;
  while (take_header(headers, header)) {
    bool is_new = true;
    for (Header& known : all) {
      if (known.name != header.name) continue;
      known.value = header.value;
      is_new = false;
    }
    if (is_new) all.push_back(header);
  }
  return all;
}

std::optional<std::string_view> find_last(std::string_view headers, std::string_view name) {
  std::optional<std::string_view> value;
  Header header;
  while (take_header(headers, header)) {
    if (header.name == name) value = header.value;
  }
  return value;
}

bool fail_utf8(std::string_view what, std::string_view bytes, RowFailure& failure) {
  return failure.fail(RejectClass::invalid_utf8,
                      "the header's " + std::string(what) + " '" + excerpt(bytes) + "' is not UTF-8");
}

bool check_all(const Type& type, std::string_view headers, RowFailure& failure) {
  const bool is_text = type.value().type->kind() == TypeKind::string;
  Header header;
  while (take_header(headers, header)) {
    if (!is_utf8(header.name)) return fail_utf8("name", header.name, failure);
    if (is_text && header.value && !is_utf8(*header.value)) return fail_utf8("value", *header.value, failure);
    if (!header.value && type.value().required)
      return failure.fail(RejectClass::missing_required, "the header '" + excerpt(header.name) + "' has no value");
  }
  return true;
}

void append_value(std::optional<std::string_view> value, ColumnBuilder& builder) {
  if (value)
    static_cast<BytesBuilder&>(builder).append(*value);
  else
    builder.append_null();
}

}  // namespace

bool fits_headers(ColumnOrigin origin, const Type& type) {
  if (origin == ColumnOrigin::header) return is_bytes(type);
  return type.kind() == TypeKind::map && type.key().type->kind() == TypeKind::string && is_bytes(*type.value().type);
}

bool check_headers(ColumnOrigin origin, const Field& field, std::string_view name, std::string_view headers,
                   RowFailure& failure) {
  if (origin == ColumnOrigin::headers) return check_all(*field.type, headers, failure);
  const std::optional<std::string_view> value = find_last(headers, name);
  if (!value)
    return !field.required || failure.fail(RejectClass::missing_required,
                                           "the message has no header '" + excerpt(name) + "' with a value");
  return field.type->kind() == TypeKind::binary || is_utf8(*value) || fail_utf8("value", *value, failure);
}

void append_headers(ColumnOrigin origin, std::string_view name, std::string_view headers, ColumnBuilder& builder) {
  if (origin == ColumnOrigin::header) return append_value(find_last(headers, name), builder);
  auto& map = static_cast<RepeatedBuilder&>(builder);
  for (const Header& header : last_of_each(headers)) {
    static_cast<BytesBuilder&>(map.child(0)).append(header.name);
    append_value(header.value, map.child(1));
  }
  map.close_row();
}

}  // namespace weir::codec
