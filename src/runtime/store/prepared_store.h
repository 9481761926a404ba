/// \file
/// Where Prepared(N) lies durably before the catalog is first asked, so that any process that reaches the store can
/// bring it to an end (exactly-once.md rule 4). docs/formats/prepared.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/stored_object.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::runtime {

/// A prepared epoch that was found by its name.
struct FoundPrepared {
  StoredObject place;
  std::string prepared;
};

/// Objects below <folder>/prepared, named by the committer so that nobody has to list: two pipelines of one folder do
/// not meet. One thread.
class PreparedStore {
 public:
  /// `folder` is a URI without a slash at the end. `store` and `remover` outlive it.
  PreparedStore(ObjectStore& store, ObjectRemover& remover, const std::string& folder)
      : store_(&store), remover_(&remover), folder_(folder + "/prepared/") {}

  /// Stores a prepared epoch durably; the same under the same name again is fine. Errors: limit_exceeded, before
  /// anything is written, for one that could not be read back; already_exists for another one under the name.
  Result<StoredObject> put(const std::string& name, std::string_view prepared);

  /// Reads one that a record names. Errors: not_found; corrupt when it is not what the record says.
  Result<std::string> get(const StoredObject& place);

  /// Looks for one; nothing when there is none or when only a part of it was ever written: it was not prepared then.
  Result<std::optional<FoundPrepared>> find(const std::string& name);

  /// Removes one whose outcome is known in all tables; of a copy, what it was made from first: only a record names the
  /// copy, so that it must be the last to go.
  Result<void> forget(const std::string& uri);

  /// The name of a copy of `name` that the process with this fence epoch makes.
  static std::string copy_of(const std::string& name, int64_t fence_epoch) {
    return name + "." + std::to_string(fence_epoch);
  }
  /// Removes a copy alone.
  Result<void> forget_copy(const std::string& name, int64_t fence_epoch) {
    return remover_->remove(uri_of(copy_of(name, fence_epoch)));
  }

  std::string uri_of(const std::string& name) const { return folder_ + name; }

 private:
  ObjectStore* store_;
  ObjectRemover* remover_;
  std::string folder_;
};

}  // namespace weir::runtime
