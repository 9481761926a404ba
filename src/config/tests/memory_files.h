/// \file
/// Files in memory for tests: read only.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>

#include "base/file_env.h"

namespace weir::config::test {

class MemoryFiles final : public FileEnv {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    const auto at = files_.find(path);
    if (at == files_.end()) return Error(ErrorKind::not_found, path + ": no such file");
    return std::unique_ptr<ReadableFile>(std::make_unique<File>(at->second));
  }
  Result<FileStat> stat(const std::string& path) override {
    const auto at = files_.find(path);
    if (at == files_.end()) return Error(ErrorKind::not_found, path + ": no such file");
    return FileStat{static_cast<int64_t>(at->second.size()), 0, false};
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string&) override { return refuse(); }
  Result<std::vector<std::string>> list(const std::string&) override { return refuse(); }
  Result<void> rename(const std::string&, const std::string&) override { return refuse(); }
  Result<void> remove(const std::string&) override { return refuse(); }
  Result<void> make_directory(const std::string&) override { return refuse(); }
  Result<void> sync_directory(const std::string&) override { return refuse(); }

 private:
  static Error refuse() { return Error(ErrorKind::unsupported, "read only"); }

  class File final : public ReadableFile {
   public:
    explicit File(const std::string& content) : content_(content) {}
    Result<size_t> read_at(int64_t offset, size_t size, char* out) override {
      const auto from = std::min(static_cast<size_t>(offset), content_.size());
      const size_t count = std::min(size, content_.size() - from);
      std::memcpy(out, content_.data() + from, count);
      return count;
    }
    Result<FileStat> stat() override { return FileStat{static_cast<int64_t>(content_.size()), 0, false}; }

   private:
    const std::string& content_;
  };
  std::map<std::string, std::string> files_;
};

}  // namespace weir::config::test
