#include <cstring>
#include <utility>

#include "base/civil_time.h"
#include "operator/dedupe_internal.h"
#include "operator/event_clock_internal.h"
#include "operator/event_column_internal.h"
#include "operator/stateful_operators.h"
#include "state/key_layout.h"
#include "state/tables.h"

namespace weir::operators {
namespace {

/// Expiry goes by steps of this part of the time to live: what a key is kept longer than it must be.
constexpr int64_t kStepsPerTtl = 64;

/// Hands on the first row of each key.
class DedupeFirst final : public Operator {
 public:
  DedupeFirst(const DedupeSpec& spec, state::KeyLayout keys, int time, SchemaPtr schema)
      : name_(spec.name),
        layout_(std::move(keys)),
        time_(time),
        ttl_us_(spec.ttl_us),
        lateness_us_(spec.lateness_us),
        schema_(std::move(schema)) {
    tables_.push_back({.name = "seen",
                       .codec = "dedupe.time",
                       .key_layout = layout_.text(),
                       .value_bytes = sizeof(int64_t),
                       .expires = true,
                       .expiry_step_us = std::max<int64_t>(1, ttl_us_ / kStepsPerTtl)});
    tables_.push_back(EventClock::table());
  }

  std::span<const state::StateTableSpec> tables() const override { return tables_; }
  void attach(state::Tables& tables) override {
    seen_ = &tables.keyed(0);
    clock_.attach(tables, 1);
  }

  Result<Step> process(InputIndex, const Batch& arrived, Collector& out) override {
    const Batch batch = arrived.without_raw();
    WEIR_TRY(layout_.encode(batch, keys_));
    judge_times(batch);
    WEIR_TRY(seen_->find_or_insert(keys_, {.rows = selected_, .all = selected_.size() == keys_.size(), .windows = {}},
                                   entries_));
    std::vector<int32_t> kept = take_first();
    removed_ += static_cast<int64_t>(rows_.size() - kept.size());
    late_count_ += static_cast<int64_t>(late_.size());
    if (!late_.empty()) WEIR_TRY(out.emit(kLateOutput, batch.with_selection(std::exchange(late_, {}))));
    const bool is_whole = static_cast<int64_t>(kept.size()) == batch.rows();
    WEIR_TRY(out.emit(is_whole ? batch : batch.with_selection(std::move(kept))));
    return Step::done;
  }

  Result<Step> on_watermark(EventTime watermark, Collector&) override {
    clock_.advance(watermark);
    seen_->expire(watermark);
    return Step::done;
  }

  Counters take_counters() override {
    Counters counters;
    if (removed_ != 0) counters[{.kind = CounterKind::dedupe_removed, .name = name_}] = std::exchange(removed_, 0);
    if (late_count_ != 0) counters[{.kind = CounterKind::late, .name = name_}] = std::exchange(late_count_, 0);
    return counters;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  /// Parts the selected rows in those that can be judged (rows_, selected_ and times_) and late_.
  void judge_times(const Batch& batch) {
    rows_.clear();
    selected_.clear();
    times_.clear();
    late_.clear();
    const Column& times = batch.column(static_cast<size_t>(time_));
    const std::span<const int64_t> values = times.values_as<int64_t>();
    each_selected(batch, [&](uint32_t i, int32_t row) {
      const int64_t time = values[static_cast<size_t>(row)];
      if (times.is_null(row) || time < kInstantMin || time >= kInstantEnd || time + lateness_us_ <= clock_.now()) {
        late_.push_back(row);
        return;
      }
      rows_.push_back(row);
      selected_.push_back(i);
      times_.push_back(time);
    });
  }

  /// The rows whose key was not known at their time.
  std::vector<int32_t> take_first() {
    std::vector<int32_t> kept;
    kept.reserve(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) {
      const state::Entry& entry = entries_[i];
      int64_t seen;
      std::memcpy(&seen, entry.value, sizeof seen);
      if (!entry.inserted && times_[i] < seen + ttl_us_) continue;
      std::memcpy(entry.value, &times_[i], sizeof seen);
      // While rows that are not late may still be before the end of its time.
      seen_->set_expiry(entry, times_[i] + ttl_us_ + lateness_us_);
      kept.push_back(rows_[i]);
    }
    return kept;
  }

  std::string name_;
  state::KeyLayout layout_;
  int time_;
  int64_t ttl_us_;
  int64_t lateness_us_;
  SchemaPtr schema_;
  std::vector<state::StateTableSpec> tables_;
  state::KeyedTable* seen_ = nullptr;
  EventClock clock_;
  int64_t removed_ = 0;
  int64_t late_count_ = 0;

  // Of the batch at hand; kept for their room.
  state::KeyBatch keys_;
  std::vector<state::Entry> entries_;
  std::vector<int32_t> rows_;
  std::vector<uint32_t> selected_;
  std::vector<int64_t> times_;
  std::vector<int32_t> late_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_dedupe(const DedupeSpec& spec, const SchemaPtr& input) {
  if (spec.ttl_us <= 0 || spec.ttl_us > kInstantEnd) {
    return Error(ErrorKind::invalid_argument, "the time to live of a key must be above 0 and below 8,000 years");
  }
  if (spec.lateness_us < 0 || spec.lateness_us > kInstantEnd) {
    return Error(ErrorKind::invalid_argument,
                 "the allowed lateness must not be negative, and must be below 8,000 years");
  }
  std::vector<int> columns;
  for (const std::string& column : spec.key) {
    WEIR_ASSIGN(columns.emplace_back(), column_index(*input, column));
  }
  WEIR_ASSIGN(state::KeyLayout keys, state::KeyLayout::bind(*input, std::move(columns)));
  WEIR_ASSIGN(const int time, time_column(*input, spec.time));
  if (spec.keep == Keep::last) return make_dedupe_last(spec, std::move(keys), time, input);
  return std::unique_ptr<Operator>(std::make_unique<DedupeFirst>(spec, std::move(keys), time, input));
}

}  // namespace weir::operators
