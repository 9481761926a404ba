#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "base/suggest.h"
#include "expression/sql/sql_text_internal.h"
#include "expression/sql/syntax_check_internal.h"
#include "expression/sql/syntax_internal.h"

namespace weir::expression {
namespace {

constexpr std::string_view kSelect = "SELECT ";

size_t clip(int64_t position, size_t shift, std::string_view text) {
  return static_cast<size_t>(
      std::clamp<int64_t>(position - static_cast<int64_t>(shift), 0, static_cast<int64_t>(text.size())));
}

/// What makes a SELECT more than one expression; null when nothing does.
const char* extra_clause(const JsonValue& node) {
  struct Clause {
    std::string_view key;
    const char* name;
  };
  constexpr std::array<Clause, 8> kClauses = {{{"where_clause", "WHERE"},
                                               {"group_expressions", "GROUP BY"},
                                               {"group_sets", "GROUP BY"},
                                               {"having", "HAVING"},
                                               {"qualify", "QUALIFY"},
                                               {"sample", "USING SAMPLE"},
                                               {"modifiers", "ORDER BY, LIMIT or DISTINCT"},
                                               {"cte_map", "WITH"}}};
  if (node.text_of("type") != "SELECT_NODE") return "a set operation (UNION, INTERSECT, EXCEPT)";
  for (const Clause& clause : kClauses) {
    const JsonValue* part = node.find(clause.key);
    if (part == nullptr || part->kind == JsonValue::Kind::null) continue;
    const JsonValue* map = clause.key == "cte_map" ? part->find("map") : part;
    if (map != nullptr && (!map->items.empty() || !map->text.empty())) return clause.name;
  }
  const JsonValue* from = node.find("from_table");
  if (from != nullptr && from->text_of("type") != "EMPTY") return "FROM";
  if (node.text_of("aggregate_handling") != "STANDARD_HANDLING") return "GROUP BY";
  return nullptr;
}

/// The syntax tree of the one expression that `text` must be.
Result<JsonValue> parse_one(Engine& engine, std::string_view text, size_t& offset) {
  WEIR_TRY(check_sql_text(text, offset));
  WEIR_ASSIGN(JsonValue root, engine.impl().parse(std::string(kSelect) + std::string(text)));
  offset = 0;
  const JsonValue* failed = root.find("error");
  if (failed == nullptr)
    return Error(ErrorKind::limit_exceeded, "the expression is too deep or too complex to be read");
  if (failed->is_true()) {
    offset = clip(std::atoll(std::string(root.text_of("position")).c_str()), kSelect.size(), text);
    const std::string message = read_duck_error(std::string(root.text_of("error_message")).c_str()).message;
    // DuckDB's word for a second statement that is no SELECT.
    if (message.starts_with("Only SELECT statements can be serialized"))
      return Error(ErrorKind::invalid_argument, "several statements; one expression is wanted");
    return Error(ErrorKind::invalid_argument, message);
  }
  JsonValue* statements = root.find("statements");
  if (statements == nullptr || statements->items.size() != 1)
    return Error(ErrorKind::invalid_argument, "several statements; one expression is wanted");
  JsonValue* node = statements->items[0].find("node");
  if (node == nullptr) return Error(ErrorKind::internal, "DuckDB's syntax tree has another form than expected");
  if (const char* clause = extra_clause(*node))
    return Error(ErrorKind::unsupported, std::string(clause) + " cannot be used here; one expression is wanted");
  JsonValue* list = node->find("select_list");
  if (list == nullptr || list->items.size() != 1)
    return Error(ErrorKind::invalid_argument, "several expressions; one is wanted");
  return std::move(list->items[0]);
}

/// Equal but for places in the text.
bool same_meaning(const JsonValue& a, const JsonValue& b) {
  if (a.kind != b.kind || a.key != b.key || a.items.size() != b.items.size()) return false;
  if (a.key != "query_location" && a.text != b.text) return false;
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!same_meaning(a.items[i], b.items[i])) return false;
  }
  return true;
}

/// As same_meaning(), where one expression may have a name of its own.
bool same_but_alias(JsonValue a, JsonValue b) {
  for (JsonValue* node : {&a, &b})
    std::erase_if(node->items, [](const JsonValue& item) { return item.key == "alias"; });
  return same_meaning(a, b);
}

/// For people who write text in double quotes, as other languages have it.
std::string quotes_hint(const Error& error, std::string_view text, size_t offset) {
  if (offset >= text.size() || text[offset] != '"' || !error.message().starts_with("there is no column")) return {};
  const size_t end = text.find('"', offset + 1);
  if (end == std::string_view::npos || end - offset > 66) return {};
  return "; double quotes are for names, text stands in single quotes: '" +
         std::string(text.substr(offset + 1, end - offset - 1)) + "'";
}

