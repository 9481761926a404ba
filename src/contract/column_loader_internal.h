/// \file
/// From written columns to schema fields and decoding hints.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "contract/contract_spec_internal.h"

namespace weir::contract {

/// The rules that stand with a column, and the column's path in the table.
struct ColumnRules {
  const NamedRules* rules;
  TypePtr type;
  std::string column;
  std::string path;  ///< in the file
};

/// Checks and converts columns. Errors go to the diagnostics; a column without a usable type is left out and noted as
/// broken.
class ColumnLoader {
 public:
  ColumnLoader(const config::Document& document, config::Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  /// Converts all columns; ids are not assigned yet.
  std::vector<ColumnContract> load(const std::vector<config::Located<ColumnSpec>>& columns);

  /// Makes the column that `name` says take the fields that no other reads.
  void keep_unknown(const config::Located<std::string>& name, std::vector<ColumnContract>& columns);

  const std::vector<ColumnRules>& rules() const { return rules_; }
  /// Paths of columns (dotted) that had errors of their own: nothing more is said about them.
  const std::set<std::string, std::less<>>& broken() const { return broken_; }

 private:
  struct Loaded {
    Field field;
    TextFormat format;
  };
  /// Where a column stands: dotted path of what it is inside of, and whether a list or map is around it.
  struct Place {
    std::string prefix;
    bool repeated = false;
  };

  void error(const std::string& path, std::string message) {
    diagnostics_.error(document_.locate(path), std::move(message));
  }
  bool is_written(const std::string& path, std::string_view key) const {
    return document_.find(config::path_key(path, key)) != nullptr;
  }
  std::optional<Loaded> load_column(const ColumnSpec& spec, const std::string& path, const Place& place);
  void check_names(const std::vector<config::Located<ColumnSpec>>& columns);
  void check_name(const config::Located<ColumnSpec>& column);
  TypePtr load_type(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format);
  TypePtr load_struct(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format);
  TypePtr load_list(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format);
  TypePtr load_map(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format);
  TypePtr load_primitive(const TypeSpec& spec, const std::string& path);
  std::optional<Loaded> load_element(const ElementSpec& spec, const std::string& path, const Place& place);
  void refuse_parts(const TypeSpec& spec, const std::string& path, std::initializer_list<std::string_view> allowed);
  void load_format(const TypeSpec& spec, const Type& type, const std::string& path, TextFormat& format);
  void load_time_format(const TypeSpec& spec, const Type& type, const std::string& path, TextFormat& format);
  void load_pattern(const TypeSpec& spec, const Type& type, const std::string& path, TextFormat& format);
  void load_zone(const TypeSpec& spec, const std::string& path, TextFormat& format);
  void load_number_format(const TypeSpec& spec, const Type& type, const std::string& path, TextFormat& format);
  void load_origin(const ColumnSpec& spec, const Type& type, const std::string& path, const Place& place,
                   TextFormat& format);
  void note_rules(const ColumnSpec& spec, const TypePtr& type, const std::string& path, const Place& place);

  const config::Document& document_;
  config::Diagnostics& diagnostics_;
  std::vector<ColumnRules> rules_;
  std::set<std::string, std::less<>> broken_;
  size_t count_ = 0;
};

}  // namespace weir::contract
