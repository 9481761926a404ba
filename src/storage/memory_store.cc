#include <map>
#include <mutex>

#include "storage/object_store.h"

namespace weir {
namespace {

/// What all writers of one memory store share.
struct Objects {
  std::mutex mutex;
  std::map<std::string, std::string> by_uri;
};

class MemoryObjectWriter final : public ObjectWriter {
 public:
  MemoryObjectWriter(Objects& objects, std::string uri) : objects_(objects), uri_(std::move(uri)) {}

  Result<void> append(std::string_view bytes) override {
    bytes_.append(bytes);
    return {};
  }

  Result<void> finish() override {
    const std::scoped_lock lock(objects_.mutex);
    if (!objects_.by_uri.try_emplace(uri_, bytes_).second)
      return Error(ErrorKind::already_exists, "'" + uri_ + "' exists");
    return {};
  }

  int64_t size_bytes() const override { return static_cast<int64_t>(bytes_.size()); }

 private:
  Objects& objects_;
  std::string uri_;
  std::string bytes_;
};

class MemoryStore final : public ObjectStore {
 public:
  Result<std::string> get(const std::string& uri, int64_t size_max) override {
    const std::scoped_lock lock(objects_.mutex);
    const auto found = objects_.by_uri.find(uri);
    if (found == objects_.by_uri.end()) return Error(ErrorKind::not_found, "'" + uri + "' does not exist");
    if (static_cast<int64_t>(found->second.size()) > size_max)
      return Error(ErrorKind::limit_exceeded, "'" + uri + "' is larger than the limit");
    return found->second;
  }

  Result<std::string> get_range(const std::string& uri, int64_t offset, int64_t size) override {
    WEIR_ASSIGN(const std::string bytes, get(uri, INT64_MAX));
    if (offset >= static_cast<int64_t>(bytes.size())) return std::string();
    return bytes.substr(static_cast<size_t>(offset), static_cast<size_t>(size));
  }

  Result<void> put(const std::string& uri, std::string_view bytes) override {
    MemoryObjectWriter writer(objects_, uri);
    WEIR_TRY(writer.append(bytes));
    return writer.finish();
  }

  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override {
    return std::unique_ptr<ObjectWriter>(std::make_unique<MemoryObjectWriter>(objects_, uri));
  }

  Result<ObjectInfo> head(const std::string& uri) override {
    WEIR_ASSIGN(const std::string bytes, get(uri, INT64_MAX));
    return ObjectInfo{uri, static_cast<int64_t>(bytes.size())};
  }

  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    const std::scoped_lock lock(objects_.mutex);
    std::vector<ObjectInfo> found;
    for (auto at = objects_.by_uri.lower_bound(prefix); at != objects_.by_uri.end() && at->first.starts_with(prefix);
         ++at) {
      found.push_back({at->first, static_cast<int64_t>(at->second.size())});
    }
    return found;
  }

 private:
  Objects objects_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace weir
