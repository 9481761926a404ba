/// \file
/// A tree of files in memory that tests change while a source reads it.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/file_env.h"

namespace weir::connector {

/// Folders are there when a file lies below them. An opened file keeps the content that it was opened with, as an open
/// descriptor of a file that was renamed over does; facts are those of the name, so that a change can be seen.
class MemoryFolder final : public FileEnv {
 public:
  /// Puts a file there, or other content into it.
  void put(const std::string& path, std::string content, int64_t modified_us = 1'000'000) {
    files_[path] = {std::make_shared<const std::string>(std::move(content)), modified_us};
  }
  void take_away(const std::string& path) { files_.erase(path); }
  /// The next read at or after `offset` of any file fails.
  void fail_reads_from(int64_t offset) { fail_from_ = offset; }

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    const auto at = files_.find(path);
    if (at == files_.end()) return missing(path);
    return std::unique_ptr<ReadableFile>(std::make_unique<File>(*this, path, at->second.content));
  }
  Result<FileStat> stat(const std::string& path) override {
    const auto at = files_.find(path);
    if (at != files_.end())
      return FileStat{static_cast<int64_t>(at->second.content->size()), at->second.modified_us, false};
    const auto below = files_.lower_bound(path + "/");
    if (below != files_.end() && below->first.starts_with(path + "/")) return FileStat{0, 0, true};
    return missing(path);
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::set<std::string> names;
    for (const auto& [path, file] : files_) {
      if (!path.starts_with(directory + "/")) continue;
      const std::string rest = path.substr(directory.size() + 1);
      names.insert(rest.substr(0, rest.find('/')));
    }
    if (names.empty()) return missing(directory);
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string&) override { return refuse(); }
  Result<void> rename(const std::string&, const std::string&) override { return refuse(); }
  Result<void> remove(const std::string&) override { return refuse(); }
  Result<void> make_directory(const std::string&) override { return refuse(); }
  Result<void> sync_directory(const std::string&) override { return refuse(); }

 private:
  struct Entry {
    std::shared_ptr<const std::string> content;
    int64_t modified_us;
  };

  class File final : public ReadableFile {
   public:
    File(MemoryFolder& folder, std::string path, std::shared_ptr<const std::string> content)
        : folder_(folder), path_(std::move(path)), content_(std::move(content)) {}
    Result<size_t> read_at(int64_t offset, size_t size, char* out) override {
      if (offset >= folder_.fail_from_) return Error(ErrorKind::io, "reading '" + path_ + "' failed");
      const auto from = std::min(static_cast<size_t>(offset), content_->size());
      const size_t count = std::min(size, content_->size() - from);
      std::memcpy(out, content_->data() + from, count);
      return count;
    }
    Result<FileStat> stat() override { return folder_.stat(path_); }

   private:
    MemoryFolder& folder_;
    std::string path_;
    std::shared_ptr<const std::string> content_;
  };

  static Error missing(const std::string& path) {
    return Error(ErrorKind::not_found, "'" + path + "': no such file or folder");
  }
  static Error refuse() { return Error(ErrorKind::unsupported, "read only"); }

  std::map<std::string, Entry> files_;
  int64_t fail_from_ = INT64_MAX;
};

}  // namespace weir::connector
