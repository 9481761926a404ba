/// \file
/// A FileEnv that remembers what a power failure would take away: bytes and names that were never synced.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/file_env.h"

namespace weir {

/// Passes everything on to `inner`, which outlives it. One thread at a time.
class SyncTrackingEnv final : public FileEnv {
 public:
  explicit SyncTrackingEnv(FileEnv& inner) : inner_(inner) {}

  /// What was called and changes something or syncs, in order: "mkdir /a/b", "sync /a".
  std::vector<std::string> calls;
  /// Files whose bytes a power failure would cut, and "name of" the files and directories that it would lose.
  std::set<std::string> unsynced;
  /// So many syncs of files to come fail, as those of a broken disk do once: the next one says that all is well.
  int failing_syncs = 0;

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override { return inner_.open(path); }
  Result<FileStat> stat(const std::string& path) override { return inner_.stat(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override { return inner_.list(directory); }

  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    calls.push_back("create " + path);
    WEIR_ASSIGN(std::unique_ptr<WritableFile> file, inner_.create(path));
    unsynced.insert(path);
    unsynced.insert("name of " + path);
    return std::unique_ptr<WritableFile>(std::make_unique<File>(*this, std::move(file), path));
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    calls.push_back("rename " + from + " " + to);
    WEIR_TRY(inner_.rename(from, to));
    unsynced.erase("name of " + from);
    unsynced.insert("name of " + to);
    if (unsynced.erase(from) > 0) unsynced.insert(to);
    return {};
  }
  Result<void> remove(const std::string& path) override { return inner_.remove(path); }
  Result<void> make_directory(const std::string& path) override {
    calls.push_back("mkdir " + path);
    WEIR_TRY(inner_.make_directory(path));
    unsynced.insert("name of " + path);
    return {};
  }
  Result<void> sync_directory(const std::string& path) override {
    calls.push_back("sync " + path);
    WEIR_TRY(inner_.sync_directory(path));
    std::erase_if(unsynced, [&](const std::string& entry) {
      return entry.starts_with("name of ") && parent_directory(entry.substr(8)) == path;
    });
    return {};
  }

 private:
  class File final : public WritableFile {
   public:
    File(SyncTrackingEnv& env, std::unique_ptr<WritableFile> file, std::string path)
        : env_(env), file_(std::move(file)), path_(std::move(path)) {}
    Result<void> append(std::string_view bytes) override {
      env_.unsynced.insert(path_);
      return file_->append(bytes);
    }
    Result<void> sync() override {
      env_.calls.push_back("sync " + path_);
      if (env_.failing_syncs > 0) {
        --env_.failing_syncs;
        return Error(ErrorKind::io, "sync '" + path_ + "': Input/output error");
      }
      WEIR_TRY(file_->sync());
      env_.unsynced.erase(path_);
      return {};
    }
    Result<void> close() override { return file_->close(); }

   private:
    SyncTrackingEnv& env_;
    std::unique_ptr<WritableFile> file_;
    std::string path_;
  };

  FileEnv& inner_;
};

}  // namespace weir
