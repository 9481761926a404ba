/// \file
/// The operator port.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "columnar/batch.h"
#include "dataflow/counters.h"
#include "dataflow/rejects.h"
#include "dataflow/stream_status.h"
#include "state/fwd.h"
#include "state/table_spec.h"

namespace weir {

/// Which of an operator's inputs a batch comes in by, from 0, in the order in which the graph was told of them.
using InputIndex = int;
/// Which of an operator's outputs a batch leaves by, from 0.
using OutputIndex = int;

inline constexpr OutputIndex kMainOutput = 0;
/// Every operator has this output too: what it rejects, in the columns of reject_schema().
inline constexpr OutputIndex kRejectOutput = -1;

/// Whether an operator is ready for new input.
enum class Step : uint8_t {
  done,     ///< it is
  more,     ///< it has more to hand on first: emit_more() is called until it says done
  waiting,  ///< as more, but what it needs for that is on its way (an answer, a disk): emit_more() is called again soon
};

/// Where an operator's output goes. Never a neighbour: the graph decides.
class Collector {
 public:
  virtual ~Collector() = default;
  /// Hands rows on. Empty batches are not handed on.
  virtual Result<void> emit(OutputIndex output, const Batch& batch) = 0;
  Result<void> emit(const Batch& batch) { return emit(kMainOutput, batch); }
  /// Hands rejects on, by kRejectOutput. They never block, and are never dropped but for an event that the operator has
  /// rejected already: its position stands in the dead letter once for each step.
  virtual Result<void> reject(Rejects rejects) = 0;
  /// Says what is known of the rest of all outputs; only for operators whose makes_status() is true.
  virtual Result<void> advance(const StreamStatus& status) = 0;
};

/// What a task reads of one source has changed.
struct SplitChange {
  std::string_view source;
  std::span<const SplitPtr> begun;  ///< their rows are still to come: event time waits for them
  std::span<const SplitPtr> ended;  ///< their rows have all come
  bool has_none = false;            ///< the task has no split of the source now: it holds nobody up
};

/// One instance a task, on one thread at a time. Results depend on the input alone: no wall clock, no random numbers,
/// no hash order (exactly-once.md rule 11). Members may hold buffers that are reused, and counts of the open epoch;
/// nothing that a restart would miss.
class Operator {
 public:
  virtual ~Operator() = default;

  /// The tables that hold all that a restart must not miss, in an order that attach() may count on; fixed when the
  /// operator is made. None by default.
  virtual std::span<const state::StateTableSpec> tables() const { return {}; }

  /// Gives the operator its tables, as a checkpoint left them or empty; they outlive it. Before any input, and again
  /// for another run: what the operator held of a run before is then forgotten. Only for operators with tables().
  virtual void attach(state::Tables& tables) { (void)tables; }

  /// Takes one batch of input `input`; may emit any number.
  virtual Result<Step> process(InputIndex input, const Batch& batch, Collector& out) = 0;

  /// Hands on the next piece of what the last call left; only after Step::more or waiting. Never waits itself.
  virtual Result<Step> emit_more(Collector& out) {
    (void)out;
    return Step::done;
  }

  /// Event time has come to `watermark`: the lowest of all inputs that are not idle. The graph passes it on once this
  /// is done.
  virtual Result<Step> on_watermark(EventTime watermark, Collector& out) {
    (void)watermark, (void)out;
    return Step::done;
  }

  /// True for an operator that decides itself, by Collector::advance(), what is known of the rest of its output: the
  /// status of its inputs ends here.
  virtual bool makes_status() const { return false; }

  /// Splits of a source that feeds this operator, not by way of another task, have begun or ended. Only for operators
  /// with makes_status().
  virtual Result<void> on_splits(const SplitChange& change, Collector& out) {
    (void)change, (void)out;
    return {};
  }

  /// When on_time() is to be called, in monotonic microseconds; kNoTime: never. What it does must change no row: only
  /// when something is handed on.
  virtual int64_t next_time_us() const { return kNoTime; }
  virtual Result<Step> on_time(int64_t now_us, Collector& out) {
    (void)now_us, (void)out;
    return Step::done;
  }

  /// What was counted since the last call: the barrier of an epoch has passed.
  virtual Counters take_counters() { return {}; }

  /// The schema of what leaves by `output`, from 0 without gaps; fixed when the operator is made.
  virtual const SchemaPtr& output_schema(OutputIndex output) const = 0;
};

}  // namespace weir
