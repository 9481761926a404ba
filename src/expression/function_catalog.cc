#include "expression/function_catalog_internal.h"

#include <algorithm>
#include <array>
#include <set>

namespace weir::expression {
namespace {

/// Called CONSISTENT by DuckDB's catalog, though they depend on the session or the clock; or with effects of their own.
constexpr std::array<std::string_view, 9> kUnstable = {"current_setting",      "getvariable", "current_localtime",
                                                        "current_localtimestamp", "getenv",      "version",
                                                        "in_search_path",       "get_block_size",
                                                        "json_execute_serialized_sql"};

constexpr std::array<std::string_view, 13> kSqlValueNames = {"current_catalog", "current_date",      "current_schema", "current_role", "current_time",
                                                             "current_timestamp", "current_user",    "localtime",      "localtimestamp", "session_user",
                                                             "user",            "current_localtime", "current_localtimestamp"};

struct Macro {
  std::string name;
  std::string definition;
};

/// Everything that a macro calls: its functions, and names that are functions in disguise.
void collect_calls(const JsonValue& node, std::set<std::string>& calls, bool& has_subquery) {
  const std::string_view node_class = node.text_of("class");
  if (node_class == "SUBQUERY") has_subquery = true;
  if (node_class == "FUNCTION" || node_class == "WINDOW") calls.insert(to_lower(node.text_of("function_name")));
  if (node_class == "COLUMN_REF") {
    const JsonValue* names = node.find("column_names");
    if (names != nullptr && names->items.size() == 1 && is_sql_value_name(to_lower(names->items[0].text))) calls.insert("now");
  }
  for (const JsonValue& item : node.items) collect_calls(item, calls, has_subquery);
}

/// The worse of two: what is unstable stays unstable.
FunctionUse worse(FunctionUse a, FunctionUse b) { return std::max(a, b); }

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

bool is_sql_value_name(const std::string& name) { return std::find(kSqlValueNames.begin(), kSqlValueNames.end(), name) != kSqlValueNames.end(); }

Result<void> FunctionCatalog::load(duckdb_connection connection, const std::function<Result<JsonValue>(std::string_view)>& parse) {
  ResultHandle result;
  const char* sql =
      "SELECT lower(function_name), function_type, coalesce(stability, ''), coalesce(macro_definition, '') FROM duckdb_functions() "
      "WHERE function_type IN ('scalar', 'aggregate', 'macro', 'table', 'table_macro')";
  if (duckdb_query(connection, sql, result.out()) != DuckDBSuccess) {
    return Error(ErrorKind::internal, "reading DuckDB's functions: " + read_duck_error(duckdb_result_error(&result.get())).message);
  }
  std::vector<Macro> macros;
  std::set<std::string> tables;
  while (ChunkHandle chunk{duckdb_fetch_chunk(result.get())}) {
    const auto text = [&](idx_t column, idx_t row) {
      return std::string(to_view(static_cast<duckdb_string_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), column)))[row]));
    };
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
      const std::string name = text(0, row);
      const std::string type = text(1, row);
      if (type == "macro") {
        macros.push_back({name, text(3, row)});
      } else if (type == "table" || type == "table_macro") {
        tables.insert(name);
      } else {
        const FunctionUse use = type == "aggregate" ? FunctionUse::aggregate : text(2, row) == "CONSISTENT" ? FunctionUse::allowed : FunctionUse::unstable;
        const auto [at, is_new] = uses_.emplace(name, use);
        if (!is_new) at->second = worse(at->second, use);
      }
    }
  }
  for (const std::string_view name : kUnstable) uses_[std::string(name)] = FunctionUse::unstable;

  // Macros call macros: repeat until nothing gets worse.
  std::map<std::string, std::pair<std::set<std::string>, bool>> calls;
  for (const Macro& macro : macros) {
    auto& [names, has_subquery] = calls[macro.name];
    Result<JsonValue> tree = parse("SELECT " + macro.definition);
    if (!tree.ok() || tree->find("statements") == nullptr) {
      has_subquery = true;  // what cannot be read is not trusted
      continue;
    }
    collect_calls(*tree, names, has_subquery);
  }
  for (const auto& [name, called] : calls) {
    const auto [at, is_new] = uses_.emplace(name, FunctionUse::allowed);
    if (called.second) at->second = FunctionUse::unstable;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [name, called] : calls) {
      FunctionUse use = uses_[name];
      for (const std::string& callee : called.first) {
        const auto at = uses_.find(callee);
        use = worse(use, at == uses_.end() ? FunctionUse::allowed : at->second);
      }
      if (use != uses_[name]) {
        uses_[name] = use;
        changed = true;
      }
    }
  }
  for (const std::string& name : tables) uses_.emplace(name, FunctionUse::table);
  for (const auto& [name, use] : uses_) {
    if (use == FunctionUse::allowed && name.front() >= 'a' && name.front() <= 'z') names_.push_back(name);
  }
  return {};
}

FunctionUse FunctionCatalog::use(const std::string& name, size_t argument_count) const {
  if (name == "unnest" || name == "unlist") return FunctionUse::table;
  if (name == "age" && argument_count == 1) return FunctionUse::unstable;  // up to today
  const auto at = uses_.find(name);
  return at == uses_.end() ? FunctionUse::unknown : at->second;
}

}  // namespace weir::expression
