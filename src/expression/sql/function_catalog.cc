#include <algorithm>
#include <array>
#include <set>

#include "expression/sql/function_catalog_internal.h"

namespace weir::expression {
namespace {

/// Called CONSISTENT by DuckDB's catalog, though they depend on the session or the clock; or with effects of their own.
constexpr std::array<std::string_view, 9> kUnstable = {
    "current_setting", "getvariable",    "current_localtime", "current_localtimestamp",     "getenv",
    "version",         "in_search_path", "get_block_size",    "json_execute_serialized_sql"};

constexpr std::array<std::string_view, 13> kSqlValueNames = {
    "current_catalog",       "current_date", "current_schema", "current_role", "current_time", "current_timestamp",
    "current_user",          "localtime",    "localtimestamp", "session_user", "user",         "current_localtime",
    "current_localtimestamp"};

/// Everything that a macro calls: its functions, and names that are functions in disguise.
void collect_calls(const JsonValue& node, std::set<std::string>& calls, bool& has_subquery) {
  const std::string_view node_class = node.text_of("class");
  if (node_class == "SUBQUERY") has_subquery = true;
  if (node_class == "FUNCTION" || node_class == "WINDOW") calls.insert(to_lower(node.text_of("function_name")));
  if (node_class == "COLUMN_REF") {
    const JsonValue* names = node.find("column_names");
    if (names != nullptr && names->items.size() == 1 && is_sql_value_name(to_lower(names->items[0].text)))
      calls.insert("now");
  }
  for (const JsonValue& item : node.items) collect_calls(item, calls, has_subquery);
}

/// The worse of two: what is unstable stays unstable.
FunctionUse worse(FunctionUse a, FunctionUse b) {
  return std::max(a, b);
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

bool is_sql_value_name(const std::string& name) {
  return std::find(kSqlValueNames.begin(), kSqlValueNames.end(), name) != kSqlValueNames.end();
}

Result<void> FunctionCatalog::load(duckdb_connection connection, Parse parse) {
  parse_ = std::move(parse);
  ResultHandle result;
  const char* sql =
      "SELECT lower(function_name), function_type, coalesce(stability, ''), coalesce(macro_definition, '') FROM "
      "duckdb_functions() "
      "WHERE function_type IN ('scalar', 'aggregate', 'macro', 'table', 'table_macro')";
  if (duckdb_query(connection, sql, result.out()) != DuckDBSuccess) {
    return Error(ErrorKind::internal, "reading DuckDB's functions: " + error_of(result).message);
  }
  std::set<std::string> tables;
  while (const ChunkHandle chunk{duckdb_fetch_chunk(result.get())}) {
    const auto text = [&](idx_t column, idx_t row) {
      return std::string(to_view(static_cast<duckdb_string_t*>(
          duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), column)))[row]));
    };
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
      const std::string name = text(0, row);
      const std::string type = text(1, row);
      if (type == "macro") {
        macros_[name].push_back(text(3, row));
      } else if (type == "table" || type == "table_macro") {
        tables.insert(name);
      } else {
        const FunctionUse use = type == "aggregate"            ? FunctionUse::aggregate
                                : text(2, row) == "CONSISTENT" ? FunctionUse::allowed
                                                               : FunctionUse::unstable;
        const auto [at, is_new] = uses_.emplace(name, use);
        if (!is_new) at->second = worse(at->second, use);
      }
    }
  }
  for (const std::string_view name : kUnstable) uses_[std::string(name)] = FunctionUse::unstable;
  for (const auto& [name, use] : uses_) {
    if (use == FunctionUse::allowed && name.front() >= 'a' && name.front() <= 'z') names_.push_back(name);
  }
  for (const auto& [name, definitions] : macros_) names_.push_back(name);
  for (const std::string& name : tables) {
    if (!macros_.contains(name)) uses_.emplace(name, FunctionUse::table);
  }
  return {};
}

FunctionUse FunctionCatalog::resolve(const std::string& name) const {
  const auto macro = macros_.find(name);
  if (macro != macros_.end()) {
    const std::vector<std::string> definitions = std::move(macro->second);
    macros_.erase(macro);  // first, so that a macro which calls itself comes to an end
    FunctionUse use = FunctionUse::allowed;
    for (const std::string& definition : definitions) {
      std::set<std::string> calls;
      bool has_subquery = false;
      const Result<JsonValue> tree = parse_("SELECT " + definition);
      if (!tree.ok() || tree->find("statements") == nullptr) {
        use = FunctionUse::unstable;  // what cannot be read is not trusted
        continue;
      }
      collect_calls(*tree, calls, has_subquery);
      if (has_subquery) use = FunctionUse::unstable;
      for (const std::string& callee : calls) use = worse(use, resolve(callee));
    }
    const auto [at, is_new] = uses_.emplace(name, use);
    if (!is_new) at->second = worse(at->second, use);
  }
  const auto at = uses_.find(name);
  return at == uses_.end() ? FunctionUse::unknown : at->second;
}

FunctionUse FunctionCatalog::use(const std::string& name, size_t argument_count) const {
  if (name == "age" && argument_count == 1) return FunctionUse::unstable;  // up to today
  const std::lock_guard lock(mutex_);
  return resolve(name);
}

}  // namespace weir::expression
