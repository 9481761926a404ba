#include "operator/tests/stateful_job.h"

#include <algorithm>

#include "base/check.h"
#include "operator/tests/operator_fixture.h"

namespace weir::operators {
namespace {

constexpr int64_t kTableBytesMax = int64_t{1} << 30;

std::unique_ptr<state::Tables> tables_of(const Operator& op, state::TaskPlace place) {
  auto tables = state::Tables::make(op.tables(), place, kTableBytesMax);
  WEIR_CHECK(tables.ok());
  return std::make_unique<state::Tables>(*std::move(tables));
}

/// A check with the error's own words.
void require(const Result<void>& result) {
  WEIR_CHECK_MSG(result.ok(), result.error().to_string());
}

}  // namespace

const SplitPtr& split_of(int number) {
  static std::vector<SplitPtr> splits;
  while (splits.size() <= static_cast<size_t>(number)) {
    splits.push_back(std::make_shared<const Split>(
        Split{.source = "in", .topic = "topic", .partition = static_cast<int32_t>(splits.size())}));
  }
  return splits[static_cast<size_t>(number)];
}

SchemaPtr event_schema() {
  static const auto kSchema = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "id", .type = Type::primitive(TypeKind::string)},
                         {.id = 2, .name = "k", .type = Type::primitive(TypeKind::string)},
                         {.id = 3, .name = "ts", .type = Type::primitive(TypeKind::timestamptz)},
                         {.id = 4, .name = "x", .type = Type::primitive(TypeKind::int64)},
                         {.id = 5, .name = "d", .type = Type::primitive(TypeKind::float64)}});
  return kSchema;
}

Batch batch_of(std::span<const EventRow> rows, int64_t first_offset) {
  BytesBuilder id(Type::primitive(TypeKind::string));
  BytesBuilder k(Type::primitive(TypeKind::string));
  FixedBuilder<int64_t> ts(Type::primitive(TypeKind::timestamptz));
  FixedBuilder<int64_t> x(Type::primitive(TypeKind::int64));
  FixedBuilder<double> d(Type::primitive(TypeKind::float64));
  auto origins = std::make_shared<RowOrigins>();
  for (const EventRow& row : rows) {
    id.append(row.id);
    k.append(row.k);
    ts.append(row.ts_us);
    row.x ? x.append(*row.x) : x.append_null();
    d.append(row.d);
    origins->offset.push_back(first_offset + static_cast<int64_t>(origins->offset.size()));
    origins->add_to_run(split_of(row.split));
  }
  return Batch(event_schema(), {id.finish(), k.finish(), ts.finish(), x.finish(), d.finish()},
               static_cast<int64_t>(rows.size()), std::move(origins));
}

