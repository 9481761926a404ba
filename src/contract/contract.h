/// \file
/// Data contracts: what the events of a source look like, which rules they obey, and what becomes of those that do not.
///
/// The file's words follow the Open Data Contract Standard v3.1 where the meaning is equal: name, version, description,
/// tags, required. Its shape, key by key, is the JSON Schema that file_schema() gives.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/schema.h"
#include "columnar/text_format.h"
#include "config/document.h"
#include "config/references.h"
#include "config/type_shape.h"
#include "contract/literal.h"

namespace weir::contract {

inline constexpr size_t kColumnsMax = 10'000;  ///< of a contract, fields of structs included
inline constexpr size_t kRulesMax = 2000;
inline constexpr size_t kRegexRulesMax = 256;  ///< each may take megabytes for its automaton

/// What becomes of a row that breaks a rule. From the mildest on; when a row breaks several rules, the gravest action
/// is taken.
enum class RuleAction : uint8_t {
  warn,    ///< keep the row, count it
  drop,    ///< leave the row out of the table, count it
  reject,  ///< move the event to the dead letter; the default
  fail,    ///< stop the pipeline
};

enum class RuleKind : uint8_t { not_null, range, accepted_values, regex, length, sql };

std::string_view to_string(RuleAction action);
std::string_view to_string(RuleKind kind);

/// One rule. Null passes every rule except not_null (and what a SQL rule makes of it: null there counts as passed,
/// too).
struct Rule {
  std::string name;  ///< unique in the contract; made of column and kind when the file gives none
  RuleKind kind = RuleKind::not_null;
  RuleAction action = RuleAction::reject;
  std::string column;          ///< dotted path ("geo.lat"); empty for sql
  std::optional<Literal> min;  ///< range; inclusive; NaN is outside of every range
  std::optional<Literal> max;
  /// length: characters of text, bytes of binary, elements of a list or map; inclusive.
  std::optional<int64_t> length_min;
  std::optional<int64_t> length_max;
  std::vector<Literal> accepted;  ///< accepted_values
  /// regex: RE2 syntax; a match anywhere in the text passes, as in ODCS and JSON Schema: anchor with ^ and $.
  std::string pattern;
  std::string sql;            ///< sql: a boolean expression over the columns; Weir's operator evaluates it
  config::Location location;  ///< of the rule, or of the expression of a sql rule
};

/// One column of the table and how events carry it.
struct ColumnContract {
  Field field;  ///< with its id
  TextFormat format;
  std::vector<std::string> tags;
  config::Location location;
};

struct Contract {
  std::string name;
  std::string version;
  std::string description;
  std::vector<std::string> tags;
  SchemaPtr schema;                     ///< ids as assign_ids() gives them
  std::vector<ColumnContract> columns;  ///< parallel to the fields of `schema`
  std::optional<size_t> event_time;     ///< index of the column that says when the event happened
  UnknownFields unknown_fields = UnknownFields::warn;
  std::vector<Rule> rules;  ///< those of the columns in their order, then those of `rules:`
  std::string file;
};

/// What load() gives back of a contract with errors.
enum class OnErrors : uint8_t {
  nothing,
  as_far_as_read,  ///< what there is when all columns could be read, a misspelt type as the nearest: to find more
                   ///< errors
};

/// Reads a contract. Adds every error there is to `diagnostics`, with line and column, and returns nothing when there
/// is one, or what `on_errors` says.
std::optional<Contract> load(const config::Document& document, const config::References& references,
                             config::Diagnostics& diagnostics, OnErrors on_errors = OnErrors::nothing);
/// As above, from the text of `file`.
std::optional<Contract> load(const std::string& file, std::string_view text, const config::References& references,
                             config::Diagnostics& diagnostics);

/// The JSON Schema (draft 2020-12) of contract files.
std::string file_schema();

/// For the binder.
std::span<const config::EnumName> enum_names(RuleAction);

}  // namespace weir::contract

namespace weir {
/// For the binder.
std::span<const config::EnumName> enum_names(UnknownFields);
}  // namespace weir
