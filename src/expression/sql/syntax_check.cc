#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/suggest.h"
#include "expression/duck/growth_internal.h"
#include "expression/sql/syntax_check_internal.h"

namespace weir::expression {
namespace {

constexpr std::array<std::string_view, 10> kAllowedClasses = {
    "CASE", "CAST", "COLLATE", "COMPARISON", "CONJUNCTION", "CONSTANT", "OPERATOR", "BETWEEN", "TYPE", "LAMBDA_REF"};

std::vector<std::string> texts(const JsonValue* array) {
  std::vector<std::string> all;
  if (array == nullptr) return all;
  all.reserve(array->items.size());
  for (const JsonValue& item : array->items) all.push_back(item.text);
  return all;
}

std::vector<std::string> names_of(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

/// Index of the field called `name`; -1 none, -2 several.
int find_field(const std::vector<Field>& fields, std::string_view name) {
  const std::string wanted = to_lower(name);
  int found = -1;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (to_lower(fields[i].name) != wanted) continue;
    if (found >= 0) return -2;
    found = static_cast<int>(i);
  }
  return found;
}

Error ambiguous(std::string_view name) {
  return Error(ErrorKind::invalid_argument, "'" + std::string(name) +
                                                "' is ambiguous: several columns have this name but for upper and "
                                                "lower case, which SQL does not tell apart; rename one");
}

}  // namespace

Result<int> resolve_column(const Schema& input, std::string_view name) {
  const int found = find_field(input.fields(), name);
  if (found == -2) return ambiguous(name);
  if (found == -1) {
    return Error(ErrorKind::invalid_argument,
                 "there is no column '" + std::string(name.substr(0, 128)) + "'" + did_you_mean(name, input.names()));
  }
  return found;
}

Result<std::vector<int>> resolve_path(const Schema& input, const std::vector<std::string>& names) {
  WEIR_ASSIGN(const int column, resolve_column(input, names[0]));
  std::vector<int> path = {column};
  const Field* field = &input.field(static_cast<size_t>(column));
  for (size_t i = 1; i < names.size(); ++i) {
    if (field->type->kind() != TypeKind::structure) {
      return Error(ErrorKind::invalid_argument, "'" + field->name + "' is of type " + field->type->to_string() +
                                                    " and has no field '" + names[i].substr(0, 128) + "'");
    }
    const std::vector<Field>& fields = field->type->fields();
    const int at = find_field(fields, names[i]);
    if (at == -2) return ambiguous(names[i]);
    if (at == -1) {
      return Error(ErrorKind::invalid_argument, "'" + field->name + "' has no field '" + names[i].substr(0, 128) + "'" +
                                                    did_you_mean(names[i], names_of(fields)));
    }
    path.push_back(at);
    field = &fields[static_cast<size_t>(at)];
  }
  return path;
}

Error SyntaxCheck::refuse(const JsonValue& node, ErrorKind kind, std::string message) {
  const std::string_view location = node.text_of("query_location");
  if (offset_ < 0 && !location.empty() && location.size() < 10)
    offset_ = std::strtoll(std::string(location).c_str(), nullptr, 10);
  return Error(kind, std::move(message));
}

Result<void> SyntaxCheck::check_children(const JsonValue& node) {
  for (const JsonValue& item : node.items) {
    if (item.kind == JsonValue::Kind::object || item.kind == JsonValue::Kind::array) WEIR_TRY(check_node(item));
  }
  return {};
}

Result<void> SyntaxCheck::check(const JsonValue& tree) {
  WEIR_TRY(check_node(tree));
  const JsonValue* culprit = &tree;
  Result<int64_t> growth = growth_of(tree, culprit);
  if (!growth.ok()) return refuse(*culprit, growth.error().kind(), growth.error().message());
  return {};
}

Result<void> SyntaxCheck::check_node(const JsonValue& node) {
  const std::string_view node_class = node.text_of("class");
  if (node_class.empty()) return check_children(node);
  if (node_class == "COLUMN_REF") return check_column(node);
  if (node_class == "FUNCTION") return check_function(node);
  if (node_class == "LAMBDA") return check_lambda(node);
  if (node_class == "SUBQUERY") {
    const bool is_any_of_list = node.text_of("subquery_type") == "ANY";
    return refuse(node, ErrorKind::unsupported,
                  std::string("a subquery cannot be used here: it would see one batch, not the stream") +
                      (is_any_of_list ? "; to look into a list write list_contains(list, value)" : ""));
  }
  if (node_class == "WINDOW") {
    return refuse(node, ErrorKind::unsupported,
                  "the window function '" + std::string(node.text_of("function_name")) +
                      "' cannot be used here: it would see one batch, not the stream");
  }
  if (node_class == "STAR")
    return refuse(node, ErrorKind::unsupported, "'*' and COLUMNS() can only stand alone, as an item of a select list");
  if (node_class == "PARAMETER")
    return refuse(node, ErrorKind::unsupported, "parameters ('?', '$1') have no value here");
  if (node_class == "POSITIONAL_REFERENCE")
    return refuse(node, ErrorKind::unsupported,
                  "'#" + std::string(node.text_of("index")) + "': refer to columns by name");
  if (node_class == "OPERATOR" && node.text_of("type") == "GROUPING_FUNCTION")
    return refuse(node, ErrorKind::unsupported, "GROUPING() needs GROUP BY, which does not exist here");
  if (std::find(kAllowedClasses.begin(), kAllowedClasses.end(), node_class) == kAllowedClasses.end()) {
    return refuse(node, ErrorKind::unsupported, "'" + to_lower(node_class) + "' cannot be used in an expression");
  }
  return check_children(node);
}

Result<void> SyntaxCheck::check_column(const JsonValue& node) {
  const std::vector<std::string> names = texts(node.find("column_names"));
  if (names.empty()) return refuse(node, ErrorKind::unsupported, "an unnamed column cannot be used");
  const std::string lower = to_lower(names[0]);
  if (std::find(parameters_.begin(), parameters_.end(), lower) != parameters_.end()) return {};
  if (names.size() == 1 && is_sql_value_name(lower) && find_field(input_.fields(), lower) == -1) {
    return refuse(node, ErrorKind::unsupported,
                  "'" + names[0] +
                      "' cannot be used: it depends on the time or the session, so a replay would give other results");
  }
  Result<std::vector<int>> path = resolve_path(input_, names);
  if (!path.ok()) return refuse(node, path.error().kind(), path.error().message());
  columns_.insert(path->front());
  return {};
}

Result<void> SyntaxCheck::check_lambda(const JsonValue& node) {
  const JsonValue* left = node.find("lhs");
  const JsonValue* body = node.find("expr");
  if (left == nullptr || body == nullptr) return refuse(node, ErrorKind::unsupported, "this lambda cannot be used");
  // `a -> b` is a lambda or takes a value out of JSON: only DuckDB's binder can tell. Names on the left that are
  // columns count as read.
  const size_t scope = parameters_.size();
  std::vector<const JsonValue*> names = {left};
  if (left->text_of("class") == "FUNCTION" && left->text_of("function_name") == "row") {
    names.clear();
    if (const JsonValue* parts = left->find("children")) {
      for (const JsonValue& part : parts->items) names.push_back(&part);
    }
  }
  for (const JsonValue* name : names) {
    const std::vector<std::string> parts = texts(name->find("column_names"));
    if (name->text_of("class") == "COLUMN_REF" && parts.size() == 1) {
      const int column = find_field(input_.fields(), parts[0]);
      if (column >= 0) columns_.insert(column);
      parameters_.push_back(to_lower(parts[0]));
    } else {
      WEIR_TRY(check_node(*name));
    }
  }
  Result<void> checked = check_node(*body);
  parameters_.resize(scope);
  return checked;
}

Result<void> SyntaxCheck::check_function(const JsonValue& node) {
  const std::string name = to_lower(node.text_of("function_name"));
  const JsonValue* arguments = node.find("children");
  const size_t argument_count = arguments == nullptr ? 0 : arguments->items.size();
  // a.upper() reads as the function "upper" of a schema "a", which may be a column.
  for (const std::string_view part : {"catalog", "schema"}) {
    const std::string qualifier(node.text_of(part));
    const std::string lower = to_lower(qualifier);
    if (lower.empty() || lower == "main" || lower == "pg_catalog" || lower == "system") continue;
    const std::string written = qualifier + "." + name + "(...)";
    const std::string better = name + "(" + qualifier + ")";
    return refuse(node, ErrorKind::unsupported, "'" + written + "': write the function first, " + better);
  }
  switch (functions_.use(name, argument_count)) {
    case FunctionUse::allowed: break;
    case FunctionUse::unknown:
      return refuse(node, ErrorKind::invalid_argument,
                    "there is no function '" + name.substr(0, 128) + "'" + did_you_mean(name, functions_.names()));
    case FunctionUse::aggregate:
      return refuse(
          node, ErrorKind::unsupported,
          "the aggregate function '" + name + "' cannot be used here: it would see one batch, not the stream");
    case FunctionUse::table:
      return refuse(node, ErrorKind::unsupported,
                    "'" + name + "' cannot be used here: it gives rows, not one value a row");
    case FunctionUse::unstable:
      return refuse(node, ErrorKind::unsupported,
                    "the function '" + name +
                        "' cannot be used: it depends on more than its arguments (time, chance or session), so a "
                        "replay would give other results");
  }
  const JsonValue* distinct = node.find("distinct");
  if (node.find("filter") != nullptr || (distinct != nullptr && distinct->is_true())) {
    return refuse(node, ErrorKind::unsupported, "FILTER and DISTINCT belong to aggregates, which cannot be used here");
  }
  if ((name.starts_with("list_aggr") || name.starts_with("array_aggr")) && argument_count > 1) {
    const std::string aggregate = to_lower(literal_text(arguments->items[1]));
    if (aggregate.starts_with("reservoir") || functions_.use(aggregate, 1) == FunctionUse::unstable) {
      return refuse(node, ErrorKind::unsupported, "'" + aggregate + "' cannot be used: it draws random numbers");
    }
  }
  return check_children(node);
}

}  // namespace weir::expression
