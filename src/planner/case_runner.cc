#include "planner/case_runner.h"

#include <algorithm>
#include <map>

#include "columnar/value_text.h"
#include "config/node_json.h"
#include "planner/case_spec.h"
#include "planner/one_task_internal.h"
#include "planner/row_match_internal.h"

namespace weir::planner {
namespace {

using config::Node;
using config::NodeKind;

constexpr int64_t kTestFileBytesMax = int64_t{1} * 1024 * 1024;

/// What came out of a graph: dense batches by sink.
using Collected = std::map<std::string, std::vector<Batch>>;

/// A row of the dead letter.
struct RejectedEvent {
  int64_t event;  ///< number in the case, from 1
  std::string error_class;
  std::string rule;
  std::string column;
  std::string message;
};

std::string text_at(const Batch& batch, std::string_view name, int64_t row) {
  const Column& column = batch.column(static_cast<size_t>(batch.schema()->find(name)));
  return column.is_null(row) ? std::string() : std::string(column.bytes_at(row));
}

/// In the order of the events.
std::vector<RejectedEvent> rejected_events(const std::vector<Batch>& dead_letter) {
  std::vector<RejectedEvent> events;
  for (const Batch& batch : dead_letter) {
    const Column& offsets = batch.column(static_cast<size_t>(batch.schema()->find("offset")));
    for (int64_t row = 0; row < batch.rows(); ++row) {
      events.push_back({.event = offsets.values_as<int64_t>()[static_cast<size_t>(row)] + 1,
                        .error_class = text_at(batch, "error_class", row),
                        .rule = text_at(batch, "rule", row),
                        .column = text_at(batch, "column", row),
                        .message = text_at(batch, "message", row)});
    }
  }
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.event < b.event; });
  return events;
}

class CollectingWriter final : public SinkWriter {
 public:
  explicit CollectingWriter(std::vector<Batch>& rows) : rows_(rows) {}
  Result<void> write(const Batch& batch) override {
    rows_.push_back(batch.compact());
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string()); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Batch>& rows_;
};

/// Runs the cases of one test file.
class CaseRunner {
 public:
  CaseRunner(const Plan& plan, config::Diagnostics& diagnostics) : plan_(plan), diagnostics_(diagnostics) {}

  std::optional<CaseOutcome> run(const TestCaseSpec& spec) {
    outcome_ = {.name = *spec.name, .location = spec.name.location, .differences = {}};
    const std::optional<size_t> source = source_of(spec);
    if (!source) return std::nullopt;
    Collected collected;
    const Result<void> pushed = push(spec, *source, collected);
    if (!pushed.ok()) differ("the pipeline stopped: " + pushed.error().message());
    compare_rows(spec, collected);
    compare_rejects(spec, rejected_events(collected[std::string(kDeadLetterSink)]));
    return outcome_;
  }

 private:
  void differ(std::string text) { outcome_.differences.push_back(std::move(text)); }

