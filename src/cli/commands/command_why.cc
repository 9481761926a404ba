#include <algorithm>
#include <charconv>
#include <set>

#include <nlohmann/json.hpp>

#include "base/civil_time.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/table_session.h"
#include "inference/sample.h"
#include "lake/commit/pipeline_tables.h"
#include "planner/plan_diff.h"
#include "planner/trace.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Events that are read to get at one: files are read from their beginning.
constexpr int64_t kReadBytesMax = int64_t{4} << 30;

struct EventPosition {
  std::string partition;  ///< "events/0"; "2026-01-01.ndjson"
  int64_t offset = 0;
};

Result<EventPosition> parse_position(const std::string& text) {
  const size_t colon = text.rfind(':');
  EventPosition position{.partition = text.substr(0, colon)};
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, position.offset);
    if (parsed.ec == std::errc() && parsed.ptr == end && position.offset >= 0 && !position.partition.empty())
      return position;
  }
  return Error(ErrorKind::invalid_argument,
               "'" + text + "' is not a position; write PARTITION:OFFSET, e.g. 2026-01-01.ndjson:89 or events/0:1200");
}

/// Whether `progress` of a source covers the event.
bool covers(const SourceProgress& progress, const EventPosition& position) {
  if (progress.find_finished(position.partition) != nullptr) return true;
  const auto found = progress.partitions.find(position.partition);
  return found != progress.partitions.end() && found->second.next > position.offset;
}

struct Answer {
  std::string verdict;  ///< not_read, committed, rejected, filtered, in_state, landed
  std::string text;
  std::optional<int64_t> snapshot;
  std::string table;
  std::vector<Json> rejects;
  std::vector<std::string> nodes;
};

/// The first snapshot kept whose commit moved the source past the event; null when an older one did.
const iceberg::Snapshot* committing_snapshot(const iceberg::TableMetadata& metadata, const std::string& source,
                                             const EventPosition& position) {
  const iceberg::Snapshot* first = nullptr;
  for (const auto& stored : metadata.snapshots) {
    const iceberg::Snapshot& snapshot = stored->snapshot;
    const auto text = snapshot.summary.find("weir.progress");
    if (text == snapshot.summary.end()) continue;
    const Result<Progress> progress = Progress::from_text(text->second);
    if (!progress.ok()) continue;
    const auto moved = progress->sources.find(source);
    if (moved == progress->sources.end() || !covers(moved->second, position)) continue;
    if (first == nullptr || snapshot.sequence_number < first->sequence_number) first = &snapshot;
  }
  return first;
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

Json json_of(expression::QueryResult& rows, int64_t row) {
  Json json = Json::object();
  for (size_t c = 0; c < rows.columns().size(); ++c) {
    std::string text;
    rows.append_text(row, c, text);
    json[rows.columns()[c].name] = rows.is_null(row, c) ? Json(nullptr) : Json(text);
  }
  return json;
}

/// More rows of one event are not shown: it has one for each part of the pipeline that rejected it.
constexpr int kRejectsMax = 100;

/// The dead letter's rows of the event.
Result<std::vector<Json>> find_rejects(Environment& environment, lake::Catalog& catalog, const planner::Plan& plan,
                                       const planner::PlannedSource& source, const EventPosition& position) {
  WEIR_ASSIGN(const std::unique_ptr<expression::QuerySession> session, expression::QuerySession::open());
  WEIR_ASSIGN(const lake::LoadedTable loaded, catalog.load(plan.dead_letter.table));
  WEIR_TRY(register_loaded(*session, loaded, *environment.store));
  const lake::TableIdentifier& table = plan.dead_letter.table;
  std::string topic = position.partition;
  std::string number = "0";
  if (const size_t slash = topic.rfind('/'); !source.bound.files && slash != std::string::npos) {
    number = topic.substr(slash + 1);
    topic.resize(slash);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) return std::vector<Json>();
  }
  // A table that no run of this release has changed yet does not say where.
  const bool says_where = loaded.metadata->current_schema().schema->find("outputs") >= 0;
  const std::string where =
      says_where ? "step, array_to_string(outputs, ', ') as outputs" : "null as step, null as outputs";
  const std::string sql = "select error_class, rule, \"column\", message, " + where + " from \"" + table.ns + "\".\"" +
                          table.name + "\" where pipeline = " + sql_text(plan.pipeline) +
                          " and source = " + sql_text(source.name) + " and topic = " + sql_text(topic) +
                          " and \"partition\" = " + number + " and \"offset\" = " + std::to_string(position.offset) +
                          " order by 5, 1, 2, 3, 4 limit " + std::to_string(kRejectsMax);
  WEIR_ASSIGN(const std::unique_ptr<expression::QueryResult> rows, session->run(sql));
  std::vector<Json> rejects;
  while (true) {
    WEIR_ASSIGN(const bool any, rows->next());
    if (!any) return rejects;
    for (int64_t row = 0; row < rows->rows(); ++row) rejects.push_back(json_of(*rows, row));
  }
}

