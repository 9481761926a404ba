#include <charconv>
#include <cmath>
#include <cstring>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/decimal.h"
#include "base/random.h"
#include "expression/duck/cell_text_internal.h"

namespace weir::expression {
namespace {

template <typename T>
T value_at(duckdb_vector vector, int64_t i) {
  T value;
  std::memcpy(&value, static_cast<const T*>(duckdb_vector_get_data(vector)) + i, sizeof value);
  return value;
}

template <typename T>
void append_number(T value, std::string& out) {
  char buffer[48];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end);
}

/// True when it was one of the numbers that JSON has no word for.
bool append_not_finite(double value, std::string& out) {
  if (std::isfinite(value)) return false;
  out += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return true;
}

Int128 decimal_at(duckdb_vector vector, duckdb_logical_type type, int64_t i) {
  switch (duckdb_decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT: return value_at<int16_t>(vector, i);
    case DUCKDB_TYPE_INTEGER: return value_at<int32_t>(vector, i);
    case DUCKDB_TYPE_BIGINT: return value_at<int64_t>(vector, i);
    default: return value_at<Int128>(vector, i);
  }
}

void append_unsigned(UInt128 value, std::string& out) {
  char digits[40];
  size_t size = 0;
  do {
    digits[size++] = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  while (size != 0) out += digits[--size];
}

void append_hugeint(Int128 value, std::string& out) {
  if (value < 0) out += '-';
  append_unsigned(value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value), out);
}

std::string uuid_text(const duckdb_hugeint& value) {
  const uint64_t parts[2] = {__builtin_bswap64(static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63)),
                             __builtin_bswap64(value.lower)};
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), parts, 16);
  return uuid.to_string();
}

std::string date_text(duckdb_date date) {
  if (!duckdb_is_finite_date(date)) return date.days > 0 ? "infinity" : "-infinity";
  return format_date(date.days);
}

std::string instant_text(duckdb_timestamp instant, bool utc) {
  if (!duckdb_is_finite_timestamp(instant)) return instant.micros > 0 ? "infinity" : "-infinity";
  return format_datetime(instant.micros) + (utc ? "Z" : "");
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += "\\u00" + hex_encode({&c, 1});
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool is_nested(duckdb_type id) {
  return id == DUCKDB_TYPE_LIST || id == DUCKDB_TYPE_ARRAY || id == DUCKDB_TYPE_STRUCT || id == DUCKDB_TYPE_MAP;
}

/// True when the text of a value is a JSON number.
bool is_json_number(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL: return true;
    default: return false;
  }
}

void append_struct(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out) {
  out += '{';
  for (idx_t field = 0; field < duckdb_struct_type_child_count(type); ++field) {
    if (field != 0) out += ", ";
    char* name = duckdb_struct_type_child_name(type, field);
    append_json_string(name, out);
    duckdb_free(name);
    out += ": ";
    const LogicalTypeHandle child(duckdb_struct_type_child_type(type, field));
    append_cell_json(duckdb_struct_vector_get_child(vector, field), child.get(), i, out);
  }
  out += '}';
}

void append_list(duckdb_vector child, duckdb_logical_type child_type, uint64_t begin, uint64_t size, std::string& out) {
  out += '[';
  for (uint64_t element = 0; element < size; ++element) {
    if (element != 0) out += ", ";
    append_cell_json(child, child_type, static_cast<int64_t>(begin + element), out);
  }
  out += ']';
}

void append_map(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out) {
  const LogicalTypeHandle key_type(duckdb_map_type_key_type(type));
  const LogicalTypeHandle value_type(duckdb_map_type_value_type(type));
  const auto entry = value_at<duckdb_list_entry>(vector, i);
  duckdb_vector entries = duckdb_list_vector_get_child(vector);
  duckdb_vector keys = duckdb_struct_vector_get_child(entries, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(entries, 1);
  const bool is_object = duckdb_get_type_id(key_type.get()) == DUCKDB_TYPE_VARCHAR;
  out += is_object ? '{' : '[';
  for (uint64_t at = entry.offset; at < entry.offset + entry.length; ++at) {
    if (at != entry.offset) out += ", ";
    if (!is_object) out += '[';
    append_cell_json(keys, key_type.get(), static_cast<int64_t>(at), out);
    out += is_object ? ": " : ", ";
    append_cell_json(values, value_type.get(), static_cast<int64_t>(at), out);
    if (!is_object) out += ']';
  }
  out += is_object ? '}' : ']';
}

void append_nested(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_STRUCT: return append_struct(vector, type, i, out);
    case DUCKDB_TYPE_MAP: return append_map(vector, type, i, out);
    case DUCKDB_TYPE_ARRAY: {
      const LogicalTypeHandle child(duckdb_array_type_child_type(type));
      const idx_t size = duckdb_array_type_array_size(type);
      return append_list(duckdb_array_vector_get_child(vector), child.get(), static_cast<uint64_t>(i) * size, size,
                         out);
    }
    default: {
      const LogicalTypeHandle child(duckdb_list_type_child_type(type));
      const auto entry = value_at<duckdb_list_entry>(vector, i);
      return append_list(duckdb_list_vector_get_child(vector), child.get(), entry.offset, entry.length, out);
    }
  }
}

}  // namespace

