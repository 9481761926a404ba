/// \file
/// Removing objects: a port of its own, so that who writes or commits cannot.
#pragma once

#include <memory>
#include <string>

#include "base/file_env.h"
#include "base/result.h"

namespace weir {

/// Thread-safe.
class ObjectRemover {
 public:
  virtual ~ObjectRemover() = default;
  /// Removes one object; one that is not there is fine.
  virtual Result<void> remove(const std::string& uri) = 0;
};

/// Removes what make_local_store() wrote. `files` outlives it.
std::unique_ptr<ObjectRemover> make_local_remover(FileEnv& files);

}  // namespace weir
