/// \file
/// The type system: Iceberg's format version 2 types, used from contract to file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

enum class TypeKind : uint8_t {
  boolean,
  int32,        ///< Iceberg "int"
  int64,        ///< Iceberg "long"
  float32,      ///< Iceberg "float"
  float64,      ///< Iceberg "double"
  decimal,      ///< precision 1..38, scale 0..precision
  date,         ///< days since 1970-01-01
  time,         ///< microseconds of the day
  timestamp,    ///< microseconds since the epoch, no zone
  timestamptz,  ///< microseconds since the epoch, UTC
  string,       ///< UTF-8
  uuid,
  fixed,   ///< bytes of one length
  binary,  ///< bytes
  structure,
  list,
  map,
};

class Type;
using TypePtr = std::shared_ptr<const Type>;

/// A column or a nested part of one. Identity is the id; the name may change.
struct Field {
  int32_t id = 0;  ///< > 0 once assigned; unique in its schema, elements, keys and values included
  std::string name;
  bool required = false;
  TypePtr type;
  std::string doc = {};

  friend bool operator==(const Field& a, const Field& b);
};

/// Immutable; shared by pointer. Compare with `*a == *b`.
class Type {
 public:
  /// Any kind without parameters, shared instances. Not decimal, fixed, structure, list or map.
  static TypePtr primitive(TypeKind kind);
  /// `precision` in [1, 38], `scale` in [0, precision].
  static TypePtr decimal(int precision, int scale);
  /// `length_bytes` >= 1.
  static TypePtr fixed(int length_bytes);
  static TypePtr structure(std::vector<Field> fields);
  /// `element` and `key`, `value` carry the ids of Iceberg's list element, map key and map value.
  static TypePtr list(Field element);
  static TypePtr map(Field key, Field value);
  /// Parses a primitive's Iceberg name: "long", "decimal(9, 2)", "fixed[16]". Errors: invalid_argument.
  static Result<TypePtr> parse_primitive(std::string_view text);

  TypeKind kind() const { return kind_; }
  bool is_nested() const { return kind_ >= TypeKind::structure; }
  int precision() const { return precision_; }
  int scale() const { return scale_; }
  /// Bytes of one value in a column's value buffer: 1, 2, 4, 8, 16 or fixed's length; 0 for boolean (bits), string,
  /// binary and nested kinds.
  int width_bytes() const;

  /// structure: its fields; list: {element}; map: {key, value}; else empty.
  const std::vector<Field>& fields() const { return fields_; }
  const Field& element() const { return fields_[0]; }
  const Field& key() const { return fields_[0]; }
  const Field& value() const { return fields_[1]; }

  /// "long", "decimal(9, 2)", "struct<a: long, b: list<string>>".
  std::string to_string() const;

  friend bool operator==(const Type& a, const Type& b);

 private:
  explicit Type(TypeKind kind) : kind_(kind) {}
  TypeKind kind_;
  int precision_ = 0;
  int scale_ = 0;  ///< decimal: scale; fixed: length in bytes
  std::vector<Field> fields_;
};

/// Iceberg's name of a kind: "int", "long", "struct", ...
std::string_view to_string(TypeKind kind);

}  // namespace weir
