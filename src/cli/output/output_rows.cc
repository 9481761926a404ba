#include "base/check.h"
#include "cli/output/output_rows_internal.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<OutputColumn> kListColumns = {
    {"table", "table", "string", false, "NAMESPACE.TABLE"},
    {"rows", "rows", "integer", true, "rows now; null when the table's writer did not say"},
    {"files", "files", "integer", true, "data files now"},
    {"bytes", "bytes", "integer", true, "of the data files now"},
    {"snapshots", "snapshots", "integer", false, "in the table's history"}};

const std::vector<OutputColumn> kSnapshotColumns = {
    {"snapshot", "snapshot", "integer", false, "its id"},
    {"committed", "committed", "string", false, "when, in UTC"},
    {"operation", "operation", "string", false, "append, overwrite, replace or delete"},
    {"rows", "rows", "integer", true, "rows added"},
    {"files", "files", "integer", true, "data files added"},
    {"bytes", "bytes", "integer", true, "of the data files added"},
    {"total_rows", "total rows", "integer", true, "rows of the table after it"},
    {"progress", "progress", "object", true,
     "of the sources, by name, that the commit recorded; null for other writers"}};

const std::vector<OutputColumn> kFileColumns = {
    {"partition", "partition", "string", false, "as in the path; empty for an unpartitioned table"},
    {"rows", "rows", "integer", false, ""},
    {"bytes", "bytes", "integer", false, ""},
    {"file", "file", "string", false, "its location"}};

const std::vector<OutputColumn> kHistoryColumns = {
    {"made_current", "made current", "string", false, "when, in UTC"},
    {"snapshot", "snapshot", "integer", false, "its id"},
    {"parent", "parent", "integer", true, "id of the snapshot before it"},
    {"is_ancestor", "is ancestor", "boolean", false, "whether the current snapshot descends from it"}};

}  // namespace

void print_rows(Environment& environment, const std::vector<OutputColumn>& columns,
                const std::vector<OutputRow>& rows) {
  if (environment.json) {
    Json all = Json::array();
    for (const OutputRow& row : rows) {
      Json object = Json::object();
      for (size_t c = 0; c < columns.size(); ++c) object[columns[c].key] = row[c].json;
      all.push_back(std::move(object));
    }
    environment.console.out(all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    return;
  }
  std::vector<std::vector<std::string>> table(1);
  for (const OutputColumn& column : columns) table[0].emplace_back(column.title);
  for (const OutputRow& row : rows) {
    table.emplace_back();
    for (const OutputCell& cell : row) table.back().push_back(cell.text);
  }
  environment.console.out(format_table(std::move(table)));
}

Json rows_schema(const std::string& title, const std::vector<OutputColumn>& columns) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const OutputColumn& column : columns) {
    Json property = {{"type", column.type}};
    if (column.may_be_null) property["type"] = {column.type, "null"};
    if (*column.doc != '\0') property["description"] = column.doc;
    properties[column.key] = std::move(property);
    required.push_back(column.key);
  }
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", title},
          {"type", "array"},
          {"items",
           {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}}}};
}

const std::vector<OutputColumn>& table_columns(const std::string& action) {
  if (action == "list") return kListColumns;
  if (action == "snapshots") return kSnapshotColumns;
  if (action == "files") return kFileColumns;
  WEIR_CHECK(action == "history");
  return kHistoryColumns;
}

}  // namespace weir::cli
