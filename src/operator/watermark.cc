#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/civil_time.h"
#include "operator/event_column_internal.h"
#include "operator/stateful_operators.h"
#include "state/tables.h"

namespace weir::operators {
namespace {

/// What is known of one split's event time. Stored as it lies in memory.
struct SplitClock {
  EventTime newest = kNoWatermark;  ///< of the rows that were believed
  EventTime leap = 0;               ///< the lowest of the times that are too far ahead, while they follow each other
  int64_t leap_rows = 0;            ///< how many of them there are

  void see(EventTime time, int64_t jump_us) {
    if (jump_us == 0 || newest == kNoWatermark || time - newest <= jump_us) {
      newest = std::max(newest, time);
      leap_rows = 0;
      return;
    }
    leap = leap_rows++ == 0 ? time : std::min(leap, time);
    if (leap_rows < kJumpRows) return;
    newest = leap;
    leap_rows = 0;
  }
};
static_assert(sizeof(SplitClock) == 24);

class Watermark final : public Operator {
 public:
  Watermark(WatermarkSpec spec, int time, SchemaPtr schema)
      : spec_(std::move(spec)), time_(time), schema_(std::move(schema)) {
    tables_.push_back({.name = "clocks", .kind = state::TableKind::every, .codec = "watermark.clock"});
  }

  std::span<const state::StateTableSpec> tables() const override { return tables_; }
  void attach(state::Tables& tables) override {
    table_ = &tables.list(0);
    for (const auto& [name, value] : table_->items()) {
      if (value.size() == sizeof(SplitClock)) std::memcpy(&clocks_[name].clock, value.data(), sizeof(SplitClock));
    }
  }

  bool makes_status() const override { return true; }

  Result<void> on_splits(const SplitChange& change, Collector& out) override {
    if (!has_splits_.contains(change.source)) forget_others(change);
    has_splits_.insert_or_assign(std::string(change.source), !change.has_none);
    for (const SplitPtr& split : change.begun) known(split);
    for (const SplitPtr& split : change.ended) forget(name_of(*split));
    return tell(out);
  }

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_TRY(tell(out));  // what was known before a restart counts for the first row
    WEIR_TRY(see(batch));
    WEIR_TRY(out.emit(batch.with_event_time(batch.columns()[static_cast<size_t>(time_)])));
    WEIR_TRY(tell(out));
    return Step::done;
  }

  int64_t next_time_us() const override { return spec_.idle_after_us == 0 ? kNoTime : next_time_us_; }

  Result<Step> on_time(int64_t now_us, Collector& out) override {
    for (auto& [name, split] : clocks_) {
      if (std::exchange(split.is_touched, false)) split.touched_us = now_us;
      split.is_idle = now_us - split.touched_us >= spec_.idle_after_us;
    }
    next_time_us_ = now_us + std::max<int64_t>(1, spec_.idle_after_us / 4);
    WEIR_TRY(tell(out));
    return Step::done;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  struct KnownSplit {
    SplitClock clock;
    bool is_touched = true;
    bool is_idle = false;
    int64_t touched_us = 0;
  };

  /// Cannot be read two ways: the topic, which may hold any character, comes last.
  static std::string name_of(const Split& split) {
    return split.source + "/" + std::to_string(split.partition) + "/" + split.topic;
  }

  /// A restart left the clocks of all splits; others read those that this task was not given.
  void forget_others(const SplitChange& change) {
    std::set<std::string> own;
    for (const SplitPtr& split : change.begun) own.insert(name_of(*split));
    const std::string prefix = std::string(change.source) + "/";
    std::vector<std::string> foreign;
    for (const auto& [name, split] : clocks_) {
      if (name.starts_with(prefix) && !own.contains(name)) foreign.push_back(name);
    }
    for (const std::string& name : foreign) forget(name);
  }

  void forget(const std::string& name) {
    const auto at = clocks_.find(name);
    if (at == clocks_.end()) return;
    std::erase_if(by_address_, [&](const auto& entry) { return entry.second == &at->second; });
    names_.erase(&at->second);
    table_->erase(name);
    clocks_.erase(at);
  }

  KnownSplit& known(const SplitPtr& split) {
    const auto at = by_address_.find(split);
    if (at != by_address_.end()) return *at->second;
    const std::string name = name_of(*split);
    KnownSplit& found = clocks_[name];
    by_address_.emplace(split, &found);
    names_.emplace(&found, name);
    return found;
  }

  Result<void> see(const Batch& batch) {
    const Column& times = batch.column(static_cast<size_t>(time_));
    const std::span<const int64_t> values = times.values_as<int64_t>();
    const auto& runs = batch.origins()->runs;
    size_t run = 0;
    KnownSplit* split = nullptr;
    touched_.clear();
    each_selected(batch, [&](uint32_t, int32_t row) {
      while (row >= runs[run].end) {
        ++run;
        split = nullptr;
      }
      if (split == nullptr) {
        split = &known(runs[run].split);
        split->is_touched = true;
        split->is_idle = false;
        touched_.push_back(split);
      }
      const int64_t time = values[static_cast<size_t>(row)];
      if (times.is_null(row) || time < kInstantMin || time >= kInstantEnd) return;
      split->clock.see(time, spec_.jump_us);
    });
    for (KnownSplit* one : touched_) {
      WEIR_TRY(table_->put(names_.at(one), {reinterpret_cast<const char*>(&one->clock), sizeof(SplitClock)}));
    }
    return {};
  }

  /// Hands on what is known now, when that is news. A split of which nothing has come yet holds event time where it is.
  Result<void> tell(Collector& out) {
    EventTime lowest = std::numeric_limits<EventTime>::max();
    bool is_idle = true;
    for (const auto& [name, split] : clocks_) {
      if (split.is_idle) continue;
      is_idle = false;
      lowest = std::min(lowest, split.clock.newest);
    }
    const bool has_none =
        std::none_of(has_splits_.begin(), has_splits_.end(), [](const auto& one) { return one.second; });
    StreamStatus status = told_;
    status.is_idle = is_idle && (has_splits_.empty() ? !clocks_.empty() : has_none || !clocks_.empty());
    if (!is_idle && lowest != kNoWatermark) status.watermark = std::max(status.watermark, lowest - spec_.disorder_us);
    if (status == told_) return {};
    told_ = status;
    return out.advance(status);
  }

  WatermarkSpec spec_;
  int time_;
  SchemaPtr schema_;
  std::vector<state::StateTableSpec> tables_;
  state::ListTable* table_ = nullptr;
  std::map<std::string, KnownSplit> clocks_;
  std::unordered_map<SplitPtr, KnownSplit*> by_address_;
  std::unordered_map<const KnownSplit*, std::string> names_;
  std::vector<KnownSplit*> touched_;
  std::map<std::string, bool, std::less<>> has_splits_;  ///< by source, as far as sources say what they read
  StreamStatus told_;
  int64_t next_time_us_ = 0;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_watermark(const WatermarkSpec& spec, const SchemaPtr& input) {
  if (spec.disorder_us < 0 || spec.idle_after_us < 0 || spec.jump_us < 0 || spec.disorder_us > kInstantEnd) {
    return Error(ErrorKind::invalid_argument, "disorder, idle time and jump of a watermark are not negative");
  }
  WEIR_ASSIGN(const int time, time_column(*input, spec.time));
  return std::unique_ptr<Operator>(std::make_unique<Watermark>(spec, time, input));
}

}  // namespace weir::operators
