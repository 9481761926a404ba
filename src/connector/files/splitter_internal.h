/// \file
/// Finds files and deals them to readers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "connector/files/file_listing_internal.h"
#include "connector/files/files_source.h"
#include "connector/files/settling_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

/// What a reader is told of a file.
std::string file_detail(const ListedFile& file);
/// Errors: internal, for anything that file_detail() does not write.
Result<ListedFile> file_from_detail(const AssignedSplit& split);

class FilesSplitter final : public SourceSplitter {
 public:
  FilesSplitter(const FilesSpec& spec, FileEnv& files, const Clock& clock, int readers)
      : spec_(spec), files_(files), clock_(clock), readers_(readers), listing_(spec.path), settling_(spec, clock) {}

  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) override;
  Result<Discovery> discover(bool is_in_doubt) override;
  void release(const SourceProgress& durable) override;

 private:
  Result<void> consider(ListedFile file, std::vector<AssignedSplit>& splits);
  Result<void> require_same(const ListedFile& file);
  Result<void> require_half_read() const;
  bool is_finished(std::string_view name) const { return decided_.find_finished(name) != nullptr; }

  const FilesSpec& spec_;
  FileEnv& files_;
  const Clock& clock_;
  const int readers_;
  const FileListing listing_;
  Settling settling_;
  SourceProgress decided_;  ///< as of the last release(), or of open()
  std::map<std::string, FileStat, std::less<>>
      known_;  ///< by name: a finished file as it was when it was last looked at
  std::map<std::string, FileStat, std::less<>> dealt_;  ///< by name: not finished as far as is decided
};

}  // namespace weir::connector
