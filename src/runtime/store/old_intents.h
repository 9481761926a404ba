/// \file
/// Intents as releases before Prepared version 2 stored them: a file each, found by listing a folder. They are brought
/// to an end once; nothing stores new ones. docs/formats/intent.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"
#include "base/result.h"

namespace weir::runtime {

/// One stored intent.
struct OldIntent {
  std::string name;  ///< of its file
  std::string prepared;
};

/// What stands in the folder.
struct PendingIntents {
  std::vector<OldIntent> intents;    ///< that nobody has brought to an end, oldest first
  std::vector<std::string> damaged;  ///< paths of intents that cannot be read; they are left where they are
};

/// One thread.
class OldIntents {
 public:
  /// `directory` may be missing. `files` outlives it.
  OldIntents(FileEnv& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}

  Result<PendingIntents> pending();

  /// Forgets an intent whose outcome is known; one that another process has forgotten already is fine.
  Result<void> resolve(const std::string& name);

 private:
  FileEnv* files_;
  std::string directory_;
};

/// A whole file around what was prepared.
std::string old_intent_file(std::string_view prepared);

}  // namespace weir::runtime
