/// \file
/// An immutable object of a pipeline's store, as a record names it.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// Where it lies and what it must be: whoever reads it checks both, because a crash can leave half of one.
struct StoredObject {
  std::string uri;
  int64_t size_bytes = 0;
  uint64_t hash = 0;  ///< XXH3-64 of its bytes

  friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

}  // namespace weir
