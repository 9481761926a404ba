#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/bytes.h"
#include "base/civil_time.h"
#include "columnar/row_bytes.h"
#include "operator/dedupe_internal.h"
#include "operator/event_clock_internal.h"
#include "operator/event_column_internal.h"
#include "operator/failed_rows_internal.h"
#include "state/key_layout.h"
#include "state/tables.h"

namespace weir::operators {
namespace {

constexpr size_t kDueAtOnce = 8'192;

/// Of an entry, while a batch is taken in: which of its rows is the newest of the key so far.
struct Newest {
  int64_t time = 0;
  int64_t row = 0;  ///< index among the rows that are in time, and one; 0: none of this batch
};

/// Where a row came from: what decides between rows of one time, whichever task reads first.
struct RowPlace {
  std::string_view source;
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;

  friend auto operator<=>(const RowPlace&, const RowPlace&) = default;
};

RowPlace place_of(const Batch& batch, int64_t row) {
  if (!batch.origins()) return {};
  const Split& split = batch.origins()->split(row);
  return {.source = split.source,
          .topic = split.topic,
          .partition = split.partition,
          .offset = batch.origins()->offset[static_cast<size_t>(row)]};
}

void put_place(const RowPlace& place, std::string& out) {
  ByteWriter bytes;
  bytes.string(place.source);
  bytes.string(place.topic);
  bytes.fixed(place.partition);
  bytes.fixed(place.offset);
  out = std::move(bytes).release();
}

RowPlace take_place(ByteReader& in) {
  RowPlace place;
  place.source = in.string();
  place.topic = in.string();
  place.partition = in.fixed<int32_t>();
  place.offset = in.fixed<int64_t>();
  return place;
}

/// Keeps the newest row of each key and interval of `ttl`, and hands it on once the interval is over.
class DedupeLast final : public Operator {
 public:
  DedupeLast(const DedupeSpec& spec, state::KeyLayout keys, int time, SchemaPtr schema)
      : name_(spec.name),
        layout_(std::move(keys)),
        time_(time),
        ttl_us_(spec.ttl_us),
        lateness_us_(spec.lateness_us),
        schema_(std::move(schema)) {
    tables_.push_back({.name = "last",
                       .codec = "dedupe.last " + std::to_string(ttl_us_) + "; " + row_bytes_layout(*schema_),
                       .key_layout = layout_.text(),
                       .value_bytes = sizeof(Newest),
                       .has_payload = true,
                       .is_windowed = true,
                       .expires = true,
                       .expiry_step_us = std::gcd(ttl_us_, lateness_us_)});
    tables_.push_back(EventClock::table());
  }

  std::span<const state::StateTableSpec> tables() const override { return tables_; }
  void attach(state::Tables& tables) override {
    table_ = &tables.keyed(0);
    clock_.attach(tables, 1);
  }

  Result<Step> process(InputIndex, const Batch& arrived, Collector& out) override {
    const Batch batch = arrived.without_raw();
    WEIR_TRY(reject_oversized(batch, out));
    WEIR_TRY(layout_.encode(batch, keys_));
    assign_intervals(batch);
    late_count_ += static_cast<int64_t>(late_.size());
    if (!late_.empty()) WEIR_TRY(out.emit(kLateOutput, batch.with_selection(std::exchange(late_, {}))));
    if (rows_.empty()) return Step::done;
    const bool all = selected_.size() == keys_.size();
    WEIR_TRY(table_->find_or_insert(keys_, {.rows = selected_, .all = all, .windows = intervals_}, entries_));
    find_newest(batch);
    WEIR_TRY(keep_newest(batch));
    return Step::done;
  }

  Result<Step> on_watermark(EventTime watermark, Collector& out) override {
    clock_.advance(watermark);
    return emit_more(out);
  }

  Result<Step> emit_more(Collector& out) override {
    // The rows that are due are the cursor: a barrier between two pieces stores those that are left.
    const std::span<const state::Entry> due = table_->due(clock_.now(), kDueAtOnce);
    if (due.empty()) return Step::done;
    WEIR_ASSIGN(const Batch rows, finish(due));
    table_->drop_due();
    WEIR_TRY(out.emit(rows));
    return Step::more;
  }

