/// \file
/// Reads the files that a task was dealt, one after the other.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "connector/files/file_reader_internal.h"
#include "connector/files/settling_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

/// Files are read in the order of their names. One that cannot be read is left out with a word in the dead letter. One
/// that changes before it is begun is read once it has settled again, by one pass not at all; one that vanishes before
/// is left out.
class FilesReader final : public SourceReader {
 public:
  FilesReader(const FilesSpec& spec, FileEnv& files, const Clock& clock)
      : spec_(spec), files_(files), clock_(clock), settling_(spec, clock) {}

  Result<void> add(std::vector<AssignedSplit> splits) override;
  void no_more_splits() override { is_last_ = true; }
  void pause(std::string_view name) override { paused_.emplace(name); }
  void resume(std::string_view name) override;
  Result<Poll> poll() override;
  SourceProgress progress() const override { return progress_; }
  SourceLag lag() const override { return {.bytes = waiting_bytes_ + (reader_ ? reader_->bytes_left() : 0)}; }
  void release(const SourceProgress& durable) override;

 private:
  struct Waiting {
    ListedFile file;
    PartitionProgress from;
    int64_t look_us = 0;       ///< monotonic: it is not ready before
    bool has_changed = false;  ///< since it was listed
  };
  using Queue = std::map<std::string, Waiting, std::less<>>;

  SplitPtr split_of(const std::string& name) const;
  Result<Poll> poll_events();
  Result<bool> open_next();
  bool is_ready(Waiting& waiting);
  void leave(Queue::iterator next);
  Result<void> begin(Queue::iterator next);
  Result<void> open_file(ListedFile file, const PartitionProgress& from);
  Result<void> leave_out(const ListedFile& file, const Error& error);
  Result<std::shared_ptr<const RawBatch>> read_on();
  int64_t next_look_us() const;

  const FilesSpec& spec_;
  FileEnv& files_;
  const Clock& clock_;
  Settling settling_;
  Queue waiting_;  ///< by name
  int64_t waiting_bytes_ = 0;
  std::set<std::string, std::less<>> paused_;
  std::unique_ptr<FileReader> reader_;
  SourceProgress progress_;
  RawBatchBuilder builder_;
  std::shared_ptr<const RawBatch> first_;  ///< of a file that was just opened
  bool is_last_ = false;
  SplitPtr split_;               ///< of reader_
  std::vector<SplitPtr> begun_;  ///< since the last poll
  std::vector<SplitPtr> ended_;
};

}  // namespace weir::connector
