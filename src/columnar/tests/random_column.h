/// \file
/// Random columns of every type, for tests.
#pragma once

#include "base/random.h"
#include "columnar/column_builder.h"

namespace weir {

inline TypePtr primitive(TypeKind kind) {
  return Type::primitive(kind);
}
inline Field field(std::string name, TypePtr type) {
  return {.id = 0, .name = std::move(name), .required = false, .type = std::move(type)};
}

/// A structure with a field of every type, nested ones included.
TypePtr every_type();

/// True when row `i` of `a` and row `j` of `b` hold the same; both have the same type.
bool equal_rows(const Column& a, int64_t i, const Column& b, int64_t j);

/// Appends a random value, or null where that may be.
void append_random(ColumnBuilder& builder, SeededRandom& random, bool nullable = true);

/// `rows` random rows of every_type().
ColumnPtr random_column(uint64_t seed, int rows);

}  // namespace weir
