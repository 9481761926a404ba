#include <algorithm>
#include <set>
#include <type_traits>

#include "columnar/row_json.h"
#include "iceberg/value/value.h"
#include "lake/partition_groups.h"
#include "planner/one_task_internal.h"
#include "planner/preview.h"

namespace weir::planner {
namespace {

constexpr size_t kRowBytesMax = 400;

std::string position_of(const RowOrigins& origins, int64_t row) {
  const Split& split = origins.split(row);
  const std::string partition = split.partition == 0 ? "" : "/" + std::to_string(split.partition);
  const int64_t offset = origins.offset[static_cast<size_t>(row)];
  return split.topic + partition + (offset < 0 ? "" : ":" + std::to_string(offset));
}

/// Keeps the batches that a sink gets.
class Keeper final : public SinkWriter {
 public:
  explicit Keeper(std::vector<Batch>& batches) : batches_(batches) {}
  Result<void> write(const Batch& batch) override {
    batches_.push_back(batch.compact());
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string()); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Batch>& batches_;
};

std::string cell_text(const Batch& batch, const char* name, int64_t row) {
  const Column& column = batch.column(static_cast<size_t>(batch.schema()->find(name)));
  return column.is_null(row) ? std::string() : std::string(column.bytes_at(row));
}

int64_t number_at(const Batch& batch, const char* name, int64_t row) {
  const Column& column = batch.column(static_cast<size_t>(batch.schema()->find(name)));
  return column.values_as<int64_t>()[static_cast<size_t>(row)];
}

/// Equal for equal values only.
std::string key_text(const iceberg::Value& value) {
  return std::visit(
      [&](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        std::string kind = std::to_string(value.payload.index()) + ":";
        if constexpr (std::is_same_v<Held, std::monostate>)
          return kind;
        else if constexpr (std::is_same_v<Held, std::string>)
          return kind + std::to_string(held.size()) + ":" + held;
        else
          return kind + std::string(reinterpret_cast<const char*>(&held), sizeof held);
      },
      value.payload);
}

/// Distinct tuples, by their text.
void add_partitions(const PlannedSink& sink, const Batch& batch, std::set<std::string>& partitions) {
  const iceberg::PartitionSpec& spec = sink.definition.spec;
  if (spec.fields.empty()) {
    partitions.emplace();
    return;
  }
  for (const lake::PartitionGroup& group : lake::PartitionSplitter(sink.definition.schema, spec).split(batch)) {
    std::string text;
    for (const iceberg::Value& value : group.partition) text += key_text(value);
    partitions.insert(std::move(text));
  }
}

SinkPreview preview_of(const PlannedSink& sink, const std::vector<Batch>& batches, double unread_per_sampled,
                       std::map<std::string, std::string>& outcomes) {
  SinkPreview preview{.sink = sink.name, .table = sink.definition.table, .first_rows = {}};
  std::set<std::string> partitions;
  for (const Batch& batch : batches) {
    preview.rows += batch.rows();
    add_partitions(sink, batch, partitions);
    for (int64_t row = 0; row < batch.rows(); ++row) {
      bool is_cut = false;
      std::string text = row_json(batch, row, kRowBytesMax, is_cut);
      if (is_cut) text += "...";
      if (preview.first_rows.size() < kPreviewRowsMax) preview.first_rows.push_back(text);
      if (batch.origins()) outcomes[position_of(*batch.origins(), row) + " of " + sink.name] = std::move(text);
    }
  }
  preview.partitions = static_cast<int64_t>(partitions.size());
  if (preview.partitions > 0)
    preview.rows_a_file =
        static_cast<int64_t>(static_cast<double>(preview.rows) * unread_per_sampled) / preview.partitions;
  return preview;
}

void add_rejects(const std::vector<Batch>& dead_letter, SamplePreview& preview) {
  for (const Batch& batch : dead_letter) {
    for (int64_t row = 0; row < batch.rows(); ++row) {
      const std::string rule = cell_text(batch, "rule", row);
      const std::string reason = cell_text(batch, "error_class", row) + (rule.empty() ? "" : " " + rule);
      const Column& numbers = batch.column(static_cast<size_t>(batch.schema()->find("partition")));
      const int32_t number = numbers.values_as<int32_t>()[static_cast<size_t>(row)];
      const int64_t offset = number_at(batch, "offset", row);
      const std::string position = cell_text(batch, "topic", row) + (number == 0 ? "" : "/" + std::to_string(number)) +
                                   (offset < 0 ? "" : ":" + std::to_string(offset));
      const std::string why = reason + ": " + cell_text(batch, "message", row);
      ++preview.rejected;
      ++preview.reject_reasons[reason];
      if (preview.first_rejects.size() < kPreviewRowsMax) preview.first_rejects.push_back(position + " " + why);
      preview.outcomes[position + " of " + cell_text(batch, "step", row)] = "rejected: " + why;
    }
  }
}

/// How much more there is than was sampled, by what is known of it.
double unread_per_sampled(const std::vector<SourcePreview>& sources) {
  double most = 1;
  for (const SourcePreview& source : sources) {
    if (source.is_whole || source.sampled == 0) continue;
    if (source.events >= 0)
      most = std::max(most, static_cast<double>(source.events) / static_cast<double>(source.sampled));
    else if (source.bytes >= 0 && source.sampled_bytes > 0)
      most = std::max(most, static_cast<double>(source.bytes) / static_cast<double>(source.sampled_bytes));
  }
  return most;
}

}  // namespace

Result<SamplePreview> preview_sample(const Plan& plan, const std::vector<SourcePreview>& sources) {
  GivenBatches events;
  SamplePreview preview;
  for (const SourcePreview& source : sources) {
    events[source.source] = source.sample;
    preview.events += source.sampled;
  }
  std::map<std::string, std::vector<Batch>> kept;
  WEIR_TRY(
      run_as_one_task(plan, events, [&](const std::string& name) { return std::make_unique<Keeper>(kept[name]); }));
  const double factor = unread_per_sampled(sources);
  for (const PlannedSink& sink : plan.sinks)
    preview.sinks.push_back(preview_of(sink, kept[sink.name], factor, preview.outcomes));
  add_rejects(kept[std::string(kDeadLetterSink)], preview);
  return preview;
}

}  // namespace weir::planner
