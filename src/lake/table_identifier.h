/// \file
/// Names of tables.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::lake {

/// "ops.flights": one or more namespace levels and a name.
struct TableIdentifier {
  std::string ns;  ///< levels joined with '.'
  std::string name;

  /// Parses "ns.name" or "a.b.name". Levels: letters, digits, '_' and '-', 1 to 255 in all. Errors: invalid_argument.
  static Result<TableIdentifier> parse(std::string_view text);
  std::string to_string() const { return ns + "." + name; }

  friend auto operator<=>(const TableIdentifier&, const TableIdentifier&) = default;
};

}  // namespace weir::lake
