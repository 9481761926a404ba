#include "simulation/pipeline.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "columnar/column_builder.h"
#include "operator/operators.h"
#include "operator/stateful_operators.h"

namespace weir::simulation {
namespace {

constexpr int64_t kForEverUs = kSecondUs * 1'000'000'000;

TypePtr longs() {
  return Type::primitive(TypeKind::int64);
}

SchemaPtr row_schema() {
  static const auto kSchema = std::make_shared<const Schema>(assign_ids(
      std::vector<Field>{{.id = 0, .name = "id", .required = true, .type = longs()},
                         {.id = 0, .name = "key", .required = true, .type = longs()},
                         {.id = 0, .name = "ts", .required = true, .type = Type::primitive(TypeKind::timestamptz)}}));
  return kSchema;
}

/// Deals the partitions of the log.
class LogSplitter final : public SourceSplitter {
 public:
  LogSplitter(const GraphEnvironment& environment, int readers)
      : log_(environment.log),
        partitions_(static_cast<int>(environment.scenario.partitions)),
        once_(environment.once),
        process_(environment.process),
        readers_(readers) {}

  Result<void> open(const SourceProgress* from, const StopAsked&) override {
    WEIR_TRY(ask());
    if (from != nullptr) from_ = *from;
    return {};
  }

  Result<Discovery> discover(bool) override {
    WEIR_TRY(ask());
    Discovery found{.splits = {}, .is_last = true};
    for (int p = 0; p < partitions_; ++p) {
      const std::string name = partition_name(p);
      const connector::PartitionFacts facts = log_.facts_of(p);
      const auto stored = from_.partitions.find(name);
      const bool is_new = stored == from_.partitions.end();
      PartitionProgress from = is_new ? PartitionProgress{.next = facts.low} : stored->second;
      if (!is_new) {
        WEIR_ASSIGN(from.next, log_.go_on(p, from));
      }
      from.identity = facts.topic_id;
      found.splits.push_back({.reader = p % readers_,
                              .name = name,
                              .from = std::move(from),
                              .detail = once_ ? std::to_string(facts.high) : ""});
    }
    return found;
  }

  void release(const SourceProgress&) override {}

 private:
  Result<void> ask() {
    WEIR_ASSIGN(const Process::Fault fault, process_.enter());
    if (fault != Process::Fault::none) return process_.after();
    return {};
  }

  const EventLog& log_;
  int partitions_;
  bool once_;
  Process& process_;
  int readers_;
  SourceProgress from_;
};

class LogReader final : public SourceReader {
 public:
  LogReader(const EventLog& log, Process& process) : log_(log), process_(process) {}

  Result<void> add(std::vector<AssignedSplit> splits) override {
    for (const AssignedSplit& split : splits) {
      const int partition = std::stoi(split.name.substr(split.name.find('-') + 1));
      readings_.push_back(
          {.partition = partition,
           .split = std::make_shared<const Split>(Split{.source = "in", .topic = "log", .partition = partition}),
           .at = split.from,
           .end = split.detail.empty() ? -1 : std::stoll(split.detail)});
      begun_.push_back(readings_.back().split);
    }
    return {};
  }
  void no_more_splits() override { is_last_ = true; }
  void pause(std::string_view) override {}
  void resume(std::string_view) override {}

  Result<Poll> poll() override {
    if (process_.is_dead()) return Process::crashed();
    if (process_.hits(10 * process_.rates().unavailable)) return Process::passing();
    RawBatchBuilder builder;
    bool is_finished = is_last_;
    for (Reading& reading : readings_) {
      WEIR_ASSIGN(reading.at.next, log_.go_on(reading.partition, reading.at));
      const int64_t end = reading.end >= 0 ? reading.end : log_.facts_of(reading.partition).high;
      for (int i = 0; i < 7 && reading.at.next < end; ++i) add(reading, builder);
      is_finished = is_finished && reading.end >= 0 && reading.at.next >= end;
    }
    Poll polled{.state = is_finished ? Poll::State::finished : Poll::State::idle};
    if (!builder.empty()) polled = {.state = Poll::State::events, .events = builder.finish()};
    polled.begun = std::exchange(begun_, {});
    return polled;
  }

  SourceProgress progress() const override {
    SourceProgress progress;
    for (const Reading& reading : readings_) progress.partitions[partition_name(reading.partition)] = reading.at;
    return progress;
  }
  SourceLag lag() const override { return {}; }
  void release(const SourceProgress&) override {}

