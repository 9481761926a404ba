#include "iceberg/schema/schema_evolution.h"

#include <algorithm>
#include <cctype>

#include "iceberg/metadata/name_mapping.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

/// The highest id of a column; those above are reserved (specification, "Reserved Field IDs").
constexpr int32_t kFieldIdMax = 2147483447;

bool is_same_but_for_case(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// True when the values of one column could be those of the other, under another name.
bool could_be_renamed(const Type& from, const Type& to) {
  if (from.is_nested() || to.is_nested()) return from.kind() == to.kind();
  return from == to || widens_to(from, to) || widens_to(to, from);
}

std::string join(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

/// Goes through two schemas side by side and builds the next one.
class Evolution {
 public:
  Evolution(const TableMetadata& table, const EvolutionRules& rules)
      : rules_(rules), last_id_(table.last_column_id), identifier_(identifier_field_ids(table.current_schema().json)) {}

  std::vector<Field> evolve_fields(const std::vector<Field>& wanted, const std::vector<Field>& table,
                                   const std::string& parent) {
    std::vector<Field> next = table;
    for (Field& field : next) {
      const std::string path = join(parent, field.name);
      if (const Field* ours = find_name(wanted, field.name)) {
        describe(*ours, field, path);
        evolve_field(*ours, field, path);
      } else if (field.required) {
        refuse(path,
               "is required in the table and missing here: keep it as an optional column, which a run makes it in the "
               "table too; then it may be left out");
      }
    }
    for (const Field& field : wanted) {
      if (find_name(table, field.name) == nullptr) add_column(field, wanted, table, parent, next);
    }
    return next;
  }

  SchemaEvolution result;

 private:
  void refuse(std::string path, std::string text) {
    result.refused.push_back({.path = std::move(path), .text = std::move(text), .blocks = true});
  }
  void change(SchemaChangeKind kind, const std::string& path, std::string before, std::string after) {
    result.changes.push_back({.kind = kind, .path = path, .before = std::move(before), .after = std::move(after)});
  }

  void describe(const Field& wanted, Field& field, const std::string& path) {
    if (wanted.doc.empty() || wanted.doc == field.doc) return;
    change(SchemaChangeKind::describe, path, field.doc, wanted.doc);
    field.doc = wanted.doc;
  }

  void evolve_field(const Field& wanted, Field& field, const std::string& path) {
    if (field.required && !wanted.required) make_optional(field, path);
    const Type& ours = *wanted.type;
    const Type& theirs = *field.type;
    if (ours.is_nested() && ours.kind() == theirs.kind()) {
      field.type = evolve_nested(ours, theirs, path);
    } else if (ours == theirs || widens_to(ours, theirs)) {
      return;
    } else if (widens_to(theirs, ours)) {
      change(SchemaChangeKind::widen_type, path, theirs.to_string(), ours.to_string());
      field.type = wanted.type;
    } else {
      refuse(path, "is " + theirs.to_string() + " in the table and " + ours.to_string() +
                       " here: only int becomes long, float double, and a decimal one of more digits; keep the "
                       "table's type here, or write the values to a column of another name");
    }
  }

  void make_optional(Field& field, const std::string& path) {
    if (std::find(identifier_.begin(), identifier_.end(), field.id) != identifier_.end()) {
      refuse(path,
             "identifies the table's rows and may be null here: make it required here, or take it out of the "
             "table's identifier");
      return;
    }
    change(SchemaChangeKind::make_optional, path, "required", "optional");
    field.required = false;
  }

  TypePtr evolve_nested(const Type& ours, const Type& theirs, const std::string& path) {
    if (ours.kind() == TypeKind::structure) return Type::structure(evolve_fields(ours.fields(), theirs.fields(), path));
    if (ours.kind() == TypeKind::list) {
      Field element = theirs.element();
      evolve_field(ours.element(), element, join(path, element.name));
      return Type::list(std::move(element));
    }
    const SchemaDiff key = compare_schemas(Schema({ours.key()}), Schema({theirs.key()}));
    if (key.fit == SchemaFit::differs) {
      refuse(join(path, theirs.key().name), "is " + theirs.key().type->to_string() + " in the table and " +
                                                ours.key().type->to_string() +
                                                " here: the key of a map never changes; keep the table's type here");
    }
    Field value = theirs.value();
    evolve_field(ours.value(), value, join(path, value.name));
    return Type::map(theirs.key(), std::move(value));
  }

  void add_column(const Field& field, const std::vector<Field>& wanted, const std::vector<Field>& table,
                  const std::string& parent, std::vector<Field>& next) {
    const std::string path = join(parent, field.name);
    const std::string missing = "is not in the table (" + field.type->to_string() + ")";
    for (const Field& other : table) {
      if (is_same_but_for_case(other.name, field.name))
        return refuse(path, missing + ", which has '" + other.name + "': most readers take the two for one column; " +
                                "write it by the table's name");
    }
    for (const Field& other : table) {
      if (find_name(wanted, other.name) != nullptr || !could_be_renamed(*other.type, *field.type) || is_new(path))
        continue;
      return refuse(path, missing + ", and '" + join(parent, other.name) +
                              "' of the table is no longer written. If that is its old name, rename it in the table "
                              "first; if it is a new column, name it in the sink: `new_columns: [" +
                              path + "]`");
    }
    std::vector<Field> added = assign_ids(std::span(&field, 1), last_id_ + 1);
    const int32_t highest = Schema(added).id_max();
    if (highest > kFieldIdMax || highest <= last_id_) return refuse(path, missing + ", whose column ids are used up");
    last_id_ = highest;
    added[0].required = false;
    change(SchemaChangeKind::add_column, path, "", field.type->to_string());
    next.push_back(std::move(added[0]));
  }

  bool is_new(const std::string& path) const {
    return std::find(rules_.new_columns.begin(), rules_.new_columns.end(), path) != rules_.new_columns.end();
  }

  const EvolutionRules& rules_;
  int32_t last_id_;
  std::vector<int32_t> identifier_;
};

/// The update that makes `fields` the columns of the table. A schema that the table has had before is taken again.
void add_schema(const TableMetadata& table, std::vector<Field> fields, SchemaEvolution& evolution) {
  const std::vector<int32_t> identifier = identifier_field_ids(table.current_schema().json);
  int32_t highest = 0;
  for (const auto& stored : table.schemas) {
    highest = std::max(highest, stored->id);
    const bool is_it =
        stored->schema && stored->schema->fields() == fields && identifier_field_ids(stored->json) == identifier;
    if (!is_it) continue;
    evolution.schema = stored->schema;
    evolution.updates = {SetCurrentSchema{stored->id}};
    return;
  }
  evolution.schema = std::make_shared<const Schema>(std::move(fields), highest + 1);
  evolution.updates = {
      AddSchema{.schema = evolution.schema, .identifier_field_ids = identifier, .last_column_id = table.last_column_id},
      SetCurrentSchema{-1}};
}

/// The commit that makes `fields` the columns of the table, and keeps a name mapping true that was made of the columns.
void add_commit(const TableMetadata& table, std::vector<Field> fields, SchemaEvolution& evolution) {
  evolution.requirements = {AssertTableUuid{table.table_uuid}, AssertCurrentSchemaId{table.current_schema_id},
                            AssertLastAssignedFieldId{table.last_column_id}};
  add_schema(table, std::move(fields), evolution);
  if (table.property(kNameMappingProperty) != name_mapping_to_json(*table.current_schema().schema)) return;
  evolution.updates.push_back(
      SetProperties{{{std::string(kNameMappingProperty), name_mapping_to_json(*evolution.schema)}}});
}

/// What keeps rows out of a table that is to stay as it is.
std::vector<SchemaDifference> blocking(const Schema& wanted, const Schema& table) {
  std::vector<SchemaDifference> all = compare_schemas(wanted, table).differences;
  std::erase_if(all, [](const SchemaDifference& one) { return !one.blocks; });
  for (SchemaDifference& one : all) one.text += ", and the sink's `evolution: none` leaves the table as it is";
  return all;
}

}  // namespace

std::string_view to_string(SchemaChangeKind kind) {
  switch (kind) {
    case SchemaChangeKind::add_column: return "add_column";
    case SchemaChangeKind::widen_type: return "widen_type";
    case SchemaChangeKind::make_optional: return "make_optional";
    case SchemaChangeKind::describe: return "describe";
  }
  return "";
}

std::string to_text(const SchemaChange& change) {
  switch (change.kind) {
    case SchemaChangeKind::add_column: return "+ " + change.path + " " + change.after;
    case SchemaChangeKind::describe: return "~ " + change.path + " described as '" + change.after + "'";
    default: return "~ " + change.path + " " + change.before + " -> " + change.after;
  }
}

SchemaEvolution evolve_schema(const Schema& wanted, const TableMetadata& table, const EvolutionRules& rules) {
  const Schema& current = *table.current_schema().schema;
  if (rules.mode == EvolutionMode::none) return {.changes = {}, .refused = blocking(wanted, current)};
  Evolution evolution(table, rules);
  std::vector<Field> fields = evolution.evolve_fields(wanted.fields(), current.fields(), "");
  SchemaEvolution result = std::move(evolution.result);
  if (result.refused.empty() && !result.changes.empty()) add_commit(table, std::move(fields), result);
  return result;
}

}  // namespace weir::iceberg
