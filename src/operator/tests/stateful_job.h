/// \file
/// A keyed step as a job runs it: event time, an exchange by key group, as many tasks as wanted, checkpoints, and the
/// way back from them with another count of tasks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "operator/stateful_operators.h"
#include "state/key_layout.h"
#include "state/restore.h"
#include "state/tables.h"

namespace weir::operators {

/// Rows of splits as a source reads them: schema (id string, k string, ts timestamptz, x long, d double).
struct EventRow {
  std::string id;
  std::string k;
  int64_t ts_us = 0;
  std::optional<int64_t> x;
  double d = 0;
  int split = 0;

  friend auto operator<=>(const EventRow&, const EventRow&) = default;
};

/// The split that EventRow::split numbers.
const SplitPtr& split_of(int number);
SchemaPtr event_schema();
/// Offsets count from `first_offset` on.
Batch batch_of(std::span<const EventRow> rows, int64_t first_offset = 0);

/// Rows as texts "a=1 b=2", sorted.
std::vector<std::string> sorted_texts(const std::vector<Batch>& batches);

/// An operator for each task; operators are reused from run to run, which attach() must allow.
class OperatorPool {
 public:
  explicit OperatorPool(std::function<std::unique_ptr<Operator>()> make) : make_(std::move(make)) {}
  Operator& get(size_t i) {
    while (operators_.size() <= i) operators_.push_back(make_());
    return *operators_[i];
  }

 private:
  std::function<std::unique_ptr<Operator>()> make_;
  std::vector<std::unique_ptr<Operator>> operators_;
};

/// What a job has handed on.
struct JobOutput {
  std::vector<Batch> main;
  std::vector<Batch> late;
  size_t rejected = 0;
};

class StatefulJob {
 public:
  /// `key` names the column by which rows are dealt to tasks.
  StatefulJob(OperatorPool& pool, const WatermarkSpec& watermark, const std::string& key, uint32_t tasks);

  void process(const Batch& batch);
  /// The stream ends: event time goes to its end.
  void finish();

  struct Checkpoint {
    state::Manifest manifest;
    JobOutput output;  ///< handed on until then
  };
  Checkpoint checkpoint(const state::CheckpointStore& store, const std::string& key);
  /// Of a new job.
  void restore(const state::CheckpointStore& store, const Checkpoint& checkpoint);

  const JobOutput& output() const { return output_; }

 private:
  class Exchange;
  class Results;
  struct Task {
    std::unique_ptr<state::Tables> tables;
    Operator* op;
  };

  void deal(const Batch& batch);
  void advance(EventTime watermark);

  std::unique_ptr<Operator> watermark_;
  std::unique_ptr<state::Tables> watermark_tables_;
  std::vector<Task> tasks_;
  state::KeyLayout layout_;
  state::KeyBatch keys_;
  JobOutput output_;
};

}  // namespace weir::operators
