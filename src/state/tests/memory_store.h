/// \file
/// An object store in memory for tests.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "storage/object_store.h"

namespace weir::state {

class MemoryStore final : public ObjectStore {
 public:
  std::map<std::string, std::string> objects;

  Result<std::string> get(const std::string& uri, int64_t size_max) override {
    const auto at = objects.find(uri);
    if (at == objects.end()) return Error(ErrorKind::not_found, uri);
    if (static_cast<int64_t>(at->second.size()) > size_max) return Error(ErrorKind::limit_exceeded, uri);
    return at->second;
  }
  Result<int64_t> size_of(const std::string& uri) override {
    const auto at = objects.find(uri);
    if (at == objects.end()) return Error(ErrorKind::not_found, uri);
    return static_cast<int64_t>(at->second.size());
  }
  Result<void> put(const std::string& uri, std::string_view bytes) override {
    if (!objects.emplace(uri, bytes).second) return Error(ErrorKind::already_exists, uri);
    return {};
  }
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override {
    return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, uri));
  }

 private:
  class Writer final : public ObjectWriter {
   public:
    Writer(MemoryStore& store, std::string uri) : store_(store), uri_(std::move(uri)) {}
    Result<void> append(std::string_view bytes) override {
      bytes_.append(bytes);
      return {};
    }
    Result<void> finish() override { return store_.put(uri_, bytes_); }

   private:
    MemoryStore& store_;
    std::string uri_;
    std::string bytes_;
  };
};

}  // namespace weir::state
