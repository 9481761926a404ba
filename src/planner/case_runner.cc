#include "planner/case_runner.h"

#include <algorithm>
#include <map>

#include "columnar/value_text.h"
#include "config/node_json.h"
#include "planner/case_spec.h"
#include "planner/graph_builder_internal.h"
#include "planner/row_match_internal.h"

namespace weir::planner {
namespace {

using config::Node;
using config::NodeKind;

constexpr int64_t kTestFileBytesMax = int64_t{1} * 1024 * 1024;

/// Stands for a source: the test pushes the events itself.
class NoSource final : public Source {
 public:
  explicit NoSource(const std::string& name) { names_.add({.topic = name}); }
  Result<void> open(const SourceProgress*, const StopAsked&) override { return {}; }
  Result<Poll> poll(int) override { return Poll{Poll::State::finished, nullptr}; }
  SourceProgress progress() const override { return {}; }
  const PartitionNames& partitions() const override { return names_; }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}

 private:
  PartitionNames names_;
};

/// What came out of a graph.
struct Collected {
  std::map<std::string, std::vector<Batch>> rows;  ///< dense batches by sink
  std::vector<Reject> rejects;
};

class CollectingWriter final : public SinkWriter {
 public:
  explicit CollectingWriter(std::vector<Batch>& rows) : rows_(rows) {}
  Result<void> write(const Batch& batch) override {
    rows_.push_back(batch.compact());
    return {};
  }
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Batch>& rows_;
};

class CollectingRejects final : public RejectWriter {
 public:
  explicit CollectingRejects(std::vector<Reject>& rejects) : rejects_(rejects) {}
  Result<void> write(const Rejects& rejects, const std::string&, const PartitionNames&) override {
    rejects_.insert(rejects_.end(), rejects.rejects.begin(), rejects.rejects.end());
    return {};
  }
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Reject>& rejects_;
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
    compare_rejects(spec, collected.rejects);
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
    GraphEnds ends;
    ends.make_source = [](const PlannedSource& planned) -> Result<std::unique_ptr<Source>> {
      return std::unique_ptr<Source>(std::make_unique<NoSource>(planned.name));
    };
    ends.make_sink = [&](const PlannedSink& sink) -> Result<std::unique_ptr<SinkWriter>> {
      return std::unique_ptr<SinkWriter>(std::make_unique<CollectingWriter>(collected.rows[sink.name]));
    };
    ends.make_rejects = [&]() -> Result<std::unique_ptr<RejectWriter>> {
      return std::unique_ptr<RejectWriter>(std::make_unique<CollectingRejects>(collected.rejects));
    };
    WEIR_ASSIGN(const std::unique_ptr<Graph> graph, build_graph(plan_, ends));
    RawBatchBuilder events;
    events.set_context(spec.header);
    for (const Node& event : spec.events) {
      const bool is_text = event.kind() == NodeKind::scalar && !event.is_number() && !event.is_boolean();
      const std::string bytes = is_text ? event.text() : config::node_to_json(event);
      events.add(bytes, {.partition = 0, .offset = static_cast<int64_t>(events.size()), .timestamp_ms = 0});
    }
    WEIR_TRY(graph->push(source, events.finish()));
    EpochResult result;
    return graph->barrier(result);
  }

  void compare_rows(const TestCaseSpec& spec, const Collected& collected) {
    if (spec.rows) {
      if (plan_.sinks.size() != 1) return differ("`rows` is for pipelines with one sink; use `sinks`");
      return compare_sink(plan_.sinks.front().name, *spec.rows, collected);
    }
    for (const auto& [sink, rows] : spec.sinks) {
      if (!collected.rows.contains(sink))
        differ("the pipeline has no sink '" + sink + "'");
      else
        compare_sink(sink, rows, collected);
    }
  }

  void compare_sink(const std::string& sink, const std::vector<Node>& expected, const Collected& collected) {
    size_t next = 0;
    for (const Batch& batch : collected.rows.at(sink)) {
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

  void compare_rejects(const TestCaseSpec& spec, std::vector<Reject> rejects) {
    std::sort(rejects.begin(), rejects.end(),
              [](const Reject& a, const Reject& b) { return a.raw_index < b.raw_index; });
    for (const Reject& reject : rejects) {
      const auto expected = std::find_if(spec.rejects.begin(), spec.rejects.end(), [&](const auto& candidate) {
        return candidate->event == reject.raw_index + 1;
      });
      const std::string place = "event " + std::to_string(reject.raw_index + 1);
      const std::string reason = std::string(to_string(reject.reject_class)) +
                                 (reject.rule.empty() ? "" : " " + reject.rule) + ": " + reject.message;
      if (expected == spec.rejects.end()) {
        differ(place + " was rejected: " + reason);
        continue;
      }
      const bool same =
          ((*expected)->error_class.empty() || (*expected)->error_class == to_string(reject.reject_class)) &&
          ((*expected)->rule.empty() || (*expected)->rule == reject.rule) &&
          ((*expected)->column.empty() || (*expected)->column == reject.column);
      if (!same) differ(place + " was rejected for another reason: " + reason);
    }
    for (const auto& expected : spec.rejects) {
      const bool found = std::any_of(rejects.begin(), rejects.end(),
                                     [&](const Reject& reject) { return expected->event == reject.raw_index + 1; });
      if (!found) differ("event " + std::to_string(expected->event) + " was not rejected");
    }
  }

  const Plan& plan_;
  config::Diagnostics& diagnostics_;
  CaseOutcome outcome_;
};

}  // namespace

std::optional<std::vector<CaseOutcome>> run_pipeline_tests(const Plan& plan, const std::vector<std::string>& names,
                                                           const PlanEnvironment& environment,
                                                           config::Diagnostics& diagnostics) {
  std::vector<CaseOutcome> outcomes;
  for (const std::string& file : plan.tests) {
    const Result<std::string> text = read_file(*environment.files, file, kTestFileBytesMax);
    if (!text.ok()) {
      diagnostics.error({.file = plan.file, .at = {}, .path = "tests"}, text.error().message());
      continue;
    }
    const std::optional<config::Document> document = config::parse(file, *text, diagnostics);
    if (!document) continue;
    TestFileSpec spec;
    config::bind(*document, environment.references, spec, diagnostics);
    if (!diagnostics.ok()) continue;
    CaseRunner runner(plan, diagnostics);
    for (const TestCaseSpec& test_case : spec.cases) {
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