  std::optional<size_t> source_of(const TestCaseSpec& spec) {
    if (!spec.source) {
      if (plan_.sources.size() == 1) return 0;
      diagnostics_.error(spec.name.location,
                         "the pipeline has several sources: say with `source` which one the events come from");
      return std::nullopt;
    }
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
      if (plan_.sources[i].name == **spec.source) return i;
    }
    diagnostics_.error(spec.source->location, "the pipeline has no source '" + **spec.source + "'");
    return std::nullopt;
  }

  Result<void> push(const TestCaseSpec& spec, size_t source, Collected& collected) {
    const std::string& name_of_source = plan_.sources[source].name;
    WEIR_TRY(
        run_as_one_task(plan_, {{name_of_source, {events_of(spec, name_of_source)}}},
                        [&](const std::string& name) { return std::make_unique<CollectingWriter>(collected[name]); }));
    return {};
  }

  static std::shared_ptr<const RawBatch> events_of(const TestCaseSpec& spec, const std::string& source) {
    const auto split = std::make_shared<const Split>(Split{.source = source, .topic = source});
    RawBatchBuilder events;
    events.set_context(spec.header);
    for (const Node& event : spec.events) {
      const bool is_text = event.kind() == NodeKind::scalar && !event.is_number() && !event.is_boolean();
      const std::string bytes = is_text ? event.text() : config::node_to_json(event);
      events.add(bytes, {.split = &split, .offset = static_cast<int64_t>(events.size()), .timestamp_ms = 0});
    }
    return events.finish();
  }

  void compare_rows(const TestCaseSpec& spec, const Collected& collected) {
    if (spec.rows) {
      if (plan_.sinks.size() != 1) return differ("`rows` is for pipelines with one sink; use `sinks`");
      return compare_sink(plan_.sinks.front().name, *spec.rows, collected);
    }
    for (const auto& [sink, rows] : spec.sinks) {
      if (!collected.contains(sink))
        differ("the pipeline has no sink '" + sink + "'");
      else
        compare_sink(sink, rows, collected);
    }
  }

  void compare_sink(const std::string& sink, const std::vector<Node>& expected, const Collected& collected) {
    size_t next = 0;
    for (const Batch& batch : collected.at(sink)) {
      for (int64_t row = 0; row < batch.rows(); ++row, ++next) {
        if (next < expected.size()) compare_row(sink, next, expected[next], batch, row);
      }
    }
    if (next != expected.size())
      differ("sink '" + sink + "' got " + std::to_string(next) + " rows, expected " + std::to_string(expected.size()));
  }

  void compare_row(const std::string& sink, size_t number, const Node& expected, const Batch& batch, int64_t row) {
    const std::string place = "sink '" + sink + "', row " + std::to_string(number + 1) + ": ";
    if (expected.kind() != NodeKind::mapping) return differ(place + "a row must be a mapping of columns to values");
    for (const Node::Entry& entry : expected.entries()) {
      const int column = batch.schema()->find(entry.key);
      if (column < 0) {
        differ(place + "there is no column '" + entry.key + "'");
      } else if (!matches(entry.value, batch.column(static_cast<size_t>(column)), row)) {
        differ(place + entry.key + " is " + value_text(batch.column(static_cast<size_t>(column)), row) + ", expected " +
               config::node_to_json(entry.value));
      }
    }
  }

  void compare_rejects(const TestCaseSpec& spec, const std::vector<RejectedEvent>& rejects) {
    for (const RejectedEvent& reject : rejects) {
      const auto expected = std::find_if(spec.rejects.begin(), spec.rejects.end(),
                                         [&](const auto& candidate) { return candidate->event == reject.event; });
      const std::string place = "event " + std::to_string(reject.event);
      const std::string reason =
          reject.error_class + (reject.rule.empty() ? "" : " " + reject.rule) + ": " + reject.message;
      if (expected == spec.rejects.end()) {
        differ(place + " was rejected: " + reason);
        continue;
      }
      const bool same = ((*expected)->error_class.empty() || (*expected)->error_class == reject.error_class) &&
                        ((*expected)->rule.empty() || (*expected)->rule == reject.rule) &&
                        ((*expected)->column.empty() || (*expected)->column == reject.column);
      if (!same) differ(place + " was rejected for another reason: " + reason);
    }
    for (const auto& expected : spec.rejects) {
      const bool found = std::any_of(rejects.begin(), rejects.end(),
                                     [&](const RejectedEvent& reject) { return expected->event == reject.event; });
      if (!found) differ("event " + std::to_string(expected->event) + " was not rejected");
    }
  }

  const Plan& plan_;
  config::Diagnostics& diagnostics_;
  CaseOutcome outcome_;
};

/// Reads one test file; nothing when it has errors.
std::optional<TestFileSpec> read_test_file(const Plan& plan, const std::string& file,
                                           const PlanEnvironment& environment, config::Diagnostics& diagnostics) {
  const Result<std::string> text = read_file(*environment.files, file, kTestFileBytesMax);
  if (!text.ok()) {
    diagnostics.error({.file = plan.file, .at = {}, .path = "tests"}, text.error().message());
    return std::nullopt;
  }
  const size_t errors = diagnostics.error_count();
  const std::optional<config::Document> document = config::parse(file, *text, diagnostics);
  if (!document) return std::nullopt;
  TestFileSpec spec;
  config::bind(*document, environment.references, spec, diagnostics);
  if (diagnostics.error_count() != errors) return std::nullopt;
  return spec;
}

}  // namespace

void check_pipeline_tests(const Plan& plan, const PlanEnvironment& environment, config::Diagnostics& diagnostics) {
  for (const std::string& file : plan.tests) (void)read_test_file(plan, file, environment, diagnostics);
}

std::optional<std::vector<CaseOutcome>> run_pipeline_tests(const Plan& plan, const std::vector<std::string>& names,
                                                           const PlanEnvironment& environment,
                                                           config::Diagnostics& diagnostics) {
  std::vector<CaseOutcome> outcomes;
  for (const std::string& file : plan.tests) {
    const std::optional<TestFileSpec> spec = read_test_file(plan, file, environment, diagnostics);
    if (!spec || !diagnostics.ok()) continue;
    CaseRunner runner(plan, diagnostics);
    for (const TestCaseSpec& test_case : spec->cases) {
      if (!names.empty() && std::find(names.begin(), names.end(), *test_case.name) == names.end()) continue;
      if (std::optional<CaseOutcome> outcome = runner.run(test_case)) outcomes.push_back(*std::move(outcome));
    }
  }
  if (!diagnostics.ok()) return std::nullopt;
  return outcomes;
}

std::string test_file_schema() {
  return config::json_schema<TestFileSpec>("Weir pipeline tests");
}

}  // namespace weir::planner
