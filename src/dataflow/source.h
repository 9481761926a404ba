/// \file
/// The source port.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataflow/task_share.h"
#include "event/progress.h"
#include "event/raw_batch.h"

namespace weir {

/// What one poll brought.
struct Poll {
  enum class State {
    events,    ///< `events` holds at least one event
    idle,      ///< nothing now; ask again
    finished,  ///< this reader has read all that there was when it began (one-pass runs only); it stays finished
  };
  State state = State::idle;
  std::shared_ptr<const RawBatch> events;
};

/// How far behind the end of a source its reader is.
struct SourceLag {
  int64_t events = -1;  ///< Kafka: messages not yet read; -1 when unknown
  int64_t bytes = -1;   ///< files: bytes of known files not yet read; -1 when unknown
};

/// Asks whether the run is to end now. Thread-safe, cheap, never blocks; once true, it stays true.
using StopAsked = std::function<bool()>;

/// One reader of a source. One thread.
///
/// Life: open() once, then poll() and the others, then destruction. Progress covers exactly the events handed out by
/// poll().
class Source {
 public:
  virtual ~Source() = default;

  /// Starts at `from`, or where the source's own start setting says when `from` is null (the tables have no progress of
  /// this source yet). What waits for another system asks `stop_asked` (not empty) several times a second and gives up
  /// when it says yes. Errors: position_lost, with the range named, when `from` can no longer be read; cancelled after
  /// a stop: there is nothing to use then.
  virtual Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) = 0;

  /// Takes the next run of events, waiting up to `wait_ms` for the first.
  virtual Result<Poll> poll(int wait_ms) = 0;

  /// The progress after the last event handed out: all partitions of this reader.
  virtual SourceProgress progress() const = 0;

  /// How far behind this reader is. Called after every poll(), so it costs no more than a few additions: no call to the
  /// source's system, no walk over all files or partitions.
  virtual SourceLag lag() const = 0;

  /// Tells that `committed` is in the tables. Advisory (Kafka group offsets for lag tools); failures are only logged.
  virtual void on_committed(const SourceProgress& committed) = 0;
};

/// Makes the readers of one source of the pipeline. Thread-safe.
class SourceFactory {
 public:
  virtual ~SourceFactory() = default;
  virtual Result<std::unique_ptr<Source>> make(TaskShare share) = 0;
};

}  // namespace weir
