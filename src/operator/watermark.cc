#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/civil_time.h"
#include "operator/event_column_internal.h"
#include "operator/stateful_operators.h"
#include "operator/step_errors_internal.h"
#include "operator/step_kinds.h"
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
    clocks_.clear();
    by_address_.clear();
    names_.clear();
    has_splits_.clear();
    told_ = {};
    table_ = &tables.list(0);
    take_over(std::to_string(tables.place().task));
    for (const auto& [name, value] : table_->items()) {
      if (value.size() == sizeof(SplitClock)) std::memcpy(&clocks_[name].clock, value.data(), sizeof(SplitClock));
    }
  }

  bool makes_status() const override { return true; }

  Result<void> on_splits(const SplitChange& change, Collector& out) override {
    if (!has_splits_.contains(change.source)) forget_others(change);
    has_splits_.insert_or_assign(std::string(change.source), !change.has_none);
    for (const SplitPtr& split : change.begun) known(split);
    for (const SplitPtr& split : change.ended) WEIR_TRY(end(name_of(*split)));
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

  /// What this task had promised before a restart still holds, also where the splits that it went by have ended. Other
  /// tasks keep what they had promised; how far the ended splits of all went is everybody's.
  void take_over(const std::string& task) {
    reached_ = {.name = "/task " + task};  // no source has an empty name
    ended_ = {.name = "/ended " + task};
    std::vector<std::string> others;
    for (const auto& [name, value] : table_->items()) {
      EventTime time = kNoWatermark;
      if (!name.starts_with('/')) continue;
      if (value.size() == sizeof time) std::memcpy(&time, value.data(), sizeof time);
      if (name == reached_.name) reached_.time = time;
      if (name.starts_with("/ended ")) ended_.time = std::max(ended_.time, time);
      if (name != reached_.name && name != ended_.name) others.push_back(name);
    }
    for (const std::string& name : others) table_->erase(name);
    if (ended_.time != kNoWatermark) WEIR_CHECK(raise(ended_, ended_.time).ok());  // eight bytes in place of eight
  }

  /// An event time that is kept in the table.
  struct Kept {
    std::string name;
    EventTime time = kNoWatermark;
  };

  Result<void> raise(Kept& kept, EventTime to) {
    kept.time = std::max(kept.time, to);
    return table_->put(kept.name, {reinterpret_cast<const char*>(&kept.time), sizeof kept.time});
  }

  /// Whether some source has splits to be read and none of them has begun, or has not said yet what it has.
  bool must_wait() const {
    const auto waits_for = [&](const std::string& source) {
      const auto splits = has_splits_.find(source);
      if (splits == has_splits_.end()) return true;
      const auto clock = clocks_.lower_bound(source + "/");
      return splits->second && (clock == clocks_.end() || !clock->first.starts_with(source + "/"));
    };
    return std::any_of(spec_.sources.begin(), spec_.sources.end(), waits_for);
  }

  Result<void> end(const std::string& name) {
    const auto at = clocks_.find(name);
    if (at != clocks_.end() && at->second.clock.newest > ended_.time) WEIR_TRY(raise(ended_, at->second.clock.newest));
    forget(name);
    return {};
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

  /// How far event time is by the splits that are read. One of which nothing has come yet holds it where it is; when
  /// all have ended, it is that of the newest row, whichever of them ended last.
  EventTime reached_by_splits() const {
    if (clocks_.empty()) return ended_.time;
    EventTime lowest = std::numeric_limits<EventTime>::max();
    bool is_idle = true;
    for (const auto& [name, split] : clocks_) {
      if (split.is_idle) continue;
      is_idle = false;
      lowest = std::min(lowest, split.clock.newest);
    }
    return is_idle ? kNoWatermark : lowest;
  }

  /// Hands on what is known now, when that is news.
  Result<void> tell(Collector& out) {
    StreamStatus status = told_;
    status.watermark = std::max(status.watermark, reached_.time);
    status.is_idle = false;
    if (!must_wait()) {
      const EventTime newest = reached_by_splits();
      if (newest != kNoWatermark) status.watermark = std::max(status.watermark, newest - spec_.disorder_us);
      status.is_idle = (!has_splits_.empty() || !clocks_.empty()) &&
                       std::all_of(clocks_.begin(), clocks_.end(), [](const auto& one) { return one.second.is_idle; });
    }
    if (status == told_) return {};
    if (status.watermark > reached_.time) WEIR_TRY(raise(reached_, status.watermark));
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
  Kept reached_;  ///< the highest watermark that this task has promised
  Kept ended_;    ///< the newest time of the splits that have ended
  int64_t next_time_us_ = 0;
};

using config::Duration;
using config::Located;

struct WatermarkOptions {
  std::optional<Located<std::string>> time;
  Duration disorder{60'000};
  Duration idle{60'000};
  Duration jump{86'400'000};
};

struct WatermarkStep {
  std::optional<WatermarkOptions> watermark;
};

void describe(config::Description& d, WatermarkOptions& s) {
  d.structure("watermark",
              "How far event time has come, for the steps behind. Each partition of a topic and each file counts for "
              "itself; the slowest holds the others back.");
  d.shorthand("time");
  d.field("time", s.time)
      .not_empty()
      .doc("Column of type timestamptz or timestamp; by default the one that the contract names as `event_time`.");
  d.field("disorder", s.disorder)
      .max(kSpanMax)
      .doc("How much older than the newest row before it a row may be. What is older still may come too late.");
  d.field("idle", s.idle)
      .max(Duration(86'400'000))
      .doc("A partition that brings nothing for so long no longer holds the others back; 0s: it always does.");
  d.field("jump", s.jump)
      .max(kSpanMax)
      .doc(
          "A time that is further ahead of the newest than this is not believed, so that one bad clock does not close "
          "all windows, unless 1,000 rows in a row are all so far ahead; 0s: every time is believed.");
}

void describe_keys(config::Description& d, WatermarkStep& s) {
  d.field("watermark", s.watermark).doc("Says how far event time has come. Rows pass unchanged.");
}

/// The column of event time, or nothing after an error.
std::optional<std::string> time_to_follow(const WatermarkOptions& options, StepContext& context) {
  const Stream& input = context.inputs.front();
  const std::string path = config::path_key(context.path, "watermark");
  if (input.is_behind_state) {
    context.errors.at_path(path,
                           "a watermark goes by the partitions that rows are read from, and stands before the first "
                           "step with state; it holds behind that, too");
    return std::nullopt;
  }
  if (!options.time && input.event_time.empty()) {
    context.errors.at_path(path,
                           "which column tells the time? Name one with `time`; or the contract may, with "
                           "`event_time`");
    return std::nullopt;
  }
  const std::string column = options.time ? options.time->value : input.event_time;
  const Result<int> found = time_column(*input.schema, column);
  if (found.ok()) return column;
  if (options.time)
    context.errors.at(options.time->location, found.error().message());
  else
    context.errors.at_path(path, found.error().message());
  return std::nullopt;
}

BoundStep bind_watermark(const WatermarkStep& step, StepContext& context) {
  const Stream& input = context.inputs.front();
  BoundStep bound{.outputs = {input}};
  Stream& output = bound.outputs.front();
  output.has_watermark = true;  // also where it is wrong: that is one error, not one more for each step behind
  output.has_wrong_time = true;
  if (context.errors.any_below(config::path_key(context.path, "watermark"))) return bound;
  const std::optional<std::string> time = time_to_follow(*step.watermark, context);
  if (!time) return bound;
  output.event_time = *time;
  output.has_wrong_time = false;
  const WatermarkSpec spec{.name = context.step,
                           .time = *time,
                           .disorder_us = micros(step.watermark->disorder),
                           .idle_after_us = micros(step.watermark->idle),
                           .jump_us = micros(step.watermark->jump),
                           .sources = input.sources};
  bound.make = [spec, schema = input.schema] { return make_watermark(spec, schema); };
  return bound;
}

}  // namespace

StepKind watermark_step() {
  return step_kind("watermark", &WatermarkStep::watermark, &bind_watermark);
}

Result<std::unique_ptr<Operator>> make_watermark(const WatermarkSpec& spec, const SchemaPtr& input) {
  if (spec.disorder_us < 0 || spec.idle_after_us < 0 || spec.jump_us < 0 || spec.disorder_us > kInstantEnd) {
    return Error(ErrorKind::invalid_argument, "disorder, idle time and jump of a watermark must not be negative");
  }
  WEIR_ASSIGN(const int time, time_column(*input, spec.time));
  return std::unique_ptr<Operator>(std::make_unique<Watermark>(spec, time, input));
}

}  // namespace weir::operators