/// What the dead letter says of the event, a line or two each.
std::string reject_text(const Json& reject) {
  const auto text = [&](const char* key) {
    return reject[key].is_null() ? "" : printable(reject[key].get<std::string>());
  };
  const std::string rule = text("rule");
  std::string line =
      "rejected: " + text("error_class") + (rule.empty() ? "" : " " + rule) + ": " + text("message") + "\n";
  if (!reject["step"].is_null()) line += "by " + text("step") + ", on its way to " + text("outputs") + "\n";
  return line;
}

/// The path of a file that a source with `pattern` calls `name`: below the folder that no wildcard has part in.
std::string path_of(Environment& environment, const std::string& pattern, const std::string& name) {
  const size_t wildcard = pattern.find_first_of("*?[");
  if (wildcard != std::string::npos) return pattern.substr(0, pattern.rfind('/', wildcard) + 1) + name;
  const Result<FileStat> facts = environment.files.stat(pattern);
  return (facts.ok() && facts->is_directory ? pattern : parent_directory(pattern)) + "/" + name;
}

/// The event itself, from its file; null when the file has fewer, or is gone.
Result<std::shared_ptr<const RawBatch>> read_event(Environment& environment, const planner::PlannedSource& source,
                                                   const EventPosition& position) {
  const std::string path = path_of(environment, source.bound.files->pattern, position.partition);
  if (!environment.files.stat(path).ok()) return std::shared_ptr<const RawBatch>();
  const inference::SampleRequest request{.files = {path}, .format = source.events.format, .bytes_max = kReadBytesMax};
  WEIR_ASSIGN(const inference::Sample sample, inference::read_sample(request, environment.files, environment.clock));
  for (const auto& batch : sample.batches) {
    for (size_t i = 0; i < batch->size(); ++i) {
      if (batch->offset(i) != position.offset) continue;
      RawBatchBuilder one;
      one.set_context(batch->context());
      one.add(batch->bytes(i), {.offset = batch->offset(i),
                                .timestamp_ms = batch->timestamp_ms(i),
                                .is_truncated = batch->is_truncated(i),
                                .fault = batch->is_broken(i) ? batch->fault(i) : std::string_view()});
      return one.finish();
    }
  }
  return std::shared_ptr<const RawBatch>();
}

/// The steps with state, by name: what they make of an event depends on those that came before it.
std::set<std::string> steps_with_state(const planner::Plan& plan) {
  std::set<std::string> names;
  for (const planner::PlannedStep& step : plan.steps) {
    for (const planner::PlannedOperator& one : step.operators) {
      if (one.bound.key) names.insert(one.name);
    }
  }
  return names;
}

void add_name(std::string& list, const std::string& name) {
  list += (list.empty() ? "" : ", ") + name;
}

/// What the steps of the pipeline make of it now: where it ends, and which sinks get it.
Result<void> trace(const planner::Plan& plan, size_t source, const std::shared_ptr<const RawBatch>& event,
                   Answer& answer) {
  WEIR_ASSIGN(const std::vector<planner::TracedNode> nodes, planner::trace_events(plan, source, event));
  const std::set<std::string> with_state = steps_with_state(plan);
  std::string landed;
  std::string ended;
  std::string kept;    // by steps with state, which may hand something on later
  std::string passed;  // steps with state, which knew nothing of what came before
  for (const planner::TracedNode& node : nodes) {
    const bool is_sink = std::any_of(plan.sinks.begin(), plan.sinks.end(),
                                     [&](const planner::PlannedSink& sink) { return sink.name == node.name; });
    if (node.stats.rows_in == 0) continue;
    const bool has_state = with_state.contains(node.name);
    const bool is_end = node.stats.rows_out == 0 && node.stats.rejected == 0;
    if (is_sink) add_name(landed, node.name);
    if (is_end && !is_sink) add_name(has_state ? kept : ended, node.name);
    if (!is_end && has_state) add_name(passed, node.name);
    answer.nodes.push_back(node.name);
  }
  if (!kept.empty()) {
    answer.verdict = "in_state";
    answer.text += "it is part of what '" + kept + "' hands on once event time has passed it\n";
  }
  if (!passed.empty()) answer.text += "unless '" + passed + "' had met its key before, or it came too late:\n";
  if (landed.empty() && !kept.empty()) return {};
  if (landed.empty() && !ended.empty()) {
    answer.verdict = "filtered";
    answer.text += "left out on purpose by '" + ended + "', a filter or a rule with action drop\n";
  } else if (!landed.empty()) {
    answer.verdict = "landed";
    answer.text += "its row landed by way of " + landed + (ended.empty() ? "" : "; '" + ended + "' left it out") + "\n";
  } else {
    answer.text +=
        "the pipeline as it is now would reject it, and the dead letter has no row of it: was the contract "
        "changed since?\n";
  }
  return {};
}

