#include <algorithm>
#include <mutex>
#include <set>

#include "base/fault.h"
#include "base/file_env.h"
#include "storage/object_store.h"

namespace weir {
namespace {

class LocalObjectWriter final : public ObjectWriter {
 public:
  LocalObjectWriter(FileEnv& files, std::unique_ptr<WritableFile> file, std::string directory)
      : files_(files), file_(std::move(file)), directory_(std::move(directory)) {}

  Result<void> append(std::string_view bytes) override {
    WEIR_TRY(fault_point("storage.append"));
    size_bytes_ += static_cast<int64_t>(bytes.size());
    return file_->append(bytes);
  }

  Result<void> finish() override {
    WEIR_TRY(fault_point("storage.sync"));
    WEIR_TRY(file_->sync());
    WEIR_TRY(file_->close());
    return files_.sync_directory(directory_);
  }

  int64_t size_bytes() const override { return size_bytes_; }

 private:
  FileEnv& files_;
  std::unique_ptr<WritableFile> file_;
  std::string directory_;
  int64_t size_bytes_ = 0;
};

class LocalStore final : public ObjectStore {
 public:
  explicit LocalStore(FileEnv& files) : files_(files) {}

  Result<std::string> get(const std::string& uri, int64_t size_max) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    return read_file(files_, path, size_max);
  }

  Result<std::string> get_range(const std::string& uri, int64_t offset, int64_t size) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    WEIR_ASSIGN(const std::unique_ptr<ReadableFile> file, files_.open(path));
    std::string bytes(static_cast<size_t>(size), '\0');
    WEIR_ASSIGN(const size_t read, file->read_at(offset, bytes.size(), bytes.data()));
    bytes.resize(read);
    return bytes;
  }

  Result<void> put(const std::string& uri, std::string_view bytes) override {
    WEIR_ASSIGN(const std::unique_ptr<ObjectWriter> writer, create(uri));
    WEIR_TRY(writer->append(bytes));
    return writer->finish();
  }

  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    const std::string directory = parent_directory(path);
    WEIR_TRY(ensure_directory(directory));
    WEIR_TRY(fault_point("storage.create"));
    WEIR_ASSIGN(std::unique_ptr<WritableFile> file, files_.create(path));
    return std::unique_ptr<ObjectWriter>(std::make_unique<LocalObjectWriter>(files_, std::move(file), directory));
  }

  Result<ObjectInfo> head(const std::string& uri) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    WEIR_ASSIGN(const FileStat facts, files_.stat(path));
    return ObjectInfo{uri, facts.size_bytes};
  }

  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    WEIR_ASSIGN(const std::string path, file_path(prefix));
    std::vector<ObjectInfo> found;
    // The prefix may end inside a name: walk its directory and keep what begins with it.
    const std::string directory = path.ends_with('/') ? path.substr(0, path.size() - 1) : parent_directory(path);
    WEIR_TRY(walk(directory, path, found));
    std::sort(found.begin(), found.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.uri < b.uri; });
    return found;
  }

 private:
  Result<void> walk(const std::string& directory, const std::string& prefix, std::vector<ObjectInfo>& found) {
    const Result<std::vector<std::string>> names = files_.list(directory);
    if (!names.ok()) return names.error().kind() == ErrorKind::not_found ? Result<void>() : Result<void>(names.error());
    for (const std::string& name : *names) {
      const std::string path = directory + "/" + name;
      if (!path.starts_with(prefix) && !prefix.starts_with(path + "/")) continue;
      WEIR_ASSIGN(const FileStat facts, files_.stat(path));
      if (facts.is_directory) {
        WEIR_TRY(walk(path, prefix, found));
      } else if (path.starts_with(prefix)) {
        found.push_back({"file://" + path, facts.size_bytes});
      }
    }
    return {};
  }

  /// Directories made once are remembered, so that a file a second does not cost a chain of mkdir calls.
  Result<void> ensure_directory(const std::string& directory) {
    const std::scoped_lock lock(mutex_);
    if (known_directories_.contains(directory)) return {};
    WEIR_TRY(files_.make_directories(directory));
    known_directories_.insert(directory);
    return {};
  }

  FileEnv& files_;
  std::mutex mutex_;
  std::set<std::string> known_directories_;
};

std::string resolve_dots(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::string text;
  for (const std::string_view part : parts) text.append("/").append(part);
  return text.empty() ? "/" : text;
}

}  // namespace

std::unique_ptr<ObjectStore> make_local_store(FileEnv& files) {
  return std::make_unique<LocalStore>(files);
}

std::string file_uri(const std::string& path, const std::string& working_directory) {
  return "file://" + resolve_dots(path.starts_with('/') ? path : working_directory + "/" + path);
}

Result<std::string> file_path(const std::string& uri) {
  if (uri.starts_with("file:///")) return uri.substr(7);
  if (uri.starts_with("file:/") && !uri.starts_with("file://")) return uri.substr(5);
  if (uri.find("://") == std::string::npos) return uri;
  return Error(ErrorKind::unsupported, "'" + uri + "': only file:/// locations can be read and written here");
}

}  // namespace weir
