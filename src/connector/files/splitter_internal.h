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
#include "connector/files/file_split_internal.h"
#include "connector/files/files_source.h"
#include "connector/files/settling_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

class FilesSplitter final : public SourceSplitter {
 public:
  FilesSplitter(const FilesSpec& spec, FileEnv& files, const Clock& clock, int readers)
      : spec_(spec), files_(files), clock_(clock), readers_(readers), listing_(spec.path), settling_(spec, clock) {}

  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) override;
  Result<Discovery> discover(bool is_in_doubt) override;
  void release(const SourceProgress& durable) override;

 private:
  struct Scan;
  void leave_out_second_names(std::vector<ListedFile>& listed);
  Result<void> consider(ListedFile& file, Scan& scan);
  Result<bool> is_still_read(const ListedFile& file, const FinishedPartition& entry, Scan& scan);
  Result<bool> was_renamed(const ListedFile& file, Scan& scan);
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
  const FileListing listing_;
  Settling settling_;
  SourceProgress decided_;  ///< as of the last release(), or of open()
  /// By name: not finished as far as is decided; what progress said of it when it was dealt (a bad file is dealt
  /// again).
  std::map<std::string, FinishedPartition, std::less<>> dealt_;
  std::map<std::string, FileStat, std::less<>> looked_at_;  ///< finished files whose facts had changed, as they are now
  std::set<std::string, std::less<>> second_names_;         ///< that were said
  int64_t next_gone_us_ = 0;
};

}  // namespace weir::connector
