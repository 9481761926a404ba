#include "format/parquet/read/leaf_column.h"

#include <cstring>
#include <limits>

#include "base/decimal.h"

namespace weir::parquet {
namespace {

template <typename T>
Buffer to_buffer(GrowingArray<T>& values) {
  return values.release();
}

/// Calls `put(slot, index)` for each value: where it goes and which it is.
template <typename Put>
void for_each_value(std::span<const uint8_t> is_present, int64_t slots, Put put) {
  int64_t index = 0;
  for (int64_t slot = 0; slot < slots; ++slot) {
    if (is_present.empty() || is_present[static_cast<size_t>(slot)] != 0)
      put(static_cast<size_t>(slot), static_cast<size_t>(index++));
  }
}

template <typename From, typename To>
void widen(const LeafValues& values, std::span<const uint8_t> is_present, int64_t slots, Column& column) {
  GrowingArray<To> out;
  const auto count = static_cast<size_t>(slots);
  To* to = out.reserve_back(count);
  if (count == 0) {
    // Neither side has an address.
  } else if (std::is_same_v<From, To> && is_present.empty()) {
    std::memcpy(static_cast<void*>(to), values.fixed.data(), count * sizeof(To));
  } else {
    std::memset(static_cast<void*>(to), 0, count * sizeof(To));
    for_each_value(is_present, slots, [&](size_t slot, size_t index) {
      From value;
      std::memcpy(&value, values.fixed.data() + index * sizeof(From), sizeof(From));
      to[slot] = static_cast<To>(value);
    });
  }
  out.advance(count);
  column.values = to_buffer(out);
}

void fill_booleans(const LeafValues& values, std::span<const uint8_t> is_present, int64_t slots, Column& column) {
  Bytes out;
  out.append_zeros(static_cast<size_t>((slots + 7) / 8));
  for_each_value(is_present, slots, [&](size_t slot, size_t index) {
    out[slot / 8] = static_cast<uint8_t>(out[slot / 8] | (values.fixed[index] & 1U) << (slot % 8));
  });
  column.values = to_buffer(out);
}

void fill_fixed(const LeafValues& values, size_t width, std::span<const uint8_t> is_present, int64_t slots,
                Column& column) {
  Bytes out;
  out.append_zeros(static_cast<size_t>(slots) * width);
  for_each_value(is_present, slots, [&](size_t slot, size_t index) {
    std::memcpy(out.data() + slot * width, values.fixed.data() + index * width, width);
  });
  column.values = to_buffer(out);
}

void fill_arrays(const LeafValues& values, std::span<const uint8_t> is_present, int64_t slots, Column& column) {
  GrowingArray<int32_t> offsets;
  offsets.push_back(0);
  for (int64_t slot = 0, index = 0; slot < slots; ++slot) {
    const bool is_value = is_present.empty() || is_present[static_cast<size_t>(slot)] != 0;
    offsets.push_back(is_value ? values.ends[static_cast<size_t>(index++)] : offsets.back());
  }
  Bytes bytes;
  bytes.append(values.bytes.data(), values.bytes.size());
  column.offsets = to_buffer(offsets);
  column.values = to_buffer(bytes);
}

/// Big-endian two's complement of any length; false when it does not fit.
bool read_decimal(const uint8_t* bytes, size_t size, Int128& value) {
  const uint8_t sign = size > 0 && (bytes[0] & 0x80) != 0 ? 0xff : 0;
  for (; size > sizeof(Int128); ++bytes, --size) {
    if (*bytes != sign) return false;
  }
  UInt128 bits = sign == 0 ? 0 : ~UInt128{0};
  for (size_t i = 0; i < size; ++i) bits = bits << 8 | bytes[i];
  value = static_cast<Int128>(bits);
  return true;
}

Result<void> fill_decimals(const LeafValues& values, const SchemaElement& element, std::span<const uint8_t> is_present,
                           int64_t slots, Column& column) {
  GrowingArray<Int128> out;
  out.append_zeros(static_cast<size_t>(slots));
  const Int128 limit = power_of_ten(column.type->precision());
  bool is_good = true;
  for_each_value(is_present, slots, [&](size_t slot, size_t index) {
    Int128 value = 0;
    if (element.type == PhysicalType::int32 || element.type == PhysicalType::int64) {
      const bool is_short = element.type == PhysicalType::int32;
      int64_t wide = 0;
      int32_t narrow = 0;
      if (is_short)
        std::memcpy(&narrow, values.fixed.data() + index * sizeof narrow, sizeof narrow);
      else
        std::memcpy(&wide, values.fixed.data() + index * sizeof wide, sizeof wide);
      value = is_short ? narrow : wide;
    } else if (element.type == PhysicalType::byte_array) {
      const int32_t begin = index == 0 ? 0 : values.ends[index - 1];
      is_good =
          read_decimal(values.bytes.data() + begin, static_cast<size_t>(values.ends[index] - begin), value) && is_good;
    } else {
      const auto width = static_cast<size_t>(element.type_length);
      is_good = read_decimal(values.fixed.data() + index * width, width, value) && is_good;
    }
    is_good = is_good && value < limit && value > -limit;
    out[slot] = value;
  });
  if (!is_good) return Error(ErrorKind::corrupt, "Parquet: a decimal has more digits than its column");
  column.values = to_buffer(out);
  return {};
}

bool is_micros(const SchemaElement& element) {
  constexpr int32_t kTimeMillis = 7;  // of ConvertedType
  constexpr int32_t kTimestampMillis = 9;
  const bool is_temporal = element.logical.kind == LogicalKind::time || element.logical.kind == LogicalKind::timestamp;
  if (is_temporal) return element.logical.unit == TimeUnit::micros;
  const int32_t converted = element.converted_type.value_or(-1);
  return converted != kTimeMillis && converted != kTimestampMillis;
}

}  // namespace

bool is_readable_as(const SchemaElement& element, const Type& type) {
  const PhysicalType physical = *element.type;
  switch (type.kind()) {
    case TypeKind::boolean: return physical == PhysicalType::boolean;
    case TypeKind::int32:
    case TypeKind::date: return physical == PhysicalType::int32;
    case TypeKind::int64: return physical == PhysicalType::int32 || physical == PhysicalType::int64;
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return physical == PhysicalType::int64 && is_micros(element);
    case TypeKind::float32: return physical == PhysicalType::float32;
    case TypeKind::float64: return physical == PhysicalType::float32 || physical == PhysicalType::float64;
    case TypeKind::decimal: {
      const bool is_decimal = element.logical.kind == LogicalKind::decimal || element.converted_type == 5;
      const int32_t scale = element.logical.kind == LogicalKind::decimal ? element.logical.scale : element.scale;
      return is_decimal && scale == type.scale() && physical != PhysicalType::boolean &&
             physical != PhysicalType::int96 && physical != PhysicalType::float32 && physical != PhysicalType::float64;
    }
    case TypeKind::string:
    case TypeKind::binary: return physical == PhysicalType::byte_array;
    case TypeKind::uuid: return physical == PhysicalType::fixed_len_byte_array && element.type_length == 16;
    case TypeKind::fixed:
      return physical == PhysicalType::fixed_len_byte_array && element.type_length == type.width_bytes();
    default: return false;
  }
}

Result<void> fill_values(const LeafValues& values, const SchemaElement& element, std::span<const uint8_t> is_present,
                         int64_t slots, Column& column) {
  switch (column.type->kind()) {
    case TypeKind::boolean: fill_booleans(values, is_present, slots, column); return {};
    case TypeKind::int32:
    case TypeKind::date: widen<int32_t, int32_t>(values, is_present, slots, column); return {};
    case TypeKind::float32: widen<float, float>(values, is_present, slots, column); return {};
    case TypeKind::float64:
      if (element.type == PhysicalType::float32)
        widen<float, double>(values, is_present, slots, column);
      else
        widen<double, double>(values, is_present, slots, column);
      return {};
    case TypeKind::decimal: return fill_decimals(values, element, is_present, slots, column);
    case TypeKind::string:
    case TypeKind::binary: fill_arrays(values, is_present, slots, column); return {};
    case TypeKind::uuid:
    case TypeKind::fixed:
      fill_fixed(values, static_cast<size_t>(column.type->width_bytes()), is_present, slots, column);
      return {};
    default:
      if (element.type == PhysicalType::int32)
        widen<int32_t, int64_t>(values, is_present, slots, column);
      else
        widen<int64_t, int64_t>(values, is_present, slots, column);
      return {};
  }
}

}  // namespace weir::parquet
