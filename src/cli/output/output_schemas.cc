#include <map>

#include "base/check.h"
#include "cli/output/output_rows_internal.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

// Bodies of the schemas of what is no table of rows. The docs tier checks the commands' real output against them.

constexpr const char* kRun = R"({"title": "weir run --json", "type": "object", "properties": {
  "pipeline": {"type": "string"},
  "warehouse": {"type": "string", "description": "folder of the catalog that was written"},
  "events": {"type": "integer", "description": "read in this run"},
  "bytes": {"type": "integer", "description": "of these events"},
  "rows_landed": {"type": "integer"},
  "rejected": {"type": "integer", "description": "landed in the dead letter"},
  "left_out": {"type": "integer", "description": "by filters, and by rules with action drop"},
  "commits": {"type": "integer"},
  "recovered_commits": {"type": "integer", "description": "of an earlier process, completed by this one"},
  "files_left": {"type": "array", "items": {"type": "string"}, "description": "paths of files that changed too lately to be read (`settle`); a later run reads them"},
  "abandoned_epoch": {"type": "boolean", "description": "a stop gave up uncommitted events; the next start reads them"},
  "took_ms": {"type": "integer"},
  "counters": {"type": "object", "additionalProperties": {"type": "integer"}},
  "tables": {"type": "array", "items": {"type": "object", "properties": {
    "sink": {"type": "string"}, "table": {"type": "string"}, "rows": {"type": "integer"}, "files": {"type": "integer"},
    "bytes": {"type": "integer"}, "snapshot": {"type": "integer", "description": "the last one of this run; 0: none"}},
    "required": ["sink", "table", "rows", "files", "bytes", "snapshot"], "additionalProperties": false}},
  "steps": {"type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"}, "rows_in": {"type": "integer"}, "rows_out": {"type": "integer"},
    "rejected": {"type": "integer"}, "cpu_ms": {"type": "number"}},
    "required": ["name", "rows_in", "rows_out", "rejected", "cpu_ms"], "additionalProperties": false}},
  "progress": {"type": "object", "description": "as docs/formats/progress.md says"}},
 "required": ["pipeline", "warehouse", "events", "bytes", "rows_landed", "rejected", "left_out", "commits", "recovered_commits",
  "abandoned_epoch", "files_left", "took_ms", "counters", "tables", "steps", "progress"], "additionalProperties": false})";