Result<Answer> answer_why(Environment& environment, const planner::Plan& plan, size_t source,
                          const EventPosition& position) {
  const planner::PlannedSource& planned = plan.sources[source];
  WEIR_ASSIGN(const std::unique_ptr<lake::Catalog> catalog,
              environment.open_catalog(plan.catalog, lake::CatalogAccess::read));
  WEIR_TRY(catalog->load(plan.sinks.front().definition.table));
  WEIR_ASSIGN(const lake::PipelineTables all_tables,
              lake::look_at_tables(*catalog, *environment.store, plan.pipeline, planner::target_tables(plan)));
  const lake::LeadRecord& state = all_tables.record;
  Answer answer;
  const auto progress = state.progress.sources.find(planned.name);
  if (progress == state.progress.sources.end() || !covers(progress->second, position)) {
    answer.verdict = "not_read";
    const auto partition = progress == state.progress.sources.end()
                               ? std::map<std::string, PartitionProgress, std::less<>>::const_iterator()
                               : progress->second.partitions.find(position.partition);
    const bool known = progress != state.progress.sources.end() && partition != progress->second.partitions.end();
    answer.text = known ? "not committed yet: the tables are at " + std::to_string(partition->second.next) + "\n"
                        : "not committed yet: the tables know nothing of '" + printable(position.partition) + "'\n";
    return answer;
  }
  std::vector<lake::TableIdentifier> tables;
  for (const planner::PlannedSink& sink : plan.sinks) tables.push_back(sink.definition.table);
  tables.push_back(plan.dead_letter.table);
  answer.verdict = "committed";
  for (const lake::TableIdentifier& table : tables) {
    WEIR_ASSIGN(const lake::LoadedTable loaded, catalog->load(table));
    const iceberg::Snapshot* snapshot = committing_snapshot(*loaded.metadata, planned.name, position);
    if (snapshot == nullptr) continue;
    answer.text += "committed " + format_datetime(snapshot->timestamp_ms / 1000 * 1'000'000) + "Z to " +
                   table.to_string() + " in snapshot " + std::to_string(snapshot->id) + "\n";
    if (!answer.snapshot) {
      answer.snapshot = snapshot->id;
      answer.table = table.to_string();
    }
  }
  if (!answer.snapshot) answer.text += "committed before the oldest snapshot that the tables keep\n";
  WEIR_ASSIGN(answer.rejects, find_rejects(environment, *catalog, plan, planned, position));
  if (!answer.rejects.empty()) {
    answer.verdict = "rejected";
    for (const Json& reject : answer.rejects) answer.text += reject_text(reject);
    answer.text += "its bytes are in " + plan.dead_letter.table.to_string() + "\n";
    return answer;
  }
  if (!planned.bound.files) {
    answer.text += "not rejected: its row landed, or a filter left it out\n";
    return answer;
  }
  WEIR_ASSIGN(const std::shared_ptr<const RawBatch> event, read_event(environment, planned, position));
  if (event == nullptr) {
    answer.text += "not rejected; its file has no such event now, so what the steps made of it cannot be shown\n";
    return answer;
  }
  WEIR_TRY(trace(plan, source, event, answer));
  return answer;
}

}  // namespace

int why_command(Environment& environment, const WhyArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return environment.plan_exit_code();
  const Result<EventPosition> position = parse_position(arguments.position);
  if (!position.ok()) return fail(environment, position.error());
  if (arguments.source.empty() && plan->sources.size() > 1) {
    return fail(environment,
                Error(ErrorKind::invalid_argument, "the pipeline has several sources: name one with --source"));
  }
  const auto found =
      std::find_if(plan->sources.begin(), plan->sources.end(), [&](const planner::PlannedSource& source) {
        return arguments.source.empty() || source.name == arguments.source;
      });
  if (found == plan->sources.end())
    return fail(environment,
                Error(ErrorKind::invalid_argument, "the pipeline has no source '" + arguments.source + "'"));
  const Result<Answer> answer =
      answer_why(environment, *plan, static_cast<size_t>(found - plan->sources.begin()), *position);
  if (!answer.ok()) return fail(environment, answer.error());
  if (!environment.json) {
    environment.console.out(answer->text);
    return kExitDone;
  }
  const Json all = {{"position", arguments.position},
                    {"verdict", answer->verdict},
                    {"table", answer->table.empty() ? Json(nullptr) : Json(answer->table)},
                    {"snapshot", answer->snapshot ? Json(*answer->snapshot) : Json(nullptr)},
                    {"rejects", answer->rejects},
                    {"nodes", answer->nodes}};
  environment.console.out(all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  return kExitDone;
}

}  // namespace weir::cli