Result<void> check_tree(Engine& engine, const JsonValue& tree, std::string_view text, const Schema& input,
                        ParsedItem& item, size_t& offset) {
  SyntaxCheck check(engine.impl().functions, input);
  Result<void> checked = check.check(tree);
  if (!checked.ok()) {
    offset = check.offset() < 0 ? 0 : clip(check.offset(), kSelect.size(), text);
    const std::string hint = quotes_hint(checked.error(), text, offset);
    return hint.empty() ? checked : Error(checked.error().kind(), checked.error().message() + hint);
  }
  item.columns.assign(check.columns().begin(), check.columns().end());
  return {};
}

size_t find_ignoring_case(std::string_view text, std::string_view name) {
  const size_t at = to_lower(text).find(to_lower(name));
  return at == std::string::npos ? 0 : at;
}

/// `*` or `* exclude (a, b)`.
Result<void> read_star(const JsonValue& tree, std::string_view text, const Schema& input, ParsedItem& item,
                       size_t& offset) {
  const JsonValue* columns = tree.find("columns");
  for (const std::string_view part : {"replace_list", "rename_list"}) {
    const JsonValue* list = tree.find(part);
    if (list != nullptr && !list->items.empty()) {
      return Error(ErrorKind::unsupported,
                   "'* replace' and '* rename' cannot be used here; write '* exclude (...)' and the changed columns as "
                   "items of their own");
    }
  }
  if ((columns != nullptr && columns->is_true()) || !tree.text_of("relation_name").empty()) {
    return Error(ErrorKind::unsupported, "of the forms with a star only '*' and '* exclude (...)' can be used");
  }
  std::set<int> excluded;
  const JsonValue* list = tree.find("exclude_list");
  const JsonValue* qualified = tree.find("qualified_exclude_list");
  if (qualified != nullptr && !qualified->items.empty() && (list == nullptr || list->items.empty())) {
    return Error(ErrorKind::unsupported, "only whole columns can be excluded");
  }
  if (list != nullptr) {
    for (const JsonValue& name : list->items) {
      Result<int> column = resolve_column(input, name.text);
      if (!column.ok()) {
        const size_t star = text.find('*');
        const size_t from = star == std::string_view::npos ? 0 : star + 1;
        offset = from + find_ignoring_case(text.substr(from), name.text);
        return std::move(column).error();
      }
      excluded.insert(*column);
    }
  }
  item.kind = ParsedItem::Kind::all_columns;
  for (size_t i = 0; i < input.size(); ++i) {
    if (!excluded.contains(static_cast<int>(i))) item.columns.push_back(static_cast<int>(i));
  }
  return {};
}

Result<void> cut_alias(Engine& engine, const JsonValue& tree, std::string_view text, ParsedItem& item, size_t& offset) {
  const std::optional<SqlPart> part = without_alias(text);
  if (part) {
    item.sql = text.substr(part->begin, part->end - part->begin);
    item.sql_begin = part->begin;
    size_t unused = 0;
    Result<JsonValue> alone = parse_one(engine, item.sql, unused);
    if (alone.ok() && same_but_alias(tree, *alone)) return {};
  }
  offset = 0;
  return Error(ErrorKind::invalid_argument, "cannot tell the expression from its name; write: expression as name");
}

}  // namespace

Result<ParsedItem> parse_condition(Engine& engine, std::string_view text, const Schema& input, size_t& offset) {
  WEIR_ASSIGN(const JsonValue tree, parse_one(engine, text, offset));
  ParsedItem item;
  item.sql = text;
  if (!tree.text_of("alias").empty())
    return Error(ErrorKind::invalid_argument,
                 "a condition has no name; leave out 'as " + std::string(tree.text_of("alias")) + "'");
  WEIR_TRY(check_tree(engine, tree, text, input, item, offset));
  return item;
}

Result<ParsedItem> parse_select_item(Engine& engine, std::string_view text, const Schema& input, size_t& offset) {
  WEIR_ASSIGN(const JsonValue tree, parse_one(engine, text, offset));
  ParsedItem item;
  item.sql = text;
  if (tree.text_of("class") == "STAR" && tree.find("expr") == nullptr) {
    WEIR_TRY(read_star(tree, text, input, item, offset));
    return item;
  }
  WEIR_TRY(check_tree(engine, tree, text, input, item, offset));
  item.alias = tree.text_of("alias");
  if (tree.text_of("class") == "COLUMN_REF") {
    std::vector<std::string> names;
    for (const JsonValue& name : tree.find("column_names")->items) names.push_back(name.text);
    WEIR_ASSIGN(item.path, resolve_path(input, names));
    item.kind = ParsedItem::Kind::reference;
    return item;
  }
  if (!item.alias.empty()) WEIR_TRY(cut_alias(engine, tree, text, item, offset));
  return item;
}

}  // namespace weir::expression
