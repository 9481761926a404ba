#include <algorithm>
#include <mutex>
#include <set>
#include <vector>

#include "base/fault.h"
#include "base/file_env.h"
#include "storage/object_store.h"

namespace weir {
namespace {

constexpr size_t kKnownDirectoriesMax = 65'536;

class LocalObjectWriter final : public ObjectWriter {
 public:
  LocalObjectWriter(FileEnv& files, std::unique_ptr<WritableFile> file, std::string directory)
      : files_(files), file_(std::move(file)), directory_(std::move(directory)) {}

  Result<void> append(std::string_view bytes) override {
    WEIR_TRY(fault_point("storage.append"));
    return file_->append(bytes);
  }

  Result<void> finish() override {
    WEIR_TRY(fault_point("storage.sync"));
    WEIR_TRY(file_->sync());
    WEIR_TRY(file_->close());
    return files_.sync_directory(directory_);
  }

 private:
  FileEnv& files_;
  std::unique_ptr<WritableFile> file_;
  std::string directory_;
};

class LocalStore final : public ObjectStore {
 public:
  explicit LocalStore(FileEnv& files) : files_(files) {}

  Result<std::string> get(const std::string& uri, int64_t size_max) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    return read_file(files_, path, size_max);
  }

  Result<int64_t> size_of(const std::string& uri) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    WEIR_ASSIGN(const FileStat facts, files_.stat(path));
    return facts.size_bytes;
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
    Result<std::unique_ptr<WritableFile>> file = files_.create(path);
    if (!file.ok() && file.error().kind() == ErrorKind::not_found) {
      forget_directory(directory);  // somebody has removed it
      WEIR_TRY(ensure_directory(directory));
      file = files_.create(path);
    }
    if (!file.ok()) return std::move(file).error();
    return std::unique_ptr<ObjectWriter>(std::make_unique<LocalObjectWriter>(files_, *std::move(file), directory));
  }

 private:
  /// Makes a directory and its name durable, and remembers that: a file a second does not cost a sync more each.
  Result<void> ensure_directory(const std::string& directory) {
    const std::scoped_lock lock(mutex_);
    if (known_directories_.contains(directory)) return {};
    WEIR_TRY(make_directories(files_, directory));
    if (known_directories_.size() >= kKnownDirectoriesMax) known_directories_.clear();
    known_directories_.insert(directory);
    return {};
  }

  void forget_directory(const std::string& directory) {
    const std::scoped_lock lock(mutex_);
    known_directories_.erase(directory);
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
