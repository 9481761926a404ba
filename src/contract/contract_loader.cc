#include <algorithm>
#include <set>
#include <utility>

#include "base/suggest.h"
#include "contract/column_loader_internal.h"
#include "contract/regex_internal.h"

namespace weir::contract {
namespace {

using config::Located;
using config::path_key;

constexpr size_t kNameBytesMax = 128;
constexpr size_t kSuggestionsMax = 50;
constexpr size_t kSqlBytesMax = 64 * 1024;

/// Checks and converts rules. One use.
class RuleLoader {
 public:
  RuleLoader(const config::Document& document, config::Diagnostics& diagnostics, const ColumnLoader& columns,
             Contract& contract)
      : document_(document), diagnostics_(diagnostics), columns_(columns), contract_(contract) {
    for (const Field& field : contract.schema->fields()) note_paths(field, "");
  }

  void load(const std::vector<Located<RuleSpec>>& rules) {
    for (const ColumnRules& column : columns_.rules())
      load_named(*column.rules, *column.type, {column.column, column.path, "", std::nullopt});
    for (const Located<RuleSpec>& rule : rules) load_rule(*rule, rule.location.path);
  }

  /// The column that `event_time` names, checked.
  void load_event_time(const std::optional<config::Located<std::string>>& name) {
    if (!name) return;
    const std::string path = path_key("", "event_time");
    const Type* type = find_type(**name, path);
    if (type == nullptr) return;
    const int index = contract_.schema->find(**name);
    if (index < 0) return error(path, "the event time is a column of its own, not a field of a struct");
    if (type->kind() != TypeKind::timestamp && type->kind() != TypeKind::timestamptz)
      return error(path,
                   "'" + **name + "' is a " + type->to_string() + "; the event time is a timestamp or timestamptz");
    contract_.event_time = static_cast<size_t>(index);
  }

 private:
  struct Context {
    std::string column;
    std::string path;  ///< of what holds the rule's key
    std::string name;  ///< empty = make one
    std::optional<RuleAction> action;
  };

  void error(const std::string& path, std::string message) {
    diagnostics_.error(document_.locate(path), std::move(message));
  }

  void note_paths(const Field& field, const std::string& prefix) {
    paths_.push_back(prefix + field.name);
    if (field.type->kind() != TypeKind::structure) return;
    for (const Field& inside : field.type->fields()) note_paths(inside, prefix + field.name + ".");
  }

  /// The type at a dotted path through structs, or null after saying why there is none.
  const Type* find_type(const std::string& column, const std::string& path) {
    const std::vector<Field>* fields = &contract_.schema->fields();
    std::string_view rest = column;
    while (true) {
      const std::string_view name = rest.substr(0, rest.find('.'));
      const std::string_view so_far(column.data(), static_cast<size_t>(name.data() + name.size() - column.data()));
      const auto at =
          std::find_if(fields->begin(), fields->end(), [&](const Field& field) { return field.name == name; });
      if (at == fields->end()) {
        if (columns_.broken().find(so_far) == columns_.broken().end())
          error(path, "there is no column '" + column + "'" + nearest_column(column));
        return nullptr;
      }
      if (name.size() == rest.size()) return at->type.get();
      rest.remove_prefix(name.size() + 1);
      if (at->type->kind() != TypeKind::structure) {
        error(path, "'" + column + "' leads into a " + at->type->to_string() +
                        "; only columns and fields of structs can be named");
        return nullptr;
      }
      fields = &at->type->fields();
    }
  }

  /// Looks at all columns, which may be many: not for every one of many errors.
  std::string nearest_column(const std::string& column) const {
    return diagnostics_.error_count() < kSuggestionsMax ? did_you_mean(column, paths_) : std::string();
  }

  void load_rule(const RuleSpec& spec, const std::string& path) {
    if (spec.sql) {
      if (spec.column)
        error(path_key(path, "column"), "a sql rule names its columns in the expression; remove 'column'");
      if (spec.name.empty()) error(path, "a sql rule needs a 'name'");
      Rule rule;
      rule.kind = RuleKind::sql;
      rule.sql = **spec.sql;
      if (rule.sql.size() > kSqlBytesMax)
        error(path_key(path, "sql"), "an expression of more than " + std::to_string(kSqlBytesMax / 1024) + " KiB");
      rule.location = spec.sql->location;
      return add(std::move(rule), {"", path, spec.name, spec.action}, std::nullopt, path_key(path, "sql"));
    }
    if (!spec.column) return error(path, "the rule needs a 'column'");
    if (const Type* type = find_type(**spec.column, path_key(path, "column"))) {
      load_named(spec.rules, *type, {**spec.column, path, spec.name, spec.action});
    }
  }

