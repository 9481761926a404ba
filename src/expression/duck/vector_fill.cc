#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/decimal.h"
#include "expression/duck/type_mapping_internal.h"
#include "expression/duck/vector_fill_internal.h"

namespace weir::expression {
namespace {

static_assert(std::endian::native == std::endian::little);

/// Clears the bits of null rows. A vector starts with all rows valid.
void fill_validity(duckdb_vector vector, const Column& column, Rows rows) {
  if (column.null_count == 0) return;
  duckdb_vector_ensure_validity_writable(vector);
  uint64_t* mask = duckdb_vector_get_validity(vector);
  if (rows.is_run() && (rows.begin & 7) == 0) {
    std::memcpy(mask, column.validity.data() + (rows.begin >> 3), static_cast<size_t>((rows.count + 7) >> 3));
    return;
  }
  for (int64_t i = 0; i < rows.count; ++i) {
    if (column.is_null(rows.row(i))) mask[i >> 6] &= ~(uint64_t{1} << (i & 63));
  }
}

/// Null wherever the struct around it is null: DuckDB reads a field without looking at its struct.
void fill_validity_from_parent(duckdb_vector child, duckdb_vector parent, int64_t count) {
  const uint64_t* outer = duckdb_vector_get_validity(parent);
  if (outer == nullptr) return;
  duckdb_vector_ensure_validity_writable(child);
  uint64_t* mask = duckdb_vector_get_validity(child);
  for (int64_t word = 0; word < (count + 63) >> 6; ++word) mask[word] &= outer[word];
}

template <typename T>
void fill_fixed(void* out, const Column& column, Rows rows) {
  const auto* values = reinterpret_cast<const T*>(column.values.data());
  auto* to = static_cast<T*>(out);
  if (rows.is_run()) {
    std::memcpy(to, values + rows.begin, static_cast<size_t>(rows.count) * sizeof(T));
    return;
  }
  for (int64_t i = 0; i < rows.count; ++i) std::memcpy(to + i, values + rows.at[i], sizeof(T));
}

template <typename T>
void fill_decimal(void* out, const Column& column, Rows rows) {
  auto* to = static_cast<T*>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    Int128 value;
    std::memcpy(&value, column.values.data() + rows.row(i) * 16, sizeof value);
    to[i] = static_cast<T>(value);
  }
}

void fill_booleans(void* out, const Column& column, Rows rows) {
  auto* to = static_cast<uint8_t*>(out);
  for (int64_t i = 0; i < rows.count; ++i) to[i] = column.boolean_at(rows.row(i)) ? 1 : 0;
}

/// DuckDB keeps a UUID as a 128-bit integer with its top bit flipped, so that signed order is the UUIDs' order.
void fill_uuids(void* out, const Column& column, Rows rows) {
  auto* to = static_cast<duckdb_hugeint*>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    uint64_t high;
    uint64_t low;
    const uint8_t* bytes = column.values.data() + rows.row(i) * 16;
    std::memcpy(&high, bytes, 8);
    std::memcpy(&low, bytes + 8, 8);
    to[i].upper = static_cast<int64_t>(__builtin_bswap64(high) ^ (uint64_t{1} << 63));
    to[i].lower = __builtin_bswap64(low);
  }
}

duckdb_string_t borrow(const uint8_t* bytes, uint32_t size) {
  duckdb_string_t text;
  if (size <= 12) {
    text = duckdb_string_t{};
    text.value.inlined.length = size;
    if (size != 0) std::memcpy(text.value.inlined.inlined, bytes, size);
  } else {
    text.value.pointer.length = size;
    std::memcpy(text.value.pointer.prefix, bytes, 4);
    text.value.pointer.ptr = const_cast<char*>(reinterpret_cast<const char*>(bytes));
  }
  return text;
}

void fill_bytes(void* out, const Column& column, Rows rows) {
  auto* to = static_cast<duckdb_string_t*>(out);
  const auto* offsets = reinterpret_cast<const int32_t*>(column.offsets.data());
  const uint8_t* bytes = column.values.data();
  for (int64_t i = 0; i < rows.count; ++i) {
    const int64_t row = rows.row(i);
    to[i] = borrow(bytes + offsets[row], static_cast<uint32_t>(offsets[row + 1] - offsets[row]));
  }
}

void fill_fixed_bytes(void* out, const Column& column, Rows rows) {
  auto* to = static_cast<duckdb_string_t*>(out);
  const int64_t width = column.type->width_bytes();
  for (int64_t i = 0; i < rows.count; ++i)
    to[i] = borrow(column.values.data() + rows.row(i) * width, static_cast<uint32_t>(width));
}

/// The elements of `rows`, and each row's place among them. Null rows are empty.
struct Elements {
  Rows rows;
  std::vector<int32_t> indexes;
};

