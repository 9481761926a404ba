/// \file
/// What an Engine holds, for this module's sources.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "expression/duck/duck_internal.h"
#include "expression/duck/json_internal.h"
#include "expression/engine.h"
#include "expression/scan_internal.h"
#include "expression/sql/function_catalog_internal.h"

namespace weir::expression {

struct Engine::Impl {
  ScanRegistry registry;  // before the database, which points to it
  DatabaseHandle database;
  FunctionCatalog functions;

  /// DuckDB's syntax tree of the SELECT statements in `sql`, as json_serialize_sql gives it. Thread-safe.
  Result<JsonValue> parse(std::string_view sql);

 private:
  friend class Engine;
  std::mutex parse_mutex_;
  ConnectionHandle parse_connection_;
  PreparedHandle parse_statement_;
};

}  // namespace weir::expression