  void load_named(const NamedRules& rules, const Type& type, const Context& context) {
    if (rules.not_null && (*rules.not_null)->enabled) {
      Rule rule;
      rule.kind = RuleKind::not_null;
      add(std::move(rule), context, (*rules.not_null)->action, path_key(context.path, "not_null"));
    }
    if (rules.range) load_range(**rules.range, type, context);
    if (rules.accepted_values) load_accepted_values(**rules.accepted_values, type, context);
    if (rules.regex) load_regex(**rules.regex, type, context);
    if (rules.length) load_length(**rules.length, type, context);
  }

  void load_range(const RangeSpec& spec, const Type& type, const Context& context) {
    const std::string path = path_key(context.path, "range");
    if (type.kind() < TypeKind::int32 || type.kind() > TypeKind::timestamptz) {
      return error(
          path, "a range is for numbers, dates and times; '" + context.column + "' is of the type " + type.to_string());
    }
    Rule rule;
    rule.kind = RuleKind::range;
    const auto bound = [&](const std::optional<config::Node>& node, std::string_view key, std::optional<Literal>& out) {
      if (!node) return true;
      auto literal = parse_literal(*node, type);
      if (!literal.ok()) {
        error(path_key(path, key), literal.error().message());
        return false;
      }
      out = std::move(literal).value();
      return true;
    };
    const bool min_good = bound(spec.min, "min", rule.min);
    const bool max_good = bound(spec.max, "max", rule.max);
    if (!min_good || !max_good || (!rule.min && !rule.max)) return;
    if (rule.min && rule.max && *rule.min > *rule.max) {
      return error(path, "min " + spec.min->text() + " lies above max " + spec.max->text() + ": no value could pass");
    }
    add(std::move(rule), context, spec.action, path);
  }

  void load_accepted_values(const AcceptedValuesSpec& spec, const Type& type, const Context& context) {
    const std::string path = path_key(context.path, "accepted_values");
    const TypeKind kind = type.kind();
    if (type.is_nested() || kind == TypeKind::float32 || kind == TypeKind::float64 || kind == TypeKind::binary ||
        kind == TypeKind::fixed) {
      return error(path, "accepted values are for text, whole numbers, decimals, dates, times, UUIDs and booleans; '" +
                             context.column + "' is of the type " + type.to_string());
    }
    Rule rule;
    rule.kind = RuleKind::accepted_values;
    std::set<Literal> seen;
    bool good = !spec.values.empty();
    for (const config::Node& node : spec.values) {
      const config::Location location{document_.file(), node.begin(), path};
      if (node.kind() == config::NodeKind::null) {
        diagnostics_.error(location, "null passes every rule but not_null; remove it");
        good = false;
        continue;
      }
      auto literal = parse_literal(node, type);
      if (!literal.ok()) {
        diagnostics_.error(location, literal.error().message());
        good = false;
      } else if (!seen.insert(*literal).second) {
        diagnostics_.error(location, "the value " + node.text() + " is there twice");
        good = false;
      } else {
        rule.accepted.push_back(std::move(literal).value());
      }
    }
    if (good) add(std::move(rule), context, spec.action, path);
  }

  void load_regex(const RegexSpec& spec, const Type& type, const Context& context) {
    const std::string path = path_key(context.path, "regex");
    if (type.kind() != TypeKind::string)
      return error(path, "a regex is for text; '" + context.column + "' is of the type " + type.to_string());
    if (spec.pattern.empty()) return;
    if (++regex_count_ > kRegexRulesMax) {
      if (regex_count_ == kRegexRulesMax + 1)
        error(path, "more than " + std::to_string(kRegexRulesMax) + " regex rules; combine patterns with |");
      return;
    }
    if (auto regex = compile_regex(spec.pattern); !regex.ok()) return error(path, regex.error().message());
    Rule rule;
    rule.kind = RuleKind::regex;
    rule.pattern = spec.pattern;
    add(std::move(rule), context, spec.action, path);
  }