constexpr const char* kPlan = R"({"title": "weir plan --json", "type": "object", "properties": {
  "pipeline": {"type": "string"},
  "warehouse": {"type": "string"},
  "tables": {"type": "array", "items": {"type": "object", "properties": {
    "sink": {"type": "string"}, "table": {"type": "string"},
    "action": {"enum": ["create", "none", "alter", "fits", "conflicts"]},
    "changes": {"type": "array", "description": "action alter: what a run does to the columns first", "items": {"type": "object",
      "properties": {
        "kind": {"enum": ["add_column", "widen_type", "make_optional", "describe"]},
        "path": {"type": "string"}, "before": {"type": ["string", "null"]}, "after": {"type": "string"}},
      "required": ["kind", "path", "before", "after"], "additionalProperties": false}},
    "differences": {"type": "array", "items": {"type": "object", "properties": {
      "path": {"type": "string"}, "text": {"type": "string"}, "blocks": {"type": "boolean"}},
      "required": ["path", "text", "blocks"], "additionalProperties": false}},
    "ddl": {"type": "string", "description": "action create: the table as text"}},
    "required": ["sink", "table", "action", "changes", "differences"], "additionalProperties": false}},
  "state": {"type": "array", "description": "what the steps remember, against the last checkpoint", "items": {
    "type": "object", "properties": {"step": {"type": "string"}, "table": {"type": "string"},
    "match": {"enum": ["restored", "migrated", "new", "left_behind", "refused"]},
    "why": {"type": "string", "description": "refused: why it cannot be read"}},
    "required": ["step", "table", "match"], "additionalProperties": false}},
  "stops": {"type": ["object", "null"], "description": "why a run would refuse to start, though each table alone may fit",
    "properties": {"error": {"type": "string"}, "text": {"type": "string"}}, "required": ["error", "text"],
    "additionalProperties": false},
  "sources": {"type": "array", "description": "what is not read yet", "items": {"type": "object", "properties": {
    "source": {"type": "string"}, "unread_count": {"type": "integer", "description": "files, or partitions"},
    "unread": {"type": "array", "description": "the first 100", "items": {"type": "object", "properties": {
      "name": {"type": "string"}, "from": {"type": "integer", "description": "record or offset"}},
      "required": ["name", "from"], "additionalProperties": false}},
    "bytes": {"type": ["integer", "null"], "description": "as stored; null: not known"},
    "events": {"type": ["integer", "null"], "description": "null: not known"},
    "files_left": {"type": "array", "items": {"type": "string"}, "description": "changed too lately to be read"},
    "error": {"type": ["object", "null"], "description": "it does not answer, or cannot be read on", "properties": {
      "error": {"type": "string"}, "text": {"type": "string"}}, "required": ["error", "text"], "additionalProperties": false}},
    "required": ["source", "unread_count", "unread", "bytes", "events", "files_left", "error"], "additionalProperties": false}},
  "other_writers": {"type": "array", "description": "rows that others wrote, by the snapshots that are kept", "items": {
    "type": "object", "properties": {"table": {"type": "string"},
    "pipeline": {"type": ["string", "null"], "description": "null: no pipeline of Weir"}, "rows": {"type": "integer"},
    "snapshots": {"type": "integer"}}, "required": ["table", "pipeline", "rows", "snapshots"], "additionalProperties": false}},
  "sample": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/sample"}]},
  "against": {"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#/$defs/sample"}, {"type": "object", "properties": {
    "file": {"type": "string"}, "difference_count": {"type": "integer"},
    "differences": {"type": "array", "description": "the first 1000", "items": {"type": "object", "properties": {
      "position": {"type": "string", "description": "PARTITION:OFFSET of SINK, or of the step that rejected"},
      "before": {"type": ["string", "null"], "description": "by the pipeline; null: nothing became of it"},
      "after": {"type": ["string", "null"], "description": "by the other file"}},
      "required": ["position", "before", "after"], "additionalProperties": false}}},
    "required": ["file", "difference_count", "differences"]}]}]}},
 "required": ["pipeline", "warehouse", "tables", "state", "stops", "sources", "other_writers", "sample", "against"],
 "additionalProperties": false,
 "$defs": {"sample": {"type": "object", "properties": {
   "events": {"type": "integer"}, "rejected": {"type": "integer"},
   "reasons": {"type": ["object", "null"], "additionalProperties": {"type": "integer"}},
   "first_rejects": {"type": "array", "items": {"type": "string"}},
   "sinks": {"type": "array", "items": {"type": "object", "properties": {
     "sink": {"type": "string"}, "table": {"type": "string"}, "rows": {"type": "integer"},
     "partitions": {"type": "integer", "description": "that the rows fall into: a file each in every commit"},
     "rows_a_file": {"type": "integer", "description": "about so many, by all that is unread"},
     "many_small_files": {"type": "boolean"},
     "first_rows": {"type": "array", "items": {"type": "string"}, "description": "as JSON"}},
     "required": ["sink", "table", "rows", "partitions", "rows_a_file", "many_small_files", "first_rows"],
     "additionalProperties": false}}},
   "required": ["events", "rejected", "reasons", "first_rejects", "sinks"]}}})";

constexpr const char* kDiagnostics = R"({"title": "weir validate --json", "type": "array",
  "description": "Also what every other command prints with --json when its pipeline file is wrong.",
  "items": {"type": "object", "properties": {
    "file": {"type": "string"}, "line": {"type": "integer", "description": "from 1; 0: not known"},
    "column": {"type": "integer", "description": "from 1, in code points; 0: not known"},
    "path": {"type": "string", "description": "the keys that lead there"},
    "severity": {"enum": ["error", "warning"]}, "message": {"type": "string"}},
  "required": ["file", "line", "column", "path", "severity", "message"], "additionalProperties": false}})";

constexpr const char* kTest =
    R"({"title": "weir test --json", "type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"}, "file": {"type": "string"}, "line": {"type": "integer"}, "passed": {"type": "boolean"},
    "differences": {"type": "array", "items": {"type": "string"}}},
  "required": ["name", "file", "line", "passed", "differences"], "additionalProperties": false}})";

