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

/// Folders are there when a file lies below them. Content goes with the inode, as on a disk: who has a file open sees
/// what is written into it, whatever its names have become.
class MemoryFolder final : public FileEnv {
 public:
  /// Puts a file there, or other content into it.
  void put(const std::string& path, std::string content, int64_t modified_us = 1'000'000) {
    std::shared_ptr<Node>& node = files_[path];
    if (!node) node = std::make_shared<Node>(Node{.inode = ++inodes_});
    node->content = std::move(content);
    node->modified_us = modified_us;
  }
  /// Gives the file another name.
  void move(const std::string& from, const std::string& to) {
    link(from, to);
    take_away(from);
  }
  /// Gives the file one more name.
  void link(const std::string& from, const std::string& to) {
    const std::shared_ptr<Node> node = files_.at(from);
    files_[to] = node;
  }
  /// How often files were read from.
  int64_t reads() const { return reads_; }
  void take_away(const std::string& path) { files_.erase(path); }
  /// The next read at or after `offset` of any file fails.
  void fail_reads_from(int64_t offset) { fail_from_ = offset; }

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    const auto at = files_.find(path);
    if (at == files_.end()) return missing(path);
    return std::unique_ptr<ReadableFile>(std::make_unique<File>(*this, path, at->second));
  }
  Result<FileStat> stat(const std::string& path) override {
    const auto at = files_.find(path);
    if (at != files_.end()) return at->second->facts();
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
  struct Node {
    uint64_t inode = 0;
    std::string content = {};
    int64_t modified_us = 0;

    FileStat facts() const {
      return {.size_bytes = static_cast<int64_t>(content.size()), .modified_us = modified_us, .inode = inode};
    }
  };

  class File final : public ReadableFile {
   public:
    File(MemoryFolder& folder, std::string path, std::shared_ptr<const Node> node)
        : folder_(folder), path_(std::move(path)), node_(std::move(node)) {}
    Result<size_t> read_at(int64_t offset, size_t size, char* out) override {
      if (offset >= folder_.fail_from_) return Error(ErrorKind::io, "reading '" + path_ + "' failed");
      ++folder_.reads_;
      const std::string& content = node_->content;
      const auto from = std::min(static_cast<size_t>(offset), content.size());
      const size_t count = std::min(size, content.size() - from);
      std::memcpy(out, content.data() + from, count);
      return count;
    }
    Result<FileStat> stat() override { return node_->facts(); }

   private:
    MemoryFolder& folder_;
    std::string path_;
    std::shared_ptr<const Node> node_;
  };

  static Error missing(const std::string& path) {
    return Error(ErrorKind::not_found, "'" + path + "': no such file or folder");
  }
  static Error refuse() { return Error(ErrorKind::unsupported, "read only"); }

  std::map<std::string, std::shared_ptr<Node>> files_;
  int64_t fail_from_ = INT64_MAX;
  uint64_t inodes_ = 0;
  int64_t reads_ = 0;
};

}  // namespace weir::connector
