/// \file
/// Partition transforms (Iceberg specification, "Partition Transforms"; hash values of appendix B).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "columnar/column.h"
#include "iceberg/value/value.h"

namespace weir::iceberg {

enum class TransformKind : uint8_t {
  identity,
  bucket,    ///< parameter: number of buckets
  truncate,  ///< parameter: width
  year,
  month,
  day,
  hour,
  void_,    ///< always null
  unknown,  ///< a name that this version does not know: kept, never applied, never written with
};

/// An immutable value. All transforms map null to null.
class Transform {
 public:
  Transform() = default;
  explicit Transform(TransformKind kind, int32_t parameter = 0) : kind_(kind), parameter_(parameter) {}

  /// Parses "day" or "bucket[16]". Text of no known form becomes kind unknown, as the specification asks of readers.
  /// Errors: corrupt for a known name with a parameter that is missing or not positive.
  static Result<Transform> parse(std::string_view text);

  TransformKind kind() const { return kind_; }
  int32_t parameter() const { return parameter_; }
  /// "day", "bucket[16]"; what was parsed for kind unknown.
  std::string to_string() const;

  /// Type of the transformed values: int for bucket, year, month and hour; date for day; else the source's type.
  /// Errors: invalid_argument when the transform does not take `source`; unsupported for kind unknown.
  Result<TypePtr> result_type(const TypePtr& source) const;

  /// Transforms a column, row by row. `column.type` is a type that result_type() takes. Cost: 1-5 ns a row for
  /// fixed-width types.
  ColumnPtr apply(const Column& column) const;
  /// Transforms one value of type `source`.
  Value apply(const TypePtr& source, const Value& value) const;

  /// Text of a transformed value as Iceberg shows it: "2017-11-16" for day, "2017-11" for month, "2017-11-16-22" for
  /// hour, "null".
  std::string to_text(const TypePtr& source, const Value& result) const;

  friend bool operator==(const Transform&, const Transform&) = default;

 private:
  TransformKind kind_ = TransformKind::identity;
  int32_t parameter_ = 0;
  std::string unknown_;
};

/// The 32-bit hash that bucket[N] reduces: Murmur3 x86 32 with seed 0 over the bytes of appendix B. `value` is not
/// null.
int32_t bucket_hash(const Type& type, const Value& value);

/// `text` as one segment of a partition path: URL-encoded as Java's URLEncoder does ("a b/c" -> "a+b%2Fc").
std::string escape_path_segment(std::string_view text);

}  // namespace weir::iceberg
