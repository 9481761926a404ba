/// \file
/// The contract file as it is written, before its parts are checked against each other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/binding.h"
#include "contract/contract.h"

namespace weir::contract {

struct NotNullSpec {
  bool enabled = true;
  std::optional<RuleAction> action;
};

struct RangeSpec {
  std::optional<config::Node> min;
  std::optional<config::Node> max;
  std::optional<RuleAction> action;
};

struct AcceptedValuesSpec {
  std::vector<config::Node> values;
  std::optional<RuleAction> action;
};

struct RegexSpec {
  std::string pattern;
  std::optional<RuleAction> action;
};

struct LengthSpec {
  std::optional<int64_t> min;
  std::optional<int64_t> max;
  std::optional<RuleAction> action;
};

/// The named rules; each at most once.
struct NamedRules {
  std::optional<config::Located<NotNullSpec>> not_null;
  std::optional<config::Located<RangeSpec>> range;
  std::optional<config::Located<AcceptedValuesSpec>> accepted_values;
  std::optional<config::Located<RegexSpec>> regex;
  std::optional<config::Located<LengthSpec>> length;
};

struct ColumnSpec;
struct ElementSpec;

/// A type and what belongs to it.
struct TypeSpec {
  std::string type;
  std::optional<config::Located<std::string>> format;
  std::optional<config::Located<std::string>> zone;
  std::optional<config::Located<std::string>> finer;
  std::optional<config::Located<std::string>> accept;
  std::optional<config::Located<std::string>> decimal;
  std::vector<config::Located<ColumnSpec>> fields;
  std::unique_ptr<config::Located<ElementSpec>> element;
  std::unique_ptr<config::Located<ElementSpec>> key;
  std::unique_ptr<config::Located<ElementSpec>> value;
};

/// A list's element, a map's key or value.
struct ElementSpec {
  TypeSpec type;
  bool required = false;
  std::string description;
};

struct ColumnSpec {
  std::string name;
  TypeSpec type;
  bool required = false;
  std::string description;
  std::vector<std::string> tags;
  std::optional<config::Located<std::string>> from;
  std::optional<config::Located<config::Node>> default_value;
  NamedRules rules;
};

struct RuleSpec {
  std::string name;
  std::optional<config::Located<std::string>> column;
  std::optional<RuleAction> action;
  NamedRules rules;
  std::optional<config::Located<std::string>> sql;
};

/// What becomes of fields that no column reads.
struct UnknownFieldsSpec {
  std::optional<UnknownFields> policy;
  std::optional<config::Located<std::string>> keep;
};

struct ContractSpec {
  std::string contract;
  std::string version;
  std::string description;
  std::vector<std::string> tags;
  std::vector<config::Located<ColumnSpec>> columns;
  std::optional<config::Located<std::string>> event_time;
  UnknownFieldsSpec unknown_fields;
  std::vector<config::Located<RuleSpec>> rules;
};

void describe(config::Description& d, NotNullSpec& s);
void describe(config::Description& d, RangeSpec& s);
void describe(config::Description& d, AcceptedValuesSpec& s);
void describe(config::Description& d, RegexSpec& s);
void describe(config::Description& d, LengthSpec& s);
void describe(config::Description& d, ElementSpec& s);
void describe(config::Description& d, ColumnSpec& s);
void describe(config::Description& d, RuleSpec& s);
void describe(config::Description& d, UnknownFieldsSpec& s);
void describe(config::Description& d, ContractSpec& s);

}  // namespace weir::contract
