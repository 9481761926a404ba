/// \file
/// Which files a folder or glob names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"

namespace weir::connector {

struct ListedFile {
  std::string path;  ///< absolute
  std::string name;  ///< relative to the listing's root: the stable name of the partition
  FileStat facts;
};

/// A parsed folder or glob.
class FileListing {
 public:
  /// `path` is absolute. A path without wildcards is a file or a folder, whichever is there when it is listed.
  explicit FileListing(const std::string& path);

  /// All matching files, sorted by name. A link back to a folder that holds it is passed over. Errors: not_found when
  /// the root does not exist; limit_exceeded above 1,000,000 entries or 64 folders deep; unsupported for a name that is
  /// not UTF-8.
  Result<std::vector<ListedFile>> list(FileEnv& files) const;

  const std::string& root() const { return root_; }

 private:
  struct Walk;
  Result<void> walk(Walk& state, const std::string& directory, const FileStat& facts, size_t part) const;
  static Result<void> add(Walk& state, const std::string& path, std::string name, const FileStat& facts);
  Result<void> visit(Walk& state, const std::string& path, std::string_view name, size_t part) const;

  std::string root_;
  std::vector<std::string> parts_;  ///< patterns below the root; empty when there are no wildcards
};

/// Names that are not data: hidden, marked as unfinished, or Weir's own.
bool is_passed_over(std::string_view file_name);

}  // namespace weir::connector
