/// \file
/// Durable intents: Prepared(N) is stored before the catalog is first asked, so that any later process can bring it to
/// an end (exactly-once.md rule 4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"
#include "base/random.h"
#include "base/result.h"

namespace weir::runtime {

/// One stored intent.
struct StoredIntent {
  std::string name;  ///< of its file
  std::string prepared;
};

/// What stands in the store.
struct PendingIntents {
  std::vector<StoredIntent> intents;  ///< that nobody has brought to an end, oldest first
  std::vector<std::string> damaged;   ///< paths of intents that cannot be read; they are left where they are
};

/// A directory of small files, one an intent: docs/formats/intent.md. One process at a time writes; a second one is
/// harmless, because the fence decides, not this store. One thread.
class IntentStore {
 public:
  /// `directory` is made when missing. `files` outlives the store. `random` draws the part of the names that keeps two
  /// processes apart: they may write at the same time, and neither ever replaces or misses the other's files.
  static Result<IntentStore> open(FileEnv& files, std::string directory, RandomSource& random);

  Result<PendingIntents> pending();

  /// Stores an intent durably; returns its name. Names sort in the order of storing, across restarts too.
  Result<std::string> put(std::string_view prepared);

  /// Forgets an intent whose outcome is known; one that another process has forgotten already is fine. Only this
  /// store's own file is removed, never anything of a table.
  Result<void> resolve(const std::string& name);

 private:
  IntentStore(FileEnv& files, std::string directory, std::string token)
      : files_(&files), directory_(std::move(directory)), token_(std::move(token)) {}

  FileEnv* files_;
  std::string directory_;
  std::string token_;
  int64_t last_sequence_ = 0;
};

}  // namespace weir::runtime