  Counters take_counters() override {
    Counters counters;
    if (removed_ != 0) counters[{.kind = CounterKind::dedupe_removed, .name = name_}] = std::exchange(removed_, 0);
    if (late_count_ != 0) counters[{.kind = CounterKind::late, .name = name_}] = std::exchange(late_count_, 0);
    return counters;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  /// The watermark at which an interval's rows are handed on.
  int64_t closes_at(int64_t begin) const { return begin + ttl_us_ + lateness_us_; }

  /// Parts the selected rows in those that are in time (rows_, selected_, times_, intervals_) and late_.
  void assign_intervals(const Batch& batch) {
    rows_.clear();
    selected_.clear();
    times_.clear();
    intervals_.clear();
    late_.clear();
    const Column& times = batch.column(static_cast<size_t>(time_));
    const std::span<const int64_t> values = times.values_as<int64_t>();
    each_selected(batch, [&](uint32_t i, int32_t row) {
      if (std::binary_search(oversized_.begin(), oversized_.end(), row)) return;
      const int64_t time = values[static_cast<size_t>(row)];
      if (times.is_null(row) || time < kInstantMin || time >= kInstantEnd) return late_.push_back(row);
      const int64_t begin = floor_divide(time, ttl_us_) * ttl_us_;
      if (closes_at(begin) <= clock_.now()) return late_.push_back(row);
      rows_.push_back(row);
      selected_.push_back(i);
      times_.push_back(time);
      intervals_.push_back(begin);
    });
  }

  static Newest read(const state::Entry& entry) {
    Newest newest;
    std::memcpy(&newest, entry.value, sizeof newest);
    return newest;
  }
  static void write(const state::Entry& entry, const Newest& newest) {
    std::memcpy(entry.value, &newest, sizeof newest);
  }

  /// Marks in each entry which row of the batch it is to hold from now on, if any.
  void find_newest(const Batch& batch) {
    for (size_t i = 0; i < rows_.size(); ++i) {
      const state::Entry& entry = entries_[i];
      if (entry.inserted) table_->set_expiry(entry, closes_at(intervals_[i]));
      const Newest known = read(entry);
      const bool is_first = known.row == 0 && table_->payload(entry).empty();
      if (!is_first) ++removed_;
      if (is_first || is_newer(batch, i, known, entry))
        write(entry, {.time = times_[i], .row = static_cast<int64_t>(i) + 1});
    }
  }

  /// Of equal times, the row that stands later in the log.
  bool is_newer(const Batch& batch, size_t i, const Newest& known, const state::Entry& entry) const {
    if (times_[i] != known.time) return times_[i] > known.time;
    const RowPlace place = place_of(batch, rows_[i]);
    if (known.row != 0) return place > place_of(batch, rows_[static_cast<size_t>(known.row) - 1]);
    ByteReader stored(table_->payload(entry));
    return place > take_place(stored);
  }

  Result<void> keep_newest(const Batch& batch) {
    winners_.clear();
    for (size_t i = 0; i < rows_.size(); ++i) {
      Newest newest = read(entries_[i]);
      if (newest.row != static_cast<int64_t>(i) + 1) continue;
      newest.row = 0;
      write(entries_[i], newest);
      winners_.push_back(i);
    }
    for (const size_t i : winners_) {  // each of an entry of its own: what moves here, moves once
      put_row(batch, rows_[i]);
      WEIR_TRY(table_->set_payload(entries_[i], bytes_));
    }
    return {};
  }

  void put_row(const Batch& batch, int64_t row) {
    put_place(place_of(batch, row), bytes_);
    append_row_bytes(batch, row, bytes_);
  }

  /// Sets oversized_ to the rows that cannot be kept, and rejects them.
  Result<void> reject_oversized(const Batch& batch, Collector& out) {
    oversized_.clear();
    if (batch.memory_bytes() <= state::StateTableSpec::kPayloadBytesMax / 2) return {};
    std::vector<expression::RowFailure> failures;
    each_selected(batch, [&](uint32_t, int32_t row) {
      put_row(batch, row);
      if (bytes_.size() <= state::StateTableSpec::kPayloadBytesMax) return;
      oversized_.push_back(row);
      failures.push_back({.row = row, .message = "the row takes more than 16 MiB, and cannot be kept for later"});
    });
    return reject_failed_rows(name_, batch, failures, out);
  }

  Result<Batch> finish(std::span<const state::Entry> entries) {
    std::vector<std::unique_ptr<ColumnBuilder>> builders;
    for (const Field& field : schema_->fields()) builders.push_back(make_column_builder(field.type));
    auto origins = std::make_shared<RowOrigins>();
    for (const state::Entry& entry : entries) {
      ByteReader in(table_->payload(entry));
      const RowPlace place = take_place(in);
      WEIR_TRY(read_row_bytes(in.take(in.remaining()), builders));
      origins->offset.push_back(place.offset);
      origins->add_to_run(split_of(place));
    }
    std::vector<ColumnPtr> columns;
    columns.reserve(builders.size());
    for (const auto& builder : builders) columns.push_back(builder->finish());
    const auto rows = static_cast<int64_t>(entries.size());
    return Batch(schema_, columns, rows, std::move(origins)).with_event_time(columns[static_cast<size_t>(time_)]);
  }

  const SplitPtr& split_of(const RowPlace& place) {
    const bool is_last = split_ && split_->source == place.source && split_->topic == place.topic &&
                         split_->partition == place.partition;
    if (!is_last) {
      split_ = std::make_shared<const Split>(
          Split{.source = std::string(place.source), .topic = std::string(place.topic), .partition = place.partition});
    }
    return split_;
  }

  std::string name_;
  state::KeyLayout layout_;
  int time_;
  int64_t ttl_us_;
  int64_t lateness_us_;
  SchemaPtr schema_;
  std::vector<state::StateTableSpec> tables_;
  state::KeyedTable* table_ = nullptr;
  EventClock clock_;
  int64_t removed_ = 0;
  int64_t late_count_ = 0;

  // Of the batch at hand; kept for their room.
  state::KeyBatch keys_;
  std::vector<state::Entry> entries_;
  std::vector<int32_t> rows_;
  std::vector<uint32_t> selected_;
  std::vector<int64_t> times_;
  std::vector<int64_t> intervals_;
  std::vector<int32_t> late_;
  std::vector<int32_t> oversized_;
  std::vector<size_t> winners_;
  std::string bytes_;
  SplitPtr split_;
};

}  // namespace

std::unique_ptr<Operator> make_dedupe_last(const DedupeSpec& spec, state::KeyLayout keys, int time, SchemaPtr schema) {
  return std::make_unique<DedupeLast>(spec, std::move(keys), time, std::move(schema));
}

}  // namespace weir::operators