 private:
  struct Reading {
    int partition = 0;
    SplitPtr split;
    PartitionProgress at = {};
    int64_t end = -1;  ///< -1: goes on
  };
  /// An event says which generation of the log it is of, and nothing else.
  void add(Reading& reading, RawBatchBuilder& builder) {
    const int generation = log_.generation_at(reading.partition, reading.at.next);
    reading.at.leader_epoch = log_.leader_epoch_of(generation);
    builder.add(std::to_string(generation), {.split = &reading.split, .offset = reading.at.next++});
  }
  const EventLog& log_;
  Process& process_;
  bool is_last_ = false;
  std::vector<Reading> readings_;
  std::vector<SplitPtr> begun_;
};

class LogSource final : public SourceFactory {
 public:
  explicit LogSource(const GraphEnvironment& environment) : environment_(environment) {}
  Result<std::unique_ptr<SourceSplitter>> make_splitter(int readers) override {
    return std::unique_ptr<SourceSplitter>(std::make_unique<LogSplitter>(environment_, readers));
  }
  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()>) override {
    return std::unique_ptr<SourceReader>(std::make_unique<LogReader>(environment_.log, environment_.process));
  }

 private:
  const GraphEnvironment environment_;
};

class Decode final : public Operator {
 public:
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    const std::shared_ptr<const RawBatch>& raw = batch.raw();
    FixedBuilder<int64_t> ids(longs());
    FixedBuilder<int64_t> keys(longs());
    FixedBuilder<int64_t> times(Type::primitive(TypeKind::timestamptz));
    auto origins = std::make_shared<RowOrigins>();
    Rejects rejects{.raw = raw, .rejects = {}};
    for (size_t i = 0; i < raw->size(); ++i) {
      const int64_t id = id_of(raw->split(i).partition, raw->bytes(i)[0] - '0', raw->offset(i));
      if (is_rejected(id)) {
        rejects.rejects.push_back({.raw_index = static_cast<uint32_t>(i), .message = "unlucky"});
        continue;
      }
      ids.append(id);
      keys.append(key_of(id));
      times.append(time_us_of(id));
      origins->offset.push_back(raw->offset(i));
      origins->add_to_run(raw->splits()[raw->split_index(i)]);
      origins->raw_index.push_back(static_cast<uint32_t>(i));
    }
    const auto rows = static_cast<int64_t>(origins->offset.size());
    WEIR_TRY(out.reject(std::move(rejects)));
    WEIR_TRY(
        out.emit(Batch(row_schema(), {ids.finish(), keys.finish(), times.finish()}, rows, std::move(origins), raw)));
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  SchemaPtr schema_ = row_schema();
};

class Even final : public Operator {
 public:
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    std::vector<int32_t> kept;
    const auto ids = batch.column(0).values_as<int64_t>();
    for (int64_t row = 0; row < batch.physical_rows(); ++row) {
      if (ids[static_cast<size_t>(row)] % 2 == 0) kept.push_back(static_cast<int32_t>(row));
    }
    WEIR_TRY(out.emit(batch.with_selection(std::move(kept))));
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  SchemaPtr schema_ = row_schema();
};

std::unique_ptr<Operator> windows();

/// What the graph hands to sink `name`.
SchemaPtr schema_of(const std::string& name) {
  static const SchemaPtr kCounts = windows()->output_schema(kMainOutput);
  if (name == "dead") return operators::dead_letter_schema();
  return name == "counts" ? kCounts : row_schema();
}

/// A table's writer whose parts come late, now and then.
class LateWriter final : public SinkWriter {
 public:
  explicit LateWriter(std::unique_ptr<SinkWriter> writer) : writer_(std::move(writer)) {}
  Result<void> write(const Batch& batch) override { return writer_->write(batch); }
  Result<Pending<std::string>> prepare() override {
    WEIR_ASSIGN(Pending<std::string> part, writer_->prepare());
    return Pending<std::string>(
        [part = std::move(part), wait = ++barriers_ % 3]() mutable -> Result<std::optional<std::string>> {
          if (wait-- > 0) return std::nullopt;
          return part.take();
        });
  }
  int64_t memory_bytes() const override { return writer_->memory_bytes(); }

 private:
  std::unique_ptr<SinkWriter> writer_;
  int barriers_ = 0;
};

LogicalNode sink_node(const std::string& name, LogicalInput from, ObjectStore& store) {
  return {.name = name,
          .inputs = {std::move(from)},
          .make_sink = [&store, name](const WriterStart& start) -> Result<std::unique_ptr<SinkWriter>> {
            WEIR_ASSIGN(std::unique_ptr<SinkWriter> writer,
                        connector::make_iceberg_writer(start, *schema_of(name), store));
            return std::unique_ptr<SinkWriter>(std::make_unique<LateWriter>(std::move(writer)));
          }};
}

std::unique_ptr<Operator> windows() {
  auto made =
      operators::make_window({.name = "windows",
                              .time = "ts",
                              .size_us = kWindowUs,
                              .lateness_us = kLatenessUs,
                              .by = {"key"},
                              .aggregates = {{.name = "n", .text = "count(*)"}, {.name = "last", .text = "max(id)"}}},
                             row_schema());
  WEIR_CHECK_MSG(made.ok(), made.error().to_string());
  return *std::move(made);
}

/// Rows, their event time, windows by key, and what comes too late.
void add_windows(LogicalGraph& graph, int rows, ObjectStore& store) {
  const int timed = graph.add({.name = "timed", .inputs = {{.node = rows}}, .make_operator = [](TaskShare) {
                                 return operators::make_watermark(
                                     {.name = "timed", .time = "ts", .disorder_us = kDisorderUs}, row_schema());
                               }});
  const int counts =
      graph.add({.name = "windows",
                 .inputs = {{.node = timed, .key = std::vector<int>{1}, .schema = row_schema()}},
                 .make_operator = [](TaskShare) -> Result<std::unique_ptr<Operator>> { return windows(); }});
  graph.add(sink_node("counts", {.node = counts}, store));
  graph.add(sink_node("late", {.node = counts, .output = operators::kLateOutput}, store));
}

template <typename Op>
LogicalNode operator_node(std::string name, std::vector<LogicalInput> inputs) {
  return {.name = std::move(name),
          .inputs = std::move(inputs),
          .make_operator = [](TaskShare) -> Result<std::unique_ptr<Operator>> {
            return std::unique_ptr<Operator>(std::make_unique<Op>());
          }};
}

connector::IcebergTarget target(const std::string& name) {
  return {.sink = name,
          .definition = {.table = {.ns = "t", .name = name}, .schema = schema_of(name), .spec = {}, .properties = {}},
          .is_dead_letter = name == "dead",
          .is_lead = name == "main"};
}

}  // namespace

