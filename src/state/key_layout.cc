#include "state/key_layout.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "base/hash.h"

namespace weir::state {
namespace {

constexpr char kNull = 0;
constexpr char kPresent = 1;
constexpr uint64_t kSignBit = uint64_t{1} << 63;

/// What a kind is in a key; kinds of one class have the same bytes for the same value.
char class_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return 'b';
    case TypeKind::int32:
    case TypeKind::int64: return 'i';
    case TypeKind::float32:
    case TypeKind::float64: return 'f';
    case TypeKind::decimal: return 'n';
    case TypeKind::date: return 'd';
    case TypeKind::time: return 't';
    case TypeKind::timestamp: return 'l';
    case TypeKind::timestamptz: return 'z';
    case TypeKind::string: return 's';
    case TypeKind::uuid: return 'u';
    case TypeKind::fixed:
    case TypeKind::binary: return 'x';
    default: return 0;
  }
}

/// Bytes of a present value, its marker not counted; 0: the length varies.
size_t value_bytes(char key_class) {
  switch (key_class) {
    case 'b': return 1;
    case 'n':
    case 'u': return 16;
    case 's':
    case 'x': return 0;
    default: return 8;
  }
}

/// Big-endian, so that bytes sort as the values do.
char* put_u64(char* at, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, 8);
  return at + 8;
}

uint64_t take_u64(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, 8);
  return __builtin_bswap64(value);
}

uint64_t ordered(int64_t value) {
  return static_cast<uint64_t>(value) ^ kSignBit;
}

int64_t from_ordered(uint64_t bits) {
  return static_cast<int64_t>(bits ^ kSignBit);
}

