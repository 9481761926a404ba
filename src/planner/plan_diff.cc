#include "planner/plan_diff.h"

#include "iceberg/partition/partition_text.h"

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

/// "day(ts), origin"; "nothing" for a table without partitions. A field of another engine that was taken out of use is
/// no part of it.
std::string partition_text(const iceberg::PartitionSpec& spec, const Schema& schema) {
  std::string text;
  for (const iceberg::PartitionField& field : spec.fields) {
    if (field.transform.to_string() == "void") continue;
    text += (text.empty() ? "" : ", ") + iceberg::partition_field_text(field, schema);
  }
  return text.empty() ? "nothing" : text;
}

/// What differs besides the columns and stays as the table has it.
void add_other_differences(const lake::TableDefinition& wanted, const iceberg::TableMetadata& table, TableDiff& diff) {
  const std::string partition = partition_text(table.default_spec(), *table.current_schema().schema);
  const std::string wanted_partition = partition_text(wanted.spec, *wanted.schema);
  if (partition != wanted_partition) {
    diff.differences.push_back({.path = "partitioning",
                                .text = "is by " + partition + " in the table and by " + wanted_partition +
                                        " here; a run writes by the table's own",
                                .blocks = false});
  }
  for (const auto& [key, value] : wanted.properties) {
    const auto found = table.properties.find(key);
    if (found != table.properties.end() && found->second == value) continue;
    const std::string there = found == table.properties.end() ? "is not set" : "is '" + found->second + "'";
    diff.differences.push_back({.path = "property " + key,
                                .text = there + " in the table and '" + value + "' here; a run leaves it so",
                                .blocks = false});
  }
}

/// The columns of a table that is there: what a run would change, what stands in its way, what stays different.
void diff_columns(const Schema& wanted, const iceberg::TableMetadata& table, const iceberg::EvolutionRules& rules,
                  TableDiff& diff) {
  iceberg::SchemaEvolution evolution = iceberg::evolve_schema(wanted, table, rules);
  const SchemaPtr& after = evolution.schema ? evolution.schema : table.current_schema().schema;
  const bool is_refused = !evolution.refused.empty();
  diff.differences = std::move(evolution.refused);
  for (iceberg::SchemaDifference& one : iceberg::compare_schemas(wanted, *after).differences) {
    if (!one.blocks) diff.differences.push_back(std::move(one));
  }
  if (!is_refused) diff.changes = std::move(evolution.changes);
  diff.action = is_refused                 ? TableAction::conflicts
                : !diff.changes.empty()    ? TableAction::alter
                : diff.differences.empty() ? TableAction::none
                                           : TableAction::fits;
}

/// A table that a run would write, under which name.
struct WantedTable {
  std::string sink;
  const lake::TableDefinition& definition;
  iceberg::EvolutionRules evolution;
};

Result<TableDiff> diff_table(const WantedTable& wanted, lake::Catalog* catalog) {
  TableDiff diff{.sink = wanted.sink,
                 .table = wanted.definition.table,
                 .action = TableAction::create,
                 .changes = {},
                 .differences = {},
                 .ddl = {}};
  if (catalog != nullptr) {
    Result<lake::LoadedTable> loaded = catalog->load(diff.table);
    if (loaded.ok()) {
      diff_columns(*wanted.definition.schema, *loaded->metadata, wanted.evolution, diff);
      add_other_differences(wanted.definition, *loaded->metadata, diff);
      if (diff.action == TableAction::none && !diff.differences.empty()) diff.action = TableAction::fits;
      return diff;
    }
    if (loaded.error().kind() != ErrorKind::not_found) return std::move(loaded).error();
  }
  diff.ddl = create_table_text(wanted.definition);
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
      text += (i == 0 ? "" : ", ") + iceberg::partition_field_text(definition.spec.fields[i], *definition.schema);
    }
    text += ")";
  }
  return text + "\n";
}

std::vector<lake::TargetTable> target_tables(const Plan& plan) {
  std::vector<lake::TargetTable> targets;
  for (const PlannedSink& sink : plan.sinks)
    targets.push_back({.sink = sink.name, .table = sink.definition.table, .is_lead = sink.is_lead});
  targets.push_back({.sink = std::string(kDeadLetterSink), .table = plan.dead_letter.table, .is_dead_letter = true});
  return targets;
}

iceberg::EvolutionRules dead_letter_evolution(const Plan& plan) {
  return {.mode = iceberg::EvolutionMode::safe, .new_columns = plan.dead_letter.schema->names()};
}

Result<std::vector<TableDiff>> diff_plan(const Plan& plan, lake::Catalog* catalog) {
  std::vector<TableDiff> all;
  for (const PlannedSink& sink : plan.sinks) {
    WEIR_ASSIGN(TableDiff diff,
                diff_table({.sink = sink.name, .definition = sink.definition, .evolution = sink.evolution}, catalog));
    all.push_back(std::move(diff));
  }
  const WantedTable wanted{
      .sink = std::string(kDeadLetterSink), .definition = plan.dead_letter, .evolution = dead_letter_evolution(plan)};
  WEIR_ASSIGN(TableDiff dead_letter, diff_table(wanted, catalog));
  all.push_back(std::move(dead_letter));
  return all;
}

}  // namespace weir::planner
