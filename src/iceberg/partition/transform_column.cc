#include "columnar/column_builder.h"
#include "iceberg/partition/murmur3_internal.h"
#include "iceberg/partition/transform.h"
#include "iceberg/partition/transform_internal.h"

namespace weir::iceberg {
namespace {

/// A column of `type` with the nulls of `source` and these values.
template <typename T>
ColumnPtr with_values(const Column& source, TypePtr type, std::vector<T> values) {
  auto column = std::make_shared<Column>();
  column->type = std::move(type);
  column->length = source.length;
  column->null_count = source.null_count;
  column->validity = source.validity;
  column->values = Buffer::adopt(std::move(values));
  return column;
}

/// Maps fixed-width values; those of null rows are mapped as well, whatever they are.
template <typename From, typename To, typename Map>
ColumnPtr map_values(const Column& source, TypePtr type, Map map) {
  std::vector<To> values(static_cast<size_t>(source.length));
  const auto* from = reinterpret_cast<const From*>(source.values.data());
  for (size_t i = 0; i < values.size(); ++i) values[i] = map(from[i]);
  return with_values(source, std::move(type), std::move(values));
}

/// Maps values that are read as bytes; null rows get 0.
template <typename Map>
ColumnPtr map_bytes(const Column& source, TypePtr type, Map map) {
  std::vector<int32_t> values(static_cast<size_t>(source.length));
  for (int64_t i = 0; i < source.length; ++i) {
    if (!source.is_null(i)) values[static_cast<size_t>(i)] = map(source.bytes_at(i));
  }
  return with_values(source, std::move(type), std::move(values));
}

Int128 load_decimal(std::string_view bytes) {
  Int128 value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

ColumnPtr bucket_column(const Column& column, int32_t buckets) {
  const TypePtr type = Type::primitive(TypeKind::int32);
  const auto reduce = [buckets](int32_t hash) { return (hash & INT32_MAX) % buckets; };
  switch (column.type->kind()) {
    case TypeKind::int32:
    case TypeKind::date:
      return map_values<int32_t, int32_t>(column, type, [&](int32_t v) { return reduce(murmur3_long(v)); });
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      return map_values<int64_t, int32_t>(column, type, [&](int64_t v) { return reduce(murmur3_long(v)); });
    case TypeKind::decimal:
      return map_bytes(column, type, [&](std::string_view bytes) {
        char room[16];
        return reduce(murmur3_bytes(minimal_decimal(load_decimal(bytes), room)));
      });
    default: return map_bytes(column, type, [&](std::string_view bytes) { return reduce(murmur3_bytes(bytes)); });
  }
}

ColumnPtr truncate_column(const Column& column, int32_t width) {
  switch (column.type->kind()) {
    case TypeKind::int32:
      return map_values<int32_t, int32_t>(column, column.type, [&](int32_t v) {
        return static_cast<int32_t>(truncate_number<int64_t, uint64_t>(v, width));
      });
    case TypeKind::int64:
      return map_values<int64_t, int64_t>(column, column.type, [&](int64_t v) {
        // Not truncate_number: two divisions of 64 bits, and the sum in it cannot overflow here.
        const int64_t remainder = v % width;
        return static_cast<int64_t>(static_cast<uint64_t>(v) -
                                    static_cast<uint64_t>(remainder < 0 ? remainder + width : remainder));
      });
    case TypeKind::decimal: {
      std::vector<Int128> values(static_cast<size_t>(column.length));
      for (int64_t i = 0; i < column.length; ++i) {
        if (!column.is_null(i))
          values[static_cast<size_t>(i)] = truncate_number<Int128, UInt128>(load_decimal(column.bytes_at(i)), width);
      }
      return with_values(column, column.type, std::move(values));
    }
    default: break;
  }
  BytesBuilder builder(column.type);
  const bool is_text = column.type->kind() == TypeKind::string;
  for (int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i)) {
      builder.append_null();
      continue;
    }
    const std::string_view bytes = column.bytes_at(i);
    builder.append(is_text ? first_code_points(bytes, static_cast<size_t>(width))
                           : bytes.substr(0, static_cast<size_t>(width)));
  }
  return builder.finish();
}

template <typename Map>
ColumnPtr map_days(const Column& column, TypePtr type, Map map) {
  if (column.type->kind() == TypeKind::date) return map_values<int32_t, int32_t>(column, std::move(type), map);
  return map_values<int64_t, int32_t>(column, std::move(type),
                                      [&](int64_t micros) { return map(days_from_micros(micros)); });
}

}  // namespace

ColumnPtr Transform::apply(const Column& column) const {
  const Result<TypePtr> type = result_type(column.type);
  WEIR_CHECK(type.ok());
  switch (kind_) {
    case TransformKind::bucket: return bucket_column(column, parameter_);
    case TransformKind::truncate: return truncate_column(column, parameter_);
    case TransformKind::year: return map_days(column, *type, years_from_days);
    case TransformKind::month: return map_days(column, *type, months_from_days);
    case TransformKind::day: return map_days(column, *type, [](int32_t days) { return days; });
    case TransformKind::hour: return map_values<int64_t, int32_t>(column, *type, hours_from_micros);
    case TransformKind::void_: return null_column(column.type, column.length);
    default: return std::make_shared<const Column>(column);
  }
}

}  // namespace weir::iceberg
