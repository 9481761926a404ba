/// \file
/// Progress that is too large for a table property: parts in the pipeline's store, of which each says what had moved
/// since those before it. docs/formats/progress.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/progress.h"
#include "event/stored_object.h"
#include "storage/object_store.h"

namespace weir::lake {

/// A part that is not larger than twice a new one is written again with it: so there are few, and what is written grows
/// with what moved, times the logarithm of what there is.
class LargeProgress {
 public:
  /// Errors: corrupt when an object is not what names it says; those of ObjectStore.
  static Result<LargeProgress> load(ObjectStore& store, const StoredObject& place);

  /// Where the newest part lies, which names the others; nothing before the first add().
  const StoredObject& place() const { return parts_.back().place; }
  bool empty() const { return parts_.empty(); }
  const Progress& whole() const { return whole_; }
  /// Lets whole() share with `other` what is equal: to compare them costs what differs then.
  void share_with(const Progress& other) { whole_.share_with(other); }

  /// Writes a part that makes whole() be `whole`. `new_uri` names an object that is not there. Errors: those of
  /// ObjectStore; then nothing has changed.
  Result<void> add(ObjectStore& store, const Progress& whole, const std::function<std::string()>& new_uri);

 private:
  struct Part {
    StoredObject place;
    Progress moved;
  };
  std::vector<Part> parts_;  ///< oldest first
  Progress whole_;
};

}  // namespace weir::lake
