/// \file
/// Durable intents: Prepared(N) is stored before the catalog is first asked, so that any later process can bring it to
/// an end (exactly-once.md rule 4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"
#include "base/result.h"

namespace weir::runtime {

/// One stored intent.
struct StoredIntent {
  int64_t sequence = 0;
  std::string prepared;
};

/// A directory of small files, one an intent: docs/formats/intent.md. One process at a time writes; a second one is
/// harmless, because the fence decides, not this store. One thread.
class IntentStore {
 public:
  /// `directory` is made when missing. `files` outlives the store.
  static Result<IntentStore> open(FileEnv& files, std::string directory);

  /// The intents that nobody has brought to an end, oldest first. Damaged files (torn by a crash before they counted)
  /// are left out.
  Result<std::vector<StoredIntent>> pending();

  /// Stores an intent durably; returns its sequence number, higher than every one before.
  Result<int64_t> put(std::string_view prepared);

  /// Forgets an intent whose outcome is known. Only this store's own file is removed, never anything of a table.
  Result<void> resolve(int64_t sequence);

 private:
  IntentStore(FileEnv& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}
  std::string path_of(int64_t sequence) const;

  FileEnv* files_;
  std::string directory_;
  int64_t last_sequence_ = 0;
};

}  // namespace weir::runtime
