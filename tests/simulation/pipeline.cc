#include "simulation/pipeline.h"

#include <algorithm>
#include <map>

#include "columnar/column_builder.h"
#include "operator/operators.h"
#include "operator/stateful_operators.h"

namespace weir::simulation {
namespace {

constexpr int64_t kSecondUs = 1'000'000;
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

std::string partition_name(int partition) {
  return "log/" + std::to_string(partition);
}

class LogSource final : public Source {
 public:
  LogSource(const EventLog& log, bool once, Process& process, TaskShare share)
      : log_(log), once_(once), process_(process), share_(share) {}

  Result<void> open(const SourceProgress* from, const StopAsked&) override {
    WEIR_TRY(process_.enter());
    for (int p = share_.index; p < log_.scenario.partitions; p += share_.count) {
      Reading reading{.partition = p,
                      .split = std::make_shared<const Split>(Split{.source = "in", .topic = "log", .partition = p})};
      if (from != nullptr && from->partitions.contains(partition_name(p)))
        reading.next = from->partitions.at(partition_name(p)).next;
      if (once_) reading.end = log_.end_of(p);
      readings_.push_back(std::move(reading));
    }
    return {};
  }

  Result<Poll> poll(int wait_ms) override {
    if (process_.is_dead()) return Process::crashed();
    RawBatchBuilder builder;
    bool is_finished = once_;
    for (Reading& reading : readings_) {
      const int64_t end = once_ ? reading.end : log_.end_of(reading.partition);
      for (int i = 0; i < 7 && reading.next < end; ++i)
        builder.add("e", {.split = &reading.split, .offset = reading.next++});
      is_finished = is_finished && reading.next >= end;
    }
    if (!builder.empty()) return Poll{Poll::State::events, builder.finish()};
    if (is_finished) return Poll{Poll::State::finished, nullptr};
    log_.clock.sleep_ms(wait_ms);
    return Poll{Poll::State::idle, nullptr};
  }

  SourceProgress progress() const override {
    SourceProgress progress;
    for (const Reading& reading : readings_) progress.partitions[partition_name(reading.partition)].next = reading.next;
    return progress;
  }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}

 private:
  struct Reading {
    int partition = 0;
    SplitPtr split;
    int64_t next = 0;
    int64_t end = 0;
  };
  const EventLog& log_;
  bool once_;
  Process& process_;
  TaskShare share_;
  std::vector<Reading> readings_;
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
      if (is_rejected(raw->offset(i))) {
        rejects.rejects.push_back({.raw_index = static_cast<uint32_t>(i), .message = "unlucky"});
        continue;
      }
      ids.append(id_of(raw->split(i).partition, raw->offset(i)));
      keys.append(key_of(id_of(raw->split(i).partition, raw->offset(i))));
      times.append(raw->offset(i) * kSecondUs);
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

template <typename Op>
LogicalNode operator_node(std::string name, std::vector<LogicalInput> inputs) {
  return {.name = std::move(name),
          .inputs = std::move(inputs),
          .make_operator = [](TaskShare) -> Result<std::unique_ptr<Operator>> {
            return std::unique_ptr<Operator>(std::make_unique<Op>());
          }};
}

LogicalNode sink_node(const std::string& name, int from, const SchemaPtr& schema, connector::IcebergSinks& sinks) {
  return {.name = name, .inputs = {{.node = from}}, .make_sink = [&sinks, name, schema](TaskShare share) {
            return sinks.make_writer(name, schema, share);
          }};
}

lake::TableDefinition table(const std::string& name, const SchemaPtr& schema) {
  return {.table = {.ns = "t", .name = name}, .schema = schema, .spec = {}, .properties = {}};
}

}  // namespace

int64_t EventLog::end_of(int partition) const {
  (void)partition;
  return std::clamp<int64_t>(clock.monotonic_us() / scenario.event_every_us, 0, scenario.events);
}

bool is_rejected(int64_t offset) {
  return offset % kRejectOneIn == 5;
}
int64_t id_of(int partition, int64_t offset) {
  return partition * int64_t{1'000'000} + offset;
}
int64_t key_of(int64_t id) {
  return id / 1'000'000 * 1'000'000 + id % 1'000'000 % kKeys;
}

connector::IcebergSinkOptions sink_options() {
  connector::IcebergSinkOptions options;
  options.pipeline = kPipeline;
  options.store_folder = "memory://state";
  options.targets = {
      {.sink = "main", .definition = table("main", row_schema()), .is_lead = true},
      {.sink = "even", .definition = table("even", row_schema())},
      {.sink = "dead_letter", .definition = table("dead", operators::dead_letter_schema()), .is_dead_letter = true}};
  return options;
}

LogicalGraph make_graph(const EventLog& log, bool once, Process& process, connector::IcebergSinks& sinks) {
  LogicalGraph graph;
  const int source = graph.add(
      {.name = "in", .make_source = [&log, once, &process](TaskShare share) -> Result<std::unique_ptr<Source>> {
         return std::unique_ptr<Source>(std::make_unique<LogSource>(log, once, process, share));
       }});
  const int rows = graph.add(operator_node<Decode>("rows", {{.node = source}}));
  const int even = graph.add(operator_node<Even>("evens", {{.node = rows}}));
  int main = rows;
  if (log.scenario.has_dedupe) {
    main = graph.add({.name = "once",
                      .inputs = {{.node = rows, .key = {1}, .schema = row_schema()}},
                      .make_operator = [](TaskShare) {
                        return operators::make_dedupe(
                            {.name = "once", .key = {"key"}, .time = "ts", .ttl_us = kForEverUs}, row_schema());
                      }});
  }
  graph.add(sink_node("main", main, row_schema(), sinks));
  graph.add(sink_node("even", even, row_schema(), sinks));
  const int dead = graph.add({.name = "dead_letter.rows",
                              .inputs = {{.node = rows, .output = kRejectOutput}},
                              .make_operator = [](TaskShare) -> Result<std::unique_ptr<Operator>> {
                                return operators::make_dead_letter(kPipeline, {});
                              }});
  graph.add(sink_node("dead_letter", dead, operators::dead_letter_schema(), sinks));
  return graph;
}

}  // namespace weir::simulation