constexpr const char* kProgress = R"({"title": "weir progress --json", "type": "object",
  "description": "The pipeline's state in its first table, as docs/formats/table-properties.md says."})";

constexpr const char* kSavepoint = R"({"title": "weir savepoint --json", "type": "object", "properties": {
  "savepoint": {"type": "string", "description": "its folder: what weir run --from takes"},
  "pipeline": {"type": "string"},
  "commit": {"type": "string", "description": "commit key of the last epoch that it covers"},
  "taken_at": {"type": "string"},
  "steps": {"type": "array", "items": {"type": "string"}, "description": "that have state"},
  "state_bytes": {"type": "integer"},
  "progress": {"type": "object", "description": "as docs/formats/progress.md says"}},
 "required": ["savepoint", "pipeline", "commit", "taken_at", "steps", "state_bytes", "progress"],
 "additionalProperties": false})";

constexpr const char* kWhy = R"({"title": "weir why --json", "type": "object", "properties": {
    "position": {"type": "string"},
    "verdict": {"enum": ["not_read", "committed", "rejected", "filtered", "in_state", "landed"],
      "description": "committed: and not rejected; more cannot be told"},
    "table": {"type": ["string", "null"]},
    "snapshot": {"type": ["integer", "null"], "description": "of that table, in which the event's epoch was committed"},
    "rejects": {"type": "array", "description": "of the dead letter: one for each part of the pipeline that rejected the event",
      "items": {"type": "object", "properties": {"error_class": {"type": "string"},
      "rule": {"type": ["string", "null"]}, "column": {"type": ["string", "null"]}, "message": {"type": "string"},
      "step": {"type": ["string", "null"], "description": "the part; null in rows of a release before"},
      "outputs": {"type": ["string", "null"], "description": "sinks whose tables do not get the event for this reason"}},
      "required": ["error_class", "rule", "column", "message", "step", "outputs"], "additionalProperties": false}},
    "nodes": {"type": "array", "items": {"type": "string"}, "description": "the parts of the pipeline that it went through"}},
  "required": ["position", "verdict", "table", "snapshot", "rejects", "nodes"], "additionalProperties": false})";

constexpr const char* kTry = R"({"title": "weir try --json", "type": "object", "properties": {
    "accepted": {"type": "integer"}, "rejected": {"type": "integer"},
    "rejects": {"type": "array", "description": "the first ones, as many as --rows says", "items": {"type": "object", "properties": {
      "event": {"type": "integer", "description": "number of the event, from 0"}, "error_class": {"type": "string"},
      "rule": {"type": ["string", "null"]}, "column": {"type": ["string", "null"]}, "message": {"type": "string"},
      "byte": {"type": ["integer", "null"], "description": "in raw, where the cause stands"}, "raw": {"type": "string"}},
      "required": ["event", "error_class", "rule", "column", "message", "byte", "raw"], "additionalProperties": false}}},
  "required": ["accepted", "rejected", "rejects"], "additionalProperties": false})";

constexpr const char* kVersion = R"({"title": "weir version --json", "type": "object", "properties": {
    "version": {"type": "string"}, "revision": {"type": "string", "description": "of the sources"}},
  "required": ["version", "revision"], "additionalProperties": false})";

}  // namespace

std::string output_schema(const std::string& command) {
  static const std::map<std::string, const char*> kBodies = {
      {"run", kRun},   {"plan", kPlan},         {"validate", kDiagnostics},
      {"test", kTest}, {"progress", kProgress}, {"savepoint", kSavepoint},
      {"why", kWhy},   {"try", kTry},           {"version", kVersion}};
  const std::string_view table = "table-";
  if (command.starts_with(table)) {
    const std::string action = command.substr(table.size());
    return rows_schema("weir table " + action + " --json", table_columns(action)).dump(2) + "\n";
  }
  const auto found = kBodies.find(command);
  WEIR_CHECK(found != kBodies.end());
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  schema.update(Json::parse(found->second));
  return schema.dump(2) + "\n";
}

}  // namespace weir::cli
