/// \file
/// A small reader of the JSON that DuckDB writes: its syntax trees and its errors. Not for documents of users.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::expression {

/// One value and what is in it.
struct JsonValue {
  enum class Kind : unsigned char { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string key;   ///< when it is a member of an object
  std::string text;  ///< string: unescaped; number, boolean: as written
  std::vector<JsonValue> items;

  /// The member `name`, or null.
  const JsonValue* find(std::string_view name) const;
  JsonValue* find(std::string_view name) { return const_cast<JsonValue*>(std::as_const(*this).find(name)); }
  /// The text of the member `name`; empty when there is none.
  std::string_view text_of(std::string_view name) const;
  bool is_true() const { return kind == Kind::boolean && text == "true"; }
};

/// Returns null for what is no JSON or is nested deeper than 4,000.
JsonValue parse_json(std::string_view text);

}  // namespace weir::expression
