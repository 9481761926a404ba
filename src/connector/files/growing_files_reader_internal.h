/// \file
/// Reads the growing files that a task was dealt, in turn.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "connector/files/growing_file_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

class GrowingFilesReader final : public SourceReader {
 public:
  GrowingFilesReader(const FilesSpec& spec, FileEnv& files, const Clock& clock, RotationLog& rotations)
      : spec_(spec), files_(files), clock_(clock), rotations_(rotations) {}

  Result<void> add(std::vector<AssignedSplit> splits) override;
  void no_more_splits() override { is_last_ = true; }
  void pause(std::string_view name) override { paused_.emplace(name); }
  void resume(std::string_view name) override;
  Result<Poll> poll() override;
  SourceProgress progress() const override;
  SourceLag lag() const override { return {}; }
  void release(const SourceProgress& durable) override;

 private:
  Result<Poll> poll_events();

  const FilesSpec& spec_;
  FileEnv& files_;
  const Clock& clock_;
  RotationLog& rotations_;
  std::vector<std::unique_ptr<GrowingFile>> growing_;
  std::set<std::string, std::less<>> paused_;
  FinishedPartitions rotated_;  ///< read to their end, and not yet durable
  size_t turn_ = 0;             ///< index of the file that is asked first
  RawBatchBuilder builder_;
  std::vector<SplitPtr> begun_;  ///< since the last poll
  std::vector<SplitPtr> ended_;
  bool is_last_ = false;
};

}  // namespace weir::connector
