/// \file
/// Rows of a fixed shape, for people as a table and for programs as JSON with typed values and a published schema.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/environment.h"

namespace weir::cli {

/// A column of such rows; the table's header and the JSON's schema come from it.
struct OutputColumn {
  const char* key;    ///< of the JSON object
  const char* title;  ///< of the table
  const char* type;   ///< JSON Schema's name: string, integer, boolean, object
  bool may_be_null;
  const char* doc;
};

/// One value: as people read it, and as JSON.
struct OutputCell {
  std::string text;
  nlohmann::ordered_json json;

  static OutputCell of(const std::string& text) { return {.text = text, .json = text}; }
  static OutputCell of(int64_t value) { return {.text = std::to_string(value), .json = value}; }
  static OutputCell of(bool value) { return {.text = value ? "yes" : "no", .json = value}; }
  static OutputCell null() { return {.text = {}, .json = nullptr}; }
};

using OutputRow = std::vector<OutputCell>;

/// Prints `rows`, each with a cell for each column: as an aligned table, or with --json as an array of objects.
void print_rows(Environment& environment, const std::vector<OutputColumn>& columns, const std::vector<OutputRow>& rows);

/// The JSON Schema of what print_rows() prints with --json.
nlohmann::ordered_json rows_schema(const std::string& title, const std::vector<OutputColumn>& columns);

/// Columns of `weir table list`, `snapshots`, `files`, `history`.
const std::vector<OutputColumn>& table_columns(const std::string& action);

/// The JSON Schema of a command's --json output; `command` is one of those that `weir schema` offers behind "output-".
std::string output_schema(const std::string& command);

}  // namespace weir::cli
