/// \file
/// From a YAML document to spec structs, and from the same description (description.h) to a JSON Schema.
#pragma once

#include <string>

#include "config/document.h"
#include "config/references.h"
#include "config/type_shape.h"

namespace weir::config {

/// Fills `value`, of the type that `shape` tells, from `document`. See bind().
void bind_as(const Document& document, const References& references, const TypeShape& shape, void* value,
             Diagnostics& diagnostics, const DescriptionContext& context);

/// Fills `value` (freshly made) from `document` and adds every error there is to `diagnostics`: unknown keys with the
/// nearest name, wrong types, missing keys, values out of range, keys that exclude each other, references that lead
/// nowhere. What has an error keeps its default, so that the caller can go on to find more errors; the value must not
/// be used unless diagnostics.ok(). `context`: for describe() functions that ask for one.
template <typename T>
void bind(const Document& document, const References& references, T& value, Diagnostics& diagnostics,
          const DescriptionContext& context = {}) {
  bind_as(document, references, shape_of<T>(), &value, diagnostics, context);
}

/// JSON Schema (draft 2020-12) of a file. See json_schema().
std::string json_schema_as(const TypeShape& shape, const std::string& title, const DescriptionContext& context);

/// The JSON Schema of the files that bind() accepts as a T, indented, ending in a newline. It accepts what bind()
/// accepts, except that it cannot resolve references and checks no whole-number range of durations and sizes.
template <typename T>
std::string json_schema(const std::string& title, const DescriptionContext& context = {}) {
  return json_schema_as(shape_of<T>(), title, context);
}

}  // namespace weir::config