Elements fill_entries(void* out, const Column& column, Rows rows) {
  auto* entries = static_cast<duckdb_list_entry*>(out);
  const auto* offsets = reinterpret_cast<const int32_t*>(column.offsets.data());
  Elements elements;
  if (rows.is_run() && column.null_count == 0) {
    const int32_t first = offsets[rows.begin];
    for (int64_t i = 0; i < rows.count; ++i) {
      const int32_t begin = offsets[rows.begin + i];
      entries[i] = {static_cast<uint64_t>(begin - first), static_cast<uint64_t>(offsets[rows.begin + i + 1] - begin)};
    }
    elements.rows = Rows{.begin = first, .count = offsets[rows.begin + rows.count] - first};
    return elements;
  }
  for (int64_t i = 0; i < rows.count; ++i) {
    const int64_t row = rows.row(i);
    const int32_t begin = offsets[row];
    const int32_t size = column.is_null(row) ? 0 : offsets[row + 1] - begin;
    const size_t at = elements.indexes.size();
    entries[i] = {at, static_cast<uint64_t>(size)};
    elements.indexes.resize(at + static_cast<size_t>(size));
    std::iota(elements.indexes.begin() + static_cast<std::ptrdiff_t>(at), elements.indexes.end(), begin);
  }
  elements.rows = Rows{.at = elements.indexes.data(), .count = static_cast<int64_t>(elements.indexes.size())};
  return elements;
}

void fill_repeated(duckdb_vector vector, const Column& column, Rows rows) {
  const Elements elements = fill_entries(duckdb_vector_get_data(vector), column, rows);
  duckdb_list_vector_reserve(vector, static_cast<idx_t>(elements.rows.count));
  duckdb_list_vector_set_size(vector, static_cast<idx_t>(elements.rows.count));
  duckdb_vector child = duckdb_list_vector_get_child(vector);
  if (column.type->kind() == TypeKind::list) {
    fill_vector(child, *column.children[0], elements.rows);
  } else {  // a map is a list of {key, value}
    fill_vector(duckdb_struct_vector_get_child(child, 0), *column.children[0], elements.rows);
    fill_vector(duckdb_struct_vector_get_child(child, 1), *column.children[1], elements.rows);
  }
}

void fill_struct(duckdb_vector vector, const Column& column, Rows rows) {
  for (size_t i = 0; i < column.children.size(); ++i) {
    duckdb_vector child = duckdb_struct_vector_get_child(vector, i);
    fill_vector(child, *column.children[i], rows);
    if (column.null_count == 0) continue;
    fill_validity_from_parent(child, vector, rows.count);
    // A struct inside a struct that became null here must pass that on in turn.
    const Column& inside = *column.children[i];
    if (inside.type->kind() != TypeKind::structure) continue;
    std::vector<std::pair<duckdb_vector, const Column*>> open = {{child, &inside}};
    while (!open.empty()) {
      const auto [outer, outer_column] = open.back();
      open.pop_back();
      for (size_t field = 0; field < outer_column->children.size(); ++field) {
        duckdb_vector inner = duckdb_struct_vector_get_child(outer, field);
        fill_validity_from_parent(inner, outer, rows.count);
        if (outer_column->children[field]->type->kind() == TypeKind::structure)
          open.emplace_back(inner, outer_column->children[field].get());
      }
    }
  }
}

void fill_decimals(void* out, const Column& column, Rows rows) {
  switch (duck_decimal_width(column.type->precision())) {
    case 2: return fill_decimal<int16_t>(out, column, rows);
    case 4: return fill_decimal<int32_t>(out, column, rows);
    case 8: return fill_decimal<int64_t>(out, column, rows);
    default: return fill_fixed<Int128>(out, column, rows);
  }
}

}  // namespace

void fill_vector(duckdb_vector vector, const Column& column, Rows rows) {
  if (rows.count == 0) return;
  fill_validity(vector, column, rows);
  void* out = duckdb_vector_get_data(vector);
  switch (column.type->kind()) {
    case TypeKind::boolean: return fill_booleans(out, column, rows);
    case TypeKind::int32:
    case TypeKind::float32:
    case TypeKind::date: return fill_fixed<int32_t>(out, column, rows);
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return fill_fixed<int64_t>(out, column, rows);
    case TypeKind::decimal: return fill_decimals(out, column, rows);
    case TypeKind::uuid: return fill_uuids(out, column, rows);
    case TypeKind::string:
    case TypeKind::binary: return fill_bytes(out, column, rows);
    case TypeKind::fixed: return fill_fixed_bytes(out, column, rows);
    case TypeKind::structure: return fill_struct(vector, column, rows);
    case TypeKind::list:
    case TypeKind::map: return fill_repeated(vector, column, rows);
  }
}

}  // namespace weir::expression
