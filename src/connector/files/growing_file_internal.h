/// \file
/// A file that grows, and is rotated: a log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "codec/framing.h"
#include "connector/files/file_bytes_internal.h"
#include "connector/files/file_listing_internal.h"
#include "connector/files/files_source.h"
#include "connector/files/rotation_internal.h"
#include "event/progress.h"
#include "event/raw_batch.h"

namespace weir::connector {

/// What a growing file was when its first `bytes` plain bytes had been read: "append:HASH:HASH" of the first 1,024 and
/// of the last 4,096 of them. Empty when it has fewer. Errors: corrupt, those of FileEnv.
Result<std::string> growing_identity(ReadableFile& input, const std::string& path, int64_t bytes);

/// Everything that was ever written under one name. Records are counted through all rotations. One thread.
///
/// A last line counts once its end is there, or once the file was rotated: another one stands under the name, or the
/// file became shorter; what was not read of it by then is read from its copy, a file beside it with the same
/// beginning.
class GrowingFile {
 public:
  /// Goes on at `from`. Errors: position_lost when neither `file` nor a copy beside it is what `from` was taken of.
  static Result<std::unique_ptr<GrowingFile>> open(FileEnv& files, const FilesSpec& spec, const Clock& clock,
                                                   RotationLog& rotations, ListedFile file,
                                                   const PartitionProgress& from, SplitPtr split);

  /// Adds records to `builder` until it holds `events_max` or `bytes_max`, or there are no more now. Errors:
  /// position_lost when bytes vanished that were not read.
  Result<void> read(RawBatchBuilder& builder, size_t events_max, size_t bytes_max);

  const std::string& name() const { return file_.name; }
  /// After the last record added.
  const PartitionProgress& progress() const { return progress_; }
  std::string_view context() const { return framer_->context(); }
  /// Files of this name that were read to their end, since they are rotated.
  std::vector<FinishedPartition> take_rotated() { return std::exchange(rotated_, {}); }

 private:
  GrowingFile(FileEnv& files, const FilesSpec& spec, const Clock& clock, RotationLog& rotations, ListedFile file,
              SplitPtr split)
      : files_(files),
        spec_(spec),
        clock_(clock),
        rotations_(rotations),
        file_(std::move(file)),
        split_(std::move(split)) {}
  Result<bool> go_on_in(const std::string& path);
  Result<void> go_on_in_copy();
  Result<void> begin(const std::string& path, std::unique_ptr<ReadableFile> input, int64_t byte);
  Result<bool> is_rotated();
  Result<void> require_same();
  Result<void> note_rotated();
  Result<bool> get_on();

  FileEnv& files_;
  const FilesSpec& spec_;
  const Clock& clock_;
  RotationLog& rotations_;
  const ListedFile file_;
  const SplitPtr split_;
  std::string path_;  ///< of what is being read: the file, or the copy of what it was
  std::unique_ptr<ReadableFile> input_;
  std::optional<FileBytes> bytes_;
  std::unique_ptr<codec::RecordFramer> framer_;
  int64_t size_seen_ = -1;
  int64_t records_before_ = 0;  ///< in former files of the name, when this one was begun at its front
  PartitionProgress progress_;
  bool is_ended_ = false;  ///< rotated, and read to its end
  bool is_new_ = true;     ///< nothing was noted of it yet
  std::vector<FinishedPartition> rotated_;
};

}  // namespace weir::connector
