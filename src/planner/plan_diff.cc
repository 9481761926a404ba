#include "planner/plan_diff.h"

#include "planner/partition_text.h"

namespace weir::planner {
namespace {

std::string type_text(const Type& type, const std::string& indent) {
  if (type.kind() != TypeKind::structure) return type.to_string();
  std::string text = "struct<\n";
  for (size_t i = 0; i < type.fields().size(); ++i) {
    const Field& field = type.fields()[i];
    text += indent + "  " + field.name + ": " + type_text(*field.type, indent + "  ") +
            (field.required ? " not null" : "") + (i + 1 < type.fields().size() ? ",\n" : ">");
  }
  return text;
}

Result<TableDiff> diff_table(const std::string& sink, const lake::TableDefinition& wanted, lake::Catalog* catalog) {
  TableDiff diff{.sink = sink, .table = wanted.table, .action = TableAction::create, .differences = {}, .ddl = {}};
  if (catalog != nullptr) {
    Result<lake::LoadedTable> loaded = catalog->load(wanted.table);
    if (loaded.ok()) {
      iceberg::SchemaDiff schemas =
          iceberg::compare_schemas(*wanted.schema, *loaded->metadata->current_schema().schema);
      diff.action = schemas.fit == iceberg::SchemaFit::equal  ? TableAction::none
                    : schemas.fit == iceberg::SchemaFit::fits ? TableAction::fits
                                                              : TableAction::conflicts;
      diff.differences = std::move(schemas.differences);
      return diff;
    }
    if (loaded.error().kind() != ErrorKind::not_found) return std::move(loaded).error();
  }
  diff.ddl = create_table_text(wanted);
  return diff;
}

}  // namespace

std::string create_table_text(const lake::TableDefinition& definition) {
  std::string text = "create table " + definition.table.to_string() + " (\n";
  for (size_t i = 0; i < definition.schema->size(); ++i) {
    const Field& field = definition.schema->field(i);
    text += "  " + field.name + " " + type_text(*field.type, "  ") + (field.required ? " not null" : "") +
            (i + 1 < definition.schema->size() ? "," : "");
    text += field.doc.empty() ? "\n" : "  -- " + field.doc + "\n";
  }
  text += ")";
  if (!definition.spec.is_unpartitioned()) {
    text += " partitioned by (";
    for (size_t i = 0; i < definition.spec.fields.size(); ++i) {
      text += (i == 0 ? "" : ", ") + partition_field_text(definition.spec.fields[i], *definition.schema);
    }
    text += ")";
  }
  return text + "\n";
}

Result<std::vector<TableDiff>> diff_plan(const Plan& plan, lake::Catalog* catalog) {
  std::vector<TableDiff> all;
  for (const PlannedSink& sink : plan.sinks) {
    WEIR_ASSIGN(TableDiff diff, diff_table(sink.name, sink.definition, catalog));
    all.push_back(std::move(diff));
  }
  WEIR_ASSIGN(TableDiff dead_letter, diff_table(std::string(kDeadLetterSink), plan.dead_letter, catalog));
  all.push_back(std::move(dead_letter));
  return all;
}

}  // namespace weir::planner
