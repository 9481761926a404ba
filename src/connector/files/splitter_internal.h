/// \file
/// Finds files and deals them to readers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "connector/files/file_identity_internal.h"
#include "connector/files/file_split_internal.h"
#include "connector/files/files_source.h"
#include "connector/files/rotation_internal.h"
#include "connector/files/settling_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

class FilesSplitter final : public SourceSplitter {
 public:
  FilesSplitter(const FilesSpec& spec, FileEnv& files, const Clock& clock, int readers, const RotationLog& rotations)
      : spec_(spec),
        files_(files),
        clock_(clock),
        readers_(readers),
        rotations_(rotations),
        listing_(spec.path),
        settling_(spec, clock) {}

  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) override;
  Result<Discovery> discover(bool is_in_doubt) override;
  void release(const SourceProgress& durable) override;

 private:
  struct Scan;
  enum class Likeness {
    copy,       ///< of a file that was read to its end under another name
    undecided,  ///< it may be one that is being read
    other,
  };
  void leave_out_second_names(std::vector<ListedFile>& listed);
  Result<void> consider(ListedFile& file, Scan& scan);
  Result<bool> is_still_read(const ListedFile& file, const FinishedPartition& entry, Scan& scan);
  bool has_settled(const ListedFile& file, Scan& scan);
  void wait_or_leave(const Scan& scan, Discovery& found);
  Result<bool> was_renamed(const ListedFile& file, Scan& scan);
  Result<bool> is_rotated_copy(const ListedFile& file, Scan& scan);
  Result<Likeness> likeness_of(ReadableFile& input, const ListedFile& file, Scan& scan);
  Result<bool> is_still_there(const std::string& name, const ReadOfLog& read);
  void look_for_gone(Scan& scan);
  Result<Hash128> content_of_file(const ListedFile& file);
  Result<void> require_half_read() const;
  void note(const std::string& name, const FileNews& news, Scan& scan) const;
  bool is_known(std::string_view name) const;
  int reader_of(uint64_t name_hash) const { return static_cast<int>(name_hash % static_cast<uint64_t>(readers_)); }
  void say(const std::string& line) const;

  const FilesSpec& spec_;
  FileEnv& files_;
  const Clock& clock_;
  const int readers_;
  const RotationLog& rotations_;
  const FileListing listing_;
  Settling settling_;
  SourceProgress decided_;  ///< as of the last release(), or of open()
  /// By name: not finished as far as is decided; what progress said of it when it was dealt (a bad file is dealt
  /// again).
  std::map<std::string, FinishedPartition, std::less<>> dealt_;
  std::map<std::string, FileStat, std::less<>> looked_at_;  ///< finished files whose facts had changed, as they are now
  std::map<std::string, FileStat, std::less<>> copies_;     ///< rotated copies, as they were when that was found out
  std::set<std::string, std::less<>> second_names_;         ///< that were said
  int64_t once_until_us_ = 0;                               ///< one pass waits for files to settle until then
  int64_t next_gone_us_ = 0;
};

/// One look at all files.
struct FilesSplitter::Scan {
  std::vector<ListedFile> listed;
  std::vector<AssignedSplit> splits;
  std::optional<std::unordered_set<uint64_t>> names;  ///< hashes of all names that are there, once somebody asks
  std::optional<std::unordered_multimap<uint64_t, FinishedPartition>> gone;  ///< by facts, once somebody asks
  std::vector<std::string> unsettled;                                        ///< paths of files that have to wait
  int64_t wait_ms = kNoTime / 1000;                                          ///< until the first of them may be read

  bool is_there(uint64_t name) {
    if (!names) {
      names.emplace();
      for (const ListedFile& file : listed) names->insert(name_hash(file.name));
    }
    return names->contains(name);
  }
};

}  // namespace weir::connector
