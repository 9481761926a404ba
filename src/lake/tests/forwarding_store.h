/// \file
/// An object store that hands every call on: tests override the one that they disturb.
#pragma once

#include <memory>
#include <string>

#include "storage/object_store.h"

namespace weir::lake {

class ForwardingStore : public ObjectStore {
 public:
  explicit ForwardingStore(ObjectStore& inner) : inner_(inner) {}
  Result<std::string> get(const std::string& uri, int64_t size_max) override { return inner_.get(uri, size_max); }
  Result<int64_t> size_of(const std::string& uri) override { return inner_.size_of(uri); }
  Result<void> put(const std::string& uri, std::string_view bytes) override { return inner_.put(uri, bytes); }
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override { return inner_.create(uri); }

 private:
  ObjectStore& inner_;
};

}  // namespace weir::lake