std::vector<std::string> sorted_texts(const std::vector<Batch>& batches) {
  std::vector<std::string> texts;
  for (const Batch& batch : batches) {
    for (std::string& text : rows_text(batch)) texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

class StatefulJob::Results final : public Collector {
 public:
  explicit Results(JobOutput& output) : output_(output) {}
  Result<void> emit(OutputIndex output, const Batch& batch) override {
    if (!batch.empty()) (output == kLateOutput ? output_.late : output_.main).push_back(batch);
    return {};
  }
  Result<void> reject(Rejects rejects) override {
    output_.rejected += rejects.rejects.size();
    return {};
  }
  Result<void> advance(const StreamStatus&) override { return {}; }

 private:
  JobOutput& output_;
};

class StatefulJob::Exchange final : public Collector {
 public:
  explicit Exchange(StatefulJob& job) : job_(job) {}
  Result<void> emit(OutputIndex, const Batch& batch) override {
    job_.deal(batch);
    return {};
  }
  Result<void> reject(Rejects) override { return Error(ErrorKind::internal, "nothing is rejected here"); }
  Result<void> advance(const StreamStatus& status) override {
    if (status.watermark != kNoWatermark) job_.advance(status.watermark);
    return {};
  }

 private:
  StatefulJob& job_;
};

StatefulJob::StatefulJob(OperatorPool& pool, const WatermarkSpec& watermark, const std::string& key, uint32_t tasks)
    : layout_(*state::KeyLayout::bind(*event_schema(), {event_schema()->find(key)})) {
  auto made = make_watermark(watermark, event_schema());
  WEIR_CHECK(made.ok());
  watermark_ = *std::move(made);
  watermark_tables_ = tables_of(*watermark_, {});
  watermark_->attach(*watermark_tables_);
  for (uint32_t i = 0; i < tasks; ++i) {
    Task& task = tasks_.emplace_back(Task{.tables = nullptr, .op = &pool.get(i)});
    task.tables = tables_of(*task.op, {.task = i, .tasks = tasks});
    task.op->attach(*task.tables);
  }
}

void StatefulJob::process(const Batch& batch) {
  Exchange exchange(*this);
  const auto step = watermark_->process(0, batch, exchange);
  WEIR_CHECK(step.ok() && *step == Step::done);
}

void StatefulJob::deal(const Batch& batch) {
  require(layout_.encode(batch, keys_));
  std::vector<std::vector<int32_t>> rows(tasks_.size());
  for (size_t i = 0; i < keys_.size(); ++i) {
    const uint32_t group = state::key_group_of(keys_.hashes[i]);
    rows[state::task_of_key_group(group, static_cast<uint32_t>(tasks_.size()))].push_back(
        batch.all_selected() ? static_cast<int32_t>(i) : batch.selection()[i]);
  }
  Results results(output_);
  for (size_t i = 0; i < tasks_.size(); ++i) {
    if (rows[i].empty()) continue;
    const auto step = tasks_[i].op->process(0, batch.with_selection(std::move(rows[i])), results);
    WEIR_CHECK_MSG(step.ok(), step.error().to_string());
  }
}

void StatefulJob::advance(EventTime watermark) {
  Results results(output_);
  for (Task& task : tasks_) {
    auto step = task.op->on_watermark(watermark, results);
    while (step.ok() && *step == Step::more) step = task.op->emit_more(results);
    WEIR_CHECK_MSG(step.ok(), step.error().to_string());
  }
}

void StatefulJob::finish() {
  advance(std::numeric_limits<EventTime>::max());
}

StatefulJob::Checkpoint StatefulJob::checkpoint(const state::CheckpointStore& store, const std::string& key) {
  Checkpoint taken{.manifest = {}, .output = output_};
  const state::CheckpointName name{.commit_key = key, .writer = "test"};
  taken.manifest.commit_key = key;
  const auto add = [&](const std::string& step, uint32_t index, const Operator& op, state::Tables& tables) {
    if (taken.manifest.steps.size() == index) {
      taken.manifest.steps.push_back({.name = step, .tasks = tables.place().tasks, .tables = {}});
      for (const auto& spec : op.tables()) {
        taken.manifest.steps.back().tables.push_back(state::TableDescription::of(spec));
      }
    }
    const auto parts = store.put_parts(name, step, index, tables.place(), tables.freeze());
    WEIR_CHECK(parts.ok());
    taken.manifest.parts.insert(taken.manifest.parts.end(), parts->begin(), parts->end());
  };
  add("time", 0, *watermark_, *watermark_tables_);
  for (const Task& task : tasks_) add("keyed", 1, *task.op, *task.tables);
  const auto reference = store.put_manifest(name, taken.manifest);
  WEIR_CHECK(reference.ok());
  taken.manifest = *store.load(*reference);
  return taken;
}

void StatefulJob::restore(const state::CheckpointStore& store, const Checkpoint& checkpoint) {
  output_ = checkpoint.output;
  require(state::restore_tables(store, checkpoint.manifest, "time", *watermark_tables_));
  watermark_->attach(*watermark_tables_);
  for (Task& task : tasks_) {
    require(state::restore_tables(store, checkpoint.manifest, "keyed", *task.tables));
    task.op->attach(*task.tables);
  }
}

}  // namespace weir::operators