bool is_null_cell(duckdb_vector vector, int64_t i) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, static_cast<idx_t>(i));
}

bool is_writable(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_UUID: return true;
    case DUCKDB_TYPE_LIST: return is_writable(LogicalTypeHandle(duckdb_list_type_child_type(type)).get());
    case DUCKDB_TYPE_ARRAY: return is_writable(LogicalTypeHandle(duckdb_array_type_child_type(type)).get());
    case DUCKDB_TYPE_MAP:
      return is_writable(LogicalTypeHandle(duckdb_map_type_key_type(type)).get()) &&
             is_writable(LogicalTypeHandle(duckdb_map_type_value_type(type)).get());
    case DUCKDB_TYPE_STRUCT:
      for (idx_t field = 0; field < duckdb_struct_type_child_count(type); ++field) {
        if (!is_writable(LogicalTypeHandle(duckdb_struct_type_child_type(type, field)).get())) return false;
      }
      return true;
    default: return is_json_number(id);
  }
}

void append_cell_text(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: out += value_at<uint8_t>(vector, i) != 0 ? "true" : "false"; break;
    case DUCKDB_TYPE_TINYINT: append_number(static_cast<int>(value_at<int8_t>(vector, i)), out); break;
    case DUCKDB_TYPE_SMALLINT: append_number(value_at<int16_t>(vector, i), out); break;
    case DUCKDB_TYPE_INTEGER: append_number(value_at<int32_t>(vector, i), out); break;
    case DUCKDB_TYPE_BIGINT: append_number(value_at<int64_t>(vector, i), out); break;
    case DUCKDB_TYPE_UTINYINT: append_number(static_cast<unsigned>(value_at<uint8_t>(vector, i)), out); break;
    case DUCKDB_TYPE_USMALLINT: append_number(value_at<uint16_t>(vector, i), out); break;
    case DUCKDB_TYPE_UINTEGER: append_number(value_at<uint32_t>(vector, i), out); break;
    case DUCKDB_TYPE_UBIGINT: append_number(value_at<uint64_t>(vector, i), out); break;
    case DUCKDB_TYPE_HUGEINT: append_hugeint(value_at<Int128>(vector, i), out); break;
    case DUCKDB_TYPE_UHUGEINT: append_unsigned(value_at<UInt128>(vector, i), out); break;
    case DUCKDB_TYPE_FLOAT:
      if (!append_not_finite(value_at<float>(vector, i), out)) append_number(value_at<float>(vector, i), out);
      break;
    case DUCKDB_TYPE_DOUBLE:
      if (!append_not_finite(value_at<double>(vector, i), out)) append_number(value_at<double>(vector, i), out);
      break;
    case DUCKDB_TYPE_DECIMAL: out += format_decimal(decimal_at(vector, type, i), duckdb_decimal_scale(type)); break;
    case DUCKDB_TYPE_DATE: out += date_text(value_at<duckdb_date>(vector, i)); break;
    case DUCKDB_TYPE_TIME: out += format_time(value_at<int64_t>(vector, i)); break;
    case DUCKDB_TYPE_TIMESTAMP: out += instant_text(value_at<duckdb_timestamp>(vector, i), false); break;
    case DUCKDB_TYPE_TIMESTAMP_TZ: out += instant_text(value_at<duckdb_timestamp>(vector, i), true); break;
    case DUCKDB_TYPE_UUID: out += uuid_text(value_at<duckdb_hugeint>(vector, i)); break;
    case DUCKDB_TYPE_BLOB:
      out += hex_encode(to_view(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[i]));
      break;
    case DUCKDB_TYPE_VARCHAR: out += to_view(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[i]); break;
    default: append_nested(vector, type, i, out);
  }
}

void append_cell_json(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out) {
  if (is_null_cell(vector, i)) {
    out += "null";
    return;
  }
  const duckdb_type id = duckdb_get_type_id(type);
  if (is_nested(id) || is_json_number(id) || id == DUCKDB_TYPE_BOOLEAN) return append_cell_text(vector, type, i, out);
  if (id == DUCKDB_TYPE_VARCHAR)
    return append_json_string(to_view(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[i]), out);
  std::string text;
  if (id == DUCKDB_TYPE_BLOB) {
    text = base64_encode(to_view(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[i]));
  } else {
    append_cell_text(vector, type, i, text);
    const bool is_float = id == DUCKDB_TYPE_FLOAT || id == DUCKDB_TYPE_DOUBLE;
    if (is_float && text.find_first_of("NI") == std::string::npos) {
      out += text;
      return;
    }
  }
  append_json_string(text, out);
}

}  // namespace weir::expression
