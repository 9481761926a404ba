/// \file
/// Names of the columnar module for headers that need no more than the name.
#pragma once

#include <memory>

namespace weir {
class Batch;
class ColumnBuilder;
class Schema;
class Type;
struct Column;
struct Field;
using ColumnPtr = std::shared_ptr<const Column>;
using SchemaPtr = std::shared_ptr<const Schema>;
using TypePtr = std::shared_ptr<const Type>;
}  // namespace weir
