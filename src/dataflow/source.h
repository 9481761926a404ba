/// \file
/// The source port: a splitter that finds and deals splits, and readers that read them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "event/progress.h"
#include "event/raw_batch.h"

namespace weir {

/// What one poll brought.
struct Poll {
  enum class State {
    events,    ///< `events` holds at least one event
    idle,      ///< nothing now: poll again by `again_us`, or after a wake-up
    finished,  ///< all splits are read to their ends and no more will come; it stays finished
  };
  State state = State::idle;
  std::shared_ptr<const RawBatch> events = {};
  int64_t again_us = kNoTime;        ///< monotonic
  bool should_look = false;          ///< something is odd with a split: the splitter should look now
  std::vector<SplitPtr> begun = {};  ///< splits whose events may come from `events` on: event time waits for them
  /// Splits that bring nothing behind `events`, for good, begun or not: it waits no longer. Each split that was added
  /// is named here at most once.
  std::vector<SplitPtr> ended = {};
};

/// How far behind the end of a source its reader is.
struct SourceLag {
  int64_t events = -1;  ///< Kafka: messages not yet read; -1 when unknown
  int64_t bytes = -1;   ///< files: bytes of known files not yet read; -1 when unknown
};

/// Asks whether the run is to end now. Thread-safe, cheap, never blocks; once true, it stays true.
using StopAsked = std::function<bool()>;

/// A split that one reader is to read.
struct AssignedSplit {
  int reader = 0;
  std::string name;        ///< of the split, as progress has it
  PartitionProgress from;  ///< where to begin
  std::string detail;      ///< the rest of what the reader must know: bytes that only this kind of source reads
};

/// What a splitter found.
struct Discovery {
  std::vector<AssignedSplit> splits;  ///< each split once in the life of a splitter, to one reader
  bool is_last = false;               ///< no split will ever follow (one pass)
  int64_t next_us = kNoTime;          ///< monotonic: when to look again
};

/// Finds the splits of one source and deals them to its readers. May block in calls to the source's system, for seconds
/// at most. One thread.
///
/// Life: open() until it succeeds, then discover() and release() in any order.
class SourceSplitter {
 public:
  virtual ~SourceSplitter() = default;

  /// Goes on at `from`, or where the source's own start setting says when `from` is null (there is no progress of this
  /// source yet). `from` lives until it returns. What waits for another system asks `stop_asked` (not empty) several
  /// times a second and gives up when it says yes. Safe to call again after an error. Errors: unavailable: nobody
  /// answers now; position_lost, with the range named, when `from` can no longer be read; cancelled after a stop.
  virtual Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) = 0;

  /// Looks for splits that no reader has. The first one deals those that progress says are half read. `is_in_doubt`: a
  /// reader asks for it (Poll::should_look), however short a time ago the last look was. Errors: those of open(); one
  /// with a retry hint says that nothing was found out, and nothing is lost by calling again.
  virtual Result<Discovery> discover(bool is_in_doubt) = 0;

  /// `durable` is decided: in the tables, for good. Called in the order of the epochs. What follows (group offsets for
  /// lag tools) is advisory: failures are only logged.
  virtual void release(const SourceProgress& durable) = 0;
};

/// Reads the splits that it is given. One thread; no call waits for anything but the local disk.
class SourceReader {
 public:
  virtual ~SourceReader() = default;

  /// Takes on splits of this reader. Errors: those of poll().
  virtual Result<void> add(std::vector<AssignedSplit> splits) = 0;
  /// No split will follow.
  virtual void no_more_splits() = 0;

  /// Hands out no events of split `name` until it is resumed; the others go on. Names that are not read are ignored.
  virtual void pause(std::string_view name) = 0;
  virtual void resume(std::string_view name) = 0;

  /// Takes the next run of events, if there is one. Errors: unavailable: ask again later; position_lost, corrupt,
  /// permission_denied ...: for good.
  virtual Result<Poll> poll() = 0;

  /// The progress after the last event handed out: the splits being read, and those read to their end that are not
  /// released yet. Covers exactly what poll() has handed out.
  virtual SourceProgress progress() const = 0;

  /// How far behind this reader is. Called after every poll(), so it costs no more than a few additions: no call to the
  /// source's system, no walk over all files or partitions.
  virtual SourceLag lag() const = 0;

  /// As SourceSplitter::release(): what was read to its end below `durable` may be let go.
  virtual void release(const SourceProgress& durable) = 0;
};

/// Makes the parts of one source of the pipeline, and outlives them. Thread-safe.
class SourceFactory {
 public:
  virtual ~SourceFactory() = default;
  /// `readers`: how many there will be.
  virtual Result<std::unique_ptr<SourceSplitter>> make_splitter(int readers) = 0;
  /// `wake_up` (not empty): tells the one who polls that there is something to poll. Thread-safe, cheap; the reader may
  /// call it from any thread until it is destroyed.
  virtual Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()> wake_up) = 0;
};

}  // namespace weir