  void load_length(const LengthSpec& spec, const Type& type, const Context& context) {
    const std::string path = path_key(context.path, "length");
    const TypeKind kind = type.kind();
    if (kind != TypeKind::string && kind != TypeKind::binary && kind != TypeKind::list && kind != TypeKind::map) {
      return error(path, "a length is for text, binary, lists and maps; '" + context.column + "' is of the type " +
                             type.to_string());
    }
    if (!spec.min && !spec.max) return;
    if (spec.min && spec.max && *spec.min > *spec.max) {
      return error(path, "min " + std::to_string(*spec.min) + " lies above max " + std::to_string(*spec.max) +
                             ": no value could pass");
    }
    Rule rule;
    rule.kind = RuleKind::length;
    rule.length_min = spec.min;
    rule.length_max = spec.max;
    add(std::move(rule), context, spec.action, path);
  }

  /// Gives the rule its name, action and place.
  void add(Rule rule, const Context& context, std::optional<RuleAction> inner_action, const std::string& path) {
    if (contract_.rules.size() >= kRulesMax) {
      if (!std::exchange(too_many_, true)) error(path, "more than " + std::to_string(kRulesMax) + " rules");
      return;
    }
    if (inner_action && context.action) error(path, "the action is given twice; keep one");
    rule.action = inner_action ? *inner_action : context.action.value_or(RuleAction::reject);
    rule.column = context.column;
    if (rule.location.path.empty()) rule.location = document_.locate(path);
    rule.name = context.name.empty() ? context.column + "_" + std::string(to_string(rule.kind)) : context.name;
    const std::string name_path = context.name.empty() ? path : path_key(context.path, "name");
    const bool control = std::any_of(rule.name.begin(), rule.name.end(), [](unsigned char c) { return c < 0x20; });
    if (control || (!context.name.empty() && rule.name.size() > kNameBytesMax)) {
      error(name_path,
            "a rule's name has at most " + std::to_string(kNameBytesMax) + " bytes and no control characters");
    }
    if (!names_.insert(rule.name).second) {
      error(name_path, "two rules are called '" + rule.name + "'" +
                           (context.name.empty() ? "; give this one a name under 'rules:'" : ""));
    }
    contract_.rules.push_back(std::move(rule));
  }

  const config::Document& document_;
  config::Diagnostics& diagnostics_;
  const ColumnLoader& columns_;
  Contract& contract_;
  std::vector<std::string> paths_;
  std::set<std::string> names_;
  size_t regex_count_ = 0;
  bool too_many_ = false;
};

}  // namespace

std::string_view to_string(RuleAction action) {
  switch (action) {
    case RuleAction::warn: return "warn";
    case RuleAction::drop: return "drop";
    case RuleAction::reject: return "reject";
    case RuleAction::fail: return "fail";
  }
  return "reject";
}

std::string_view to_string(RuleKind kind) {
  switch (kind) {
    case RuleKind::not_null: return "not_null";
    case RuleKind::range: return "range";
    case RuleKind::accepted_values: return "accepted_values";
    case RuleKind::regex: return "regex";
    case RuleKind::length: return "length";
    case RuleKind::sql: return "sql";
  }
  return "sql";
}

std::optional<Contract> load(const config::Document& document, const config::References& references,
                             config::Diagnostics& diagnostics, OnErrors on_errors) {
  const size_t errors = diagnostics.error_count();
  ContractSpec spec;
  config::bind(document, references, spec, diagnostics);
  Contract contract;
  contract.name = spec.contract;
  contract.version = spec.version;
  contract.description = spec.description;
  contract.tags = spec.tags;
  contract.file = document.file();
  ColumnLoader columns(document, diagnostics);
  contract.columns = columns.load(spec.columns);
  std::vector<Field> fields;
  for (const ColumnContract& column : contract.columns) fields.push_back(column.field);
  fields = assign_ids(fields);
  for (size_t i = 0; i < fields.size(); ++i) contract.columns[i].field = fields[i];
  contract.unknown_fields = spec.unknown_fields.policy.value_or(UnknownFields::warn);
  if (spec.unknown_fields.keep) columns.keep_unknown(*spec.unknown_fields.keep, contract.columns);
  contract.schema = std::make_shared<const Schema>(std::move(fields));
  RuleLoader rules(document, diagnostics, columns, contract);
  rules.load(spec.rules);
  rules.load_event_time(spec.event_time);
  const bool is_usable = on_errors == OnErrors::as_far_as_read && columns.broken().empty() && !contract.columns.empty();
  if (diagnostics.error_count() != errors && !is_usable) return std::nullopt;
  return contract;
}

std::optional<Contract> load(const std::string& file, std::string_view text, const config::References& references,
                             config::Diagnostics& diagnostics) {
  const auto document = config::parse(file, text, diagnostics);
  if (!document) return std::nullopt;
  return load(*document, references, diagnostics);
}

}  // namespace weir::contract