/// -0 is 0 and there is one NaN; the bits sort as the numbers do.
uint64_t ordered(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0;
  const auto bits = std::bit_cast<uint64_t>(value);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

double double_from_ordered(uint64_t bits) {
  return std::bit_cast<double>((bits & kSignBit) != 0 ? bits & ~kSignBit : ~bits);
}

template <typename T>
T value_at(const Column& column, int64_t row) {
  T value;
  std::memcpy(&value, column.values.data() + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

/// Calls `visit(i, row)` for each selected row.
template <typename Visit>
void each_row(const Batch& batch, Visit visit) {
  if (batch.all_selected()) {
    for (int64_t i = 0; i < batch.physical_rows(); ++i) visit(static_cast<size_t>(i), i);
  } else {
    const std::span<const int32_t> rows = batch.selection();
    for (size_t i = 0; i < rows.size(); ++i) visit(i, static_cast<int64_t>(rows[i]));
  }
}

/// Writes one column: `put(at, row)` writes a present value and returns its end.
template <typename Put>
void write_column(const Batch& batch, const Column& column, std::vector<char*>& at, Put put) {
  each_row(batch, [&](size_t i, int64_t row) {
    if (column.is_null(row)) {
      *at[i]++ = kNull;
    } else {
      *at[i] = kPresent;
      at[i] = put(at[i] + 1, row);
    }
  });
}

char* put_bytes(char* at, std::string_view bytes) {
  const uint32_t size = __builtin_bswap32(static_cast<uint32_t>(bytes.size()));
  std::memcpy(at, &size, 4);
  if (!bytes.empty()) std::memcpy(at + 4, bytes.data(), bytes.size());
  return at + 4 + bytes.size();
}

void write_values(const Batch& batch, const Column& column, std::vector<char*>& at) {
  switch (column.type->kind()) {
    case TypeKind::boolean:
      return write_column(batch, column, at, [&](char* to, int64_t row) {
        *to = column.boolean_at(row) ? 1 : 0;
        return to + 1;
      });
    case TypeKind::int32:
    case TypeKind::date:
      return write_column(batch, column, at, [&](char* to, int64_t row) {
        return put_u64(to, ordered(int64_t{value_at<int32_t>(column, row)}));
      });
    case TypeKind::float32:
      return write_column(batch, column, at, [&](char* to, int64_t row) {
        return put_u64(to, ordered(double{value_at<float>(column, row)}));
      });
    case TypeKind::float64:
      return write_column(batch, column, at,
                          [&](char* to, int64_t row) { return put_u64(to, ordered(value_at<double>(column, row))); });
    case TypeKind::decimal:
      return write_column(batch, column, at, [&](char* to, int64_t row) {
        const auto value = value_at<Int128>(column, row);
        to = put_u64(to, ordered(static_cast<int64_t>(value >> 64)));
        return put_u64(to, static_cast<uint64_t>(value));
      });
    case TypeKind::uuid:
      return write_column(batch, column, at, [&](char* to, int64_t row) {
        std::memcpy(to, column.values.data() + static_cast<size_t>(row) * 16, 16);
        return to + 16;
      });
    case TypeKind::string:
    case TypeKind::binary:
    case TypeKind::fixed:
      return write_column(batch, column, at,
                          [&](char* to, int64_t row) { return put_bytes(to, column.bytes_at(row)); });
    default:
      return write_column(batch, column, at,
                          [&](char* to, int64_t row) { return put_u64(to, ordered(value_at<int64_t>(column, row))); });
  }
}

Error not_a_key(const std::string& layout) {
  return Error(ErrorKind::corrupt, "stored key bytes are no key of the layout '" + layout + "'");
}

template <typename T>
void append_fixed(ColumnBuilder& builder, T value) {
  static_cast<FixedBuilder<T>&>(builder).append(value);
}

/// Appends a present value of fixed size.
void append_value(TypeKind kind, const char* at, ColumnBuilder& builder) {
  switch (kind) {
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append(*at != 0);
    case TypeKind::int32:
    case TypeKind::date: return append_fixed(builder, static_cast<int32_t>(from_ordered(take_u64(at))));
    case TypeKind::float32: return append_fixed(builder, static_cast<float>(double_from_ordered(take_u64(at))));
    case TypeKind::float64: return append_fixed(builder, double_from_ordered(take_u64(at)));
    case TypeKind::decimal:
      return append_fixed(
          builder,
          static_cast<Int128>((static_cast<unsigned __int128>(from_ordered(take_u64(at))) << 64) | take_u64(at + 8)));
    case TypeKind::uuid: return static_cast<FixedBytesBuilder&>(builder).append({at, 16});
    default: return append_fixed(builder, from_ordered(take_u64(at)));
  }
}

void append_bytes(const Type& type, std::string_view bytes, ColumnBuilder& builder) {
  if (type.kind() == TypeKind::fixed) return static_cast<FixedBytesBuilder&>(builder).append(bytes);
  static_cast<BytesBuilder&>(builder).append(bytes);
}

}  // namespace

Result<KeyLayout> KeyLayout::bind(const Schema& schema, std::vector<int> columns) {
  if (columns.empty()) return Error(ErrorKind::invalid_argument, "a key has at least one column");
  KeyLayout layout;
  for (const int column : columns) {
    const Field& field = schema.field(static_cast<size_t>(column));
    const char key_class = class_of(field.type->kind());
    if (key_class == 0) {
      return Error(ErrorKind::unsupported, "column '" + field.name + "' is a " + field.type->to_string() +
                                               ", which cannot be part of a key; name one of its fields");
    }
    if (!layout.text_.empty()) layout.text_ += ',';
    layout.text_ += key_class;
    if (key_class == 'n') layout.text_ += std::to_string(field.type->scale());
    layout.types_.push_back(field.type);
  }
  layout.columns_ = std::move(columns);
  return layout;
}

Result<void> KeyLayout::encode(const Batch& batch, KeyBatch& out) const {
  const auto rows = static_cast<size_t>(batch.rows());
  out.hashes.resize(rows);
  out.ends.resize(rows + 1);
  std::vector<size_t> sizes(rows, columns_.size());
  for (const int index : columns_) {
    const Column& column = batch.column(static_cast<size_t>(index));
    const size_t fixed = value_bytes(class_of(column.type->kind()));
    each_row(batch, [&](size_t i, int64_t row) {
      if (!column.is_null(row)) sizes[i] += fixed != 0 ? fixed : 4 + column.bytes_at(row).size();
    });
  }
  size_t total = 0;
  for (size_t i = 0; i < rows; ++i) {
    if (sizes[i] > kKeyBytesMax) {
      return Error(ErrorKind::limit_exceeded, "a key of " + std::to_string(sizes[i]) + " bytes; at most " +
                                                  std::to_string(kKeyBytesMax) + " are possible");
    }
    out.ends[i] = static_cast<uint32_t>(total);
    total += sizes[i];
    if (total > std::numeric_limits<int32_t>::max()) {
      return Error(ErrorKind::limit_exceeded, "the keys of one batch are above 2 GiB");
    }
  }
  out.ends[rows] = static_cast<uint32_t>(total);
  out.bytes.resize(total);
  std::vector<char*> at(rows);
  for (size_t i = 0; i < rows; ++i) at[i] = out.bytes.data() + out.ends[i];
  for (const int index : columns_) write_values(batch, batch.column(static_cast<size_t>(index)), at);
  hash64_each(out.bytes.data(), out.ends, out.hashes);
  return {};
}

Result<void> KeyLayout::decode(std::string_view key, std::span<ColumnBuilder* const> builders) const {
  const auto take = [&key](size_t size) {
    const std::string_view bytes = key.substr(0, size);
    key.remove_prefix(size);
    return bytes;
  };
  for (size_t i = 0; i < types_.size(); ++i) {
    if (key.empty()) return not_a_key(text_);
    const char marker = take(1)[0];
    if (marker == kNull) {
      builders[i]->append_null();
      continue;
    }
    if (marker != kPresent) return not_a_key(text_);
    if (const size_t fixed = value_bytes(class_of(types_[i]->kind())); fixed != 0) {
      if (key.size() < fixed) return not_a_key(text_);
      append_value(types_[i]->kind(), take(fixed).data(), *builders[i]);
      continue;
    }
    uint32_t size = 0;
    if (key.size() < 4) return not_a_key(text_);
    std::memcpy(&size, take(4).data(), 4);
    size = __builtin_bswap32(size);
    const bool is_fixed = types_[i]->kind() == TypeKind::fixed;
    if (key.size() < size || (is_fixed && size != static_cast<uint32_t>(types_[i]->width_bytes()))) {
      return not_a_key(text_);
    }
    append_bytes(*types_[i], take(size), *builders[i]);
  }
  return key.empty() ? Result<void>() : not_a_key(text_);
}

uint64_t hash_without_key() {
  static const uint64_t kHash = [] {
    const TypePtr type = Type::primitive(TypeKind::boolean);
    BooleanBuilder builder(type);
    builder.append(true);
    const auto schema = std::make_shared<const Schema>(std::vector<Field>{{.id = 1, .name = "key", .type = type}});
    const Result<KeyLayout> layout = KeyLayout::bind(*schema, {0});
    KeyBatch key;
    WEIR_CHECK(layout.ok() && layout->encode(Batch(schema, {builder.finish()}, 1, nullptr), key).ok());
    return key.hashes.front();
  }();
  return kHash;
}

}  // namespace weir::state
