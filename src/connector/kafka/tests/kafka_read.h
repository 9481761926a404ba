/// \file
/// Reads a source in tests and keeps what came.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dataflow/source_cursor.h"

namespace weir::connector {

struct ReadEvent {
  int64_t offset = 0;
  std::string value;
  std::string key;
  bool has_key = false;
  bool is_null = false;
  bool is_truncated = false;
  int64_t timestamp_ms = 0;
};

/// Events by "topic/partition", in the order in which they came.
using ReadEvents = std::map<std::string, std::vector<ReadEvent>>;

struct ReadRun {
  ReadEvents events;
  size_t count = 0;
  size_t batches = 0;
  size_t most_events = 0;  ///< in one batch
  size_t most_bytes = 0;   ///< of payload in one batch
  bool finished = false;
  std::optional<Error> error;

  const std::vector<ReadEvent>& of(const std::string& partition) { return events[partition]; }
};

/// Polls until `done` says so, the source has finished or failed, or `timeout_ms` is over.
inline void read_on(SourceCursor& source, ReadRun& run, const std::function<bool(const ReadRun&)>& done,
                    int timeout_ms = 20'000) {
  const Deadline deadline = Deadline::after_ms(system_clock_source(), timeout_ms);
  while (!done(run) && !deadline.passed(system_clock_source())) {
    Result<Poll> poll = source.poll(50);
    if (!poll.ok()) {
      run.error = poll.error();
      return;
    }
    if (poll->state == Poll::State::finished) {
      run.finished = true;
      return;
    }
    if (poll->state == Poll::State::idle) continue;
    const RawBatch& batch = *poll->events;
    ++run.batches;
    run.most_events = std::max(run.most_events, batch.size());
    run.most_bytes = std::max(run.most_bytes, batch.payload_bytes());
    run.count += batch.size();
    for (size_t i = 0; i < batch.size(); ++i) {
      const Split& name = batch.split(i);
      run.events[name.topic + "/" + std::to_string(name.partition)].push_back({.offset = batch.offset(i),
                                                                               .value = std::string(batch.bytes(i)),
                                                                               .key = std::string(batch.key(i)),
                                                                               .has_key = batch.has_key(i),
                                                                               .is_null = batch.is_null(i),
                                                                               .is_truncated = batch.is_truncated(i),
                                                                               .timestamp_ms = batch.timestamp_ms(i)});
    }
  }
}

inline ReadRun read_count(SourceCursor& source, size_t count, int timeout_ms = 20'000) {
  ReadRun run;
  read_on(
      source, run, [count](const ReadRun& r) { return r.count >= count; }, timeout_ms);
  return run;
}

/// Reads until the source says that it has finished, or fails.
inline ReadRun read_all(SourceCursor& source, int timeout_ms = 30'000) {
  ReadRun run;
  read_on(
      source, run, [](const ReadRun&) { return false; }, timeout_ms);
  return run;
}

/// Polls, expecting no events, for `ms`: lets ends of partitions and surveys come in.
inline ReadRun read_for(SourceCursor& source, int ms) {
  ReadRun run;
  read_on(
      source, run, [](const ReadRun&) { return false; }, ms);
  return run;
}

}  // namespace weir::connector
