#include "simulation/pipeline.h"

#include "base/check.h"
#include "columnar/column_builder.h"
#include "operator/operators.h"
#include "operator/stateful_operators.h"
#include "simulation/log_source.h"

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
                         {.id = 0, .name = "ts", .required = true, .type = Type::primitive(TypeKind::timestamptz)},
                         {.id = 0, .name = "crc", .required = true, .type = longs()}}));
  return kSchema;
}

/// Rows of the log's schema.
class RowBuilder {
 public:
  void add(int64_t id, int64_t key, int64_t time_us, int64_t checksum) {
    ids_.append(id);
    keys_.append(key);
    times_.append(time_us);
    checksums_.append(checksum);
    ++rows_;
  }
  Batch finish(std::shared_ptr<const RowOrigins> origins, std::shared_ptr<const RawBatch> raw) {
    return Batch(row_schema(), {ids_.finish(), keys_.finish(), times_.finish(), checksums_.finish()}, rows_,
                 std::move(origins), std::move(raw));
  }

 private:
  FixedBuilder<int64_t> ids_{longs()};
  FixedBuilder<int64_t> keys_{longs()};
  FixedBuilder<int64_t> times_{Type::primitive(TypeKind::timestamptz)};
  FixedBuilder<int64_t> checksums_{longs()};
  int64_t rows_ = 0;
};

class Decode final : public Operator {
 public:
  explicit Decode(Sabotage sabotage) : sabotage_(sabotage) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    const std::shared_ptr<const RawBatch>& raw = batch.raw();
    RowBuilder rows;
    auto origins = std::make_shared<RowOrigins>();
    Rejects rejects{.raw = raw, .rejects = {}};
    for (size_t i = 0; i < raw->size(); ++i) {
      const int64_t id = id_of(raw->split(i).partition, generation_in(raw->bytes(i)), raw->offset(i));
      if (is_rejected(id)) {
        rejects.rejects.push_back({.raw_index = static_cast<uint32_t>(i), .message = "unlucky"});
        continue;
      }
      for (const int64_t said : what_is_said_of(id)) {
        const int64_t key = key_of(said) + (sabotage_ == Sabotage::altered_row && id == kSabotaged ? 1 : 0);
        rows.add(said, key, time_us_of(said), checksum_in(said == id ? raw->bytes(i) : bytes_of(said)));
        origins->offset.push_back(raw->offset(i));
        origins->add_to_run(raw->splits()[raw->split_index(i)]);
        origins->raw_index.push_back(static_cast<uint32_t>(i));
      }
    }
    WEIR_TRY(out.reject(std::move(rejects)));
    WEIR_TRY(out.emit(rows.finish(std::move(origins), raw)));
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  /// The event itself, but for a mistake that the judge is to find.
  std::vector<int64_t> what_is_said_of(int64_t id) const {
    const bool is_swapped = sabotage_ == Sabotage::swap && (id == kSabotaged || id == kSabotaged + 2);
    if (is_swapped) return {2 * kSabotaged + 2 - id};
    if (sabotage_ == Sabotage::gap && id == kSabotaged) return {};
    if (sabotage_ == Sabotage::duplicate && id == kSabotaged) return {id, id};
    return {id};
  }

  const Sabotage sabotage_;
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

connector::IcebergTarget target(const std::string& name) {
  return {.sink = name,
          .definition = {.table = {.ns = "t", .name = name}, .schema = schema_of(name), .spec = {}, .properties = {}},
          .is_dead_letter = name == "dead",
          .is_lead = name == kLeadTable};
}

}  // namespace

bool is_rejected(int64_t id) {
  return offset_of(id) % kRejectOneIn == 5;
}

bool belongs_in(const Scenario& scenario, const std::set<int64_t>& events, const std::string& table, int64_t id) {
  if (table == "dead" || is_rejected(id)) return table == "dead" && is_rejected(id);
  if (table == "even") return id % 2 == 0;
  if (scenario.has_dedupe == 0) return true;
  for (int64_t before = id - kKeys; before >= 0 && key_of(before) == key_of(id); before -= kKeys) {
    if (events.contains(before) && !is_rejected(before)) return false;  // it is not the first of its key
  }
  return true;
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
  RowBuilder rows;
  for (int64_t id = first_id; id < first_id + count; ++id) rows.add(id, 0, 0, checksum_of(id, 0, 0));
  return rows.finish(nullptr, nullptr);
}

connector::IcebergSinkOptions sink_options(const Scenario& scenario) {
  connector::IcebergSinkOptions options;
  options.pipeline = kPipeline;
  options.store_folder = kStoreFolder;
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
  const int source = graph.add({.name = "in", .source = make_log_source(environment)});
  const int rows =
      graph.add({.name = "rows",
                 .inputs = {{.node = source}},
                 .make_operator = [sabotage = environment.sabotage](TaskShare) -> Result<std::unique_ptr<Operator>> {
                   return std::unique_ptr<Operator>(std::make_unique<Decode>(sabotage));
                 }});
  const int even = graph.add({.name = "evens",
                              .inputs = {{.node = rows}},
                              .make_operator = [](TaskShare) -> Result<std::unique_ptr<Operator>> {
                                return std::unique_ptr<Operator>(std::make_unique<Even>());
                              }});
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
