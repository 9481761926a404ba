/// \file
/// Reads a source without a host.
#pragma once

#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "dataflow/source.h"
#include "dataflow/task_share.h"

namespace weir {

/// A splitter and one of its readers, driven on the caller's thread: for samples, tools and tests. It backs nothing
/// off: every error is handed out.
class SourceCursor {
 public:
  /// Reads what the splitter deals to reader `share.index` of `share.count`. `clock` outlives the cursor.
  static Result<std::unique_ptr<SourceCursor>> make(std::shared_ptr<SourceFactory> factory, const Clock& clock,
                                                    TaskShare share = {});

  /// Opens the splitter and looks for splits once. Errors: those of SourceSplitter.
  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked);

  /// Takes the next run of events, waiting up to `wait_ms` for the first. Errors: those of SourceReader and
  /// SourceSplitter.
  Result<Poll> poll(int wait_ms);

  /// Where it stands, with what was given to open().
  SourceProgress progress() const;
  SourceLag lag() const { return reader_->lag(); }
  void release(const SourceProgress& durable);
  SourceReader& reader() { return *reader_; }

 private:
  SourceCursor(std::shared_ptr<SourceFactory> factory, const Clock& clock, TaskShare share)
      : factory_(std::move(factory)), clock_(clock), share_(share) {}
  Result<void> look(bool is_in_doubt);

  const std::shared_ptr<SourceFactory> factory_;
  const Clock& clock_;
  const TaskShare share_;
  std::unique_ptr<SourceSplitter> splitter_;
  std::unique_ptr<SourceReader> reader_;
  SourceProgress from_;
  int64_t next_look_us_ = 0;
  bool is_in_doubt_ = false;
};

}  // namespace weir
