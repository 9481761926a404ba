/// \file
/// Values as the specification's appendices write them.
#pragma once

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "iceberg/value/value.h"

namespace weir::iceberg {

/// The value of type `type_name` that `text` says: "34", "14.20", "2017-11-16", "2017-11-16T14:31:08-08:00"; fixed and
/// binary in hex digits.
inline Value value_literal(std::string_view type_name, std::string_view text) {
  const TypePtr type = *Type::parse_primitive(type_name);
  int32_t days = 0;
  int64_t micros = 0;
  Int128 unscaled = 0;
  std::string bytes;
  switch (type->kind()) {
    case TypeKind::int32: return Value(static_cast<int32_t>(std::stoll(std::string(text))));
    case TypeKind::int64: return Value(static_cast<int64_t>(std::stoll(std::string(text))));
    case TypeKind::date: EXPECT_EQ(parse_date(text, days), TimeParse::ok) << text; return Value(days);
    case TypeKind::time: EXPECT_EQ(parse_time(text, micros), TimeParse::ok) << text; return Value(micros);
    case TypeKind::timestamp:
      EXPECT_EQ(parse_local_datetime(text, micros), TimeParse::ok) << text;
      return Value(micros);
    case TypeKind::timestamptz: EXPECT_EQ(parse_instant(text, micros), TimeParse::ok) << text; return Value(micros);
    case TypeKind::decimal:
      EXPECT_EQ(parse_decimal(text, type->precision(), type->scale(), unscaled), DecimalParse::ok) << text;
      return Value(unscaled);
    case TypeKind::uuid: {
      const Uuid uuid = *Uuid::parse(text);
      return Value(std::string(uuid.bytes.begin(), uuid.bytes.end()));
    }
    case TypeKind::fixed:
    case TypeKind::binary: EXPECT_TRUE(hex_decode(text, bytes)) << text; return Value(bytes);
    default: return Value::bytes(text);
  }
}

}  // namespace weir::iceberg