bool is_rejected(int64_t id) {
  return offset_of(id) % kRejectOneIn == 5;
}
int64_t key_of(int64_t id) {
  return id_of(partition_of(id), generation_of(id), offset_of(id) % kKeys);
}
int64_t time_us_of(int64_t id) {
  const int64_t offset = offset_of(id);
  return (offset % 17 == 3 ? std::max<int64_t>(offset - 40, 0) : offset) * kSecondUs;
}

std::vector<lake::TableIdentifier> tables_of(const Scenario& scenario) {
  std::vector<lake::TableIdentifier> tables;
  for (const connector::IcebergTarget& target : sink_options(scenario).targets)
    tables.push_back(target.definition.table);
  return tables;
}

std::vector<lake::TargetTable> target_tables(const Scenario& scenario) {
  std::vector<lake::TargetTable> targets;
  for (const connector::IcebergTarget& target : sink_options(scenario).targets)
    targets.push_back({.sink = target.sink,
                       .table = target.definition.table,
                       .is_dead_letter = target.is_dead_letter,
                       .is_lead = target.is_lead});
  return targets;
}

bool has_event_rows(const lake::TableIdentifier& table) {
  return table.name != "dead" && table.name != "counts";
}

Batch event_rows(int64_t first_id, int64_t count) {
  FixedBuilder<int64_t> ids(longs());
  FixedBuilder<int64_t> keys(longs());
  FixedBuilder<int64_t> times(Type::primitive(TypeKind::timestamptz));
  for (int64_t id = first_id; id < first_id + count; ++id) {
    ids.append(id);
    keys.append(0);
    times.append(0);
  }
  return Batch(row_schema(), {ids.finish(), keys.finish(), times.finish()}, count, nullptr);
}

connector::IcebergSinkOptions sink_options(const Scenario& scenario) {
  connector::IcebergSinkOptions options;
  options.pipeline = kPipeline;
  options.store_folder = "memory://state";
  options.keep_snapshots = scenario.keep_snapshots;
  for (const char* name : {"main", "even", "dead"}) options.targets.push_back(target(name));
  if (scenario.has_window != 0) {
    options.targets.push_back(target("counts"));
    options.targets.push_back(target("late"));
  }
  return options;
}

LogicalGraph make_graph(const GraphEnvironment& environment) {
  const Scenario& scenario = environment.scenario;
  ObjectStore& store = environment.writer_store;
  LogicalGraph graph;
  const int source = graph.add({.name = "in", .source = std::make_shared<LogSource>(environment)});
  const int rows = graph.add(operator_node<Decode>("rows", {{.node = source}}));
  const int even = graph.add(operator_node<Even>("evens", {{.node = rows}}));
  int main = rows;
  if (scenario.has_dedupe != 0) {
    main = graph.add({.name = "once",
                      .inputs = {{.node = rows, .key = std::vector<int>{1}, .schema = row_schema()}},
                      .make_operator = [](TaskShare) {
                        return operators::make_dedupe(
                            {.name = "once", .key = {"key"}, .time = "ts", .ttl_us = kForEverUs}, row_schema());
                      }});
  }
  graph.add(sink_node("main", {.node = main}, store));
  if (scenario.has_follower != 0)
    graph.add({.name = kFollowerSink, .inputs = {{.node = main}}, .make_sink = environment.make_outbox_writer});
  graph.add(sink_node("even", {.node = even}, store));
  const int dead = graph.add({.name = "dead.rows",
                              .inputs = {{.node = rows, .output = kRejectOutput}},
                              .make_operator = [](TaskShare) -> Result<std::unique_ptr<Operator>> {
                                return operators::make_dead_letter(kPipeline, {});
                              }});
  graph.add(sink_node("dead", {.node = dead}, store));
  if (scenario.has_window != 0) add_windows(graph, rows, store);
  return graph;
}

}  // namespace weir::simulation
