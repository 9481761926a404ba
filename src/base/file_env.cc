#include "base/file_env.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir {
namespace {

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ELOOP:  // a link that leads to itself leads nowhere
    case ENOTDIR: return ErrorKind::not_found;
    case EEXIST: return ErrorKind::already_exists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorKind::permission_denied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE: return ErrorKind::resource_exhausted;
    default: return ErrorKind::io;
  }
}

Error file_error(std::string_view verb, const std::string& path) {
  const int number = errno;
  return Error(kind_of(number), "cannot " + std::string(verb) + " '" + path + "': " + std::strerror(number));
}

FileStat to_stat(const struct stat& raw) {
  return {.size_bytes = raw.st_size,
          .modified_us = static_cast<int64_t>(raw.st_mtim.tv_sec) * 1'000'000 + raw.st_mtim.tv_nsec / 1000,
          .is_directory = S_ISDIR(raw.st_mode),
          .is_regular = S_ISREG(raw.st_mode),
          .device = raw.st_dev,
          .inode = raw.st_ino};
}

/// Owns one descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int reset() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 ? 0 : ::close(fd);
  }

 private:
  int fd_;
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Result<size_t> read_at(int64_t offset, size_t size, char* out) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = ::pread(fd_.get(), out + done, size - done, offset + static_cast<int64_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_error("read", path_);
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

  Result<FileStat> stat() override {
    struct stat raw {};
    if (::fstat(fd_.get(), &raw) != 0) return file_error("inspect", path_);
    return to_stat(raw);
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Result<void> append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_error("write", path_);
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return {};
  }

  Result<void> sync() override {
    if (::fsync(fd_.get()) != 0) return file_error("sync", path_);
    return {};
  }

  Result<void> close() override {
    if (fd_.reset() != 0) return file_error("close", path_);
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixFileEnv final : public FileEnv {
 public:
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return file_error("open", path);
    return std::unique_ptr<ReadableFile>(std::make_unique<PosixReadableFile>(fd, path));
  }

  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) return file_error("create", path);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(fd, path));
  }

  Result<FileStat> stat(const std::string& path) override {
    struct stat raw {};
    if (::stat(path.c_str(), &raw) != 0) return file_error("inspect", path);
    return to_stat(raw);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* dir = ::opendir(directory.c_str());
    if (dir == nullptr) return file_error("list", directory);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(dir)) {
      const std::string_view name(entry->d_name);
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    const int error_number = errno;
    ::closedir(dir);
    if (error_number != 0) {
      errno = error_number;
      return file_error("list", directory);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return file_error("rename to", to);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return file_error("remove", path);
    return {};
  }

  Result<void> make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) != 0) return file_error("create directory", path);
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return file_error("open directory", path);
    // EINVAL: a file system whose directories need no sync, such as a read-only root above a mounted volume.
    if (::fsync(fd.get()) != 0 && errno != EINVAL) return file_error("sync directory", path);
    return {};
  }
};

Result<void> require_directory(FileEnv& env, const std::string& path) {
  WEIR_ASSIGN(const FileStat facts, env.stat(path));
  if (!facts.is_directory) return Error(ErrorKind::already_exists, "'" + path + "' exists and is not a directory");
  return {};
}

}  // namespace

FileEnv& posix_file_env() {
  static PosixFileEnv env;
  return env;
}

std::string parent_directory(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> make_directories(FileEnv& env, const std::string& path) {
  if (path.size() > 1 && path.ends_with('/')) return make_directories(env, path.substr(0, path.size() - 1));
  const std::string parent = parent_directory(path);
  const Result<FileStat> found = env.stat(path);
  if (!found.ok()) {
    if (found.error().kind() != ErrorKind::not_found || parent == path) return found.error();
    // The parent's name is durable before it holds anything. So where a directory exists that was made here, by
    // whichever process, its own name is all that can still be lost.
    WEIR_TRY(make_directories(env, parent));
    Result<void> made = env.make_directory(path);
    if (!made.ok() && made.error().kind() != ErrorKind::already_exists) return made;
  }
  WEIR_TRY(require_directory(env, path));
  Result<void> synced = env.sync_directory(parent);
  // Whoever may not look into the parent of a directory that was there has not made it.
  if (found.ok() && !synced.ok() && synced.error().kind() == ErrorKind::permission_denied) return {};
  return synced;
}

Result<std::string> read_file(FileEnv& env, const std::string& path, int64_t size_max) {
  // Before it is opened: that alone waits for a writer of a pipe, perhaps for ever.
  const Result<FileStat> kind = env.stat(path);
  if (kind.ok() && !kind->is_directory && !kind->is_regular)
    return Error(ErrorKind::invalid_argument, "'" + path + "' is a pipe or a device, not a regular file");
  WEIR_ASSIGN(const std::unique_ptr<ReadableFile> file, env.open(path));
  WEIR_ASSIGN(const FileStat facts, file->stat());
  if (facts.is_directory) return Error(ErrorKind::invalid_argument, "'" + path + "' is a directory, not a file");
  if (facts.size_bytes > size_max) {
    return Error(ErrorKind::limit_exceeded, "'" + path + "' has " + std::to_string(facts.size_bytes) +
                                                " bytes, more than the limit of " + std::to_string(size_max));
  }
  std::string bytes(static_cast<size_t>(facts.size_bytes), '\0');
  WEIR_ASSIGN(const size_t size, file->read_at(0, bytes.size(), bytes.data()));
  bytes.resize(size);
  return bytes;
}

Result<void> write_file_durably(FileEnv& env, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  if (env.stat(temporary).ok()) WEIR_TRY(env.remove(temporary));  // left by a crash; never published
  {
    WEIR_ASSIGN(const std::unique_ptr<WritableFile> file, env.create(temporary));
    WEIR_TRY(file->append(bytes));
    WEIR_TRY(file->sync());
    WEIR_TRY(file->close());
  }
  WEIR_TRY(env.rename(temporary, path));
  return env.sync_directory(parent_directory(path));
}

}  // namespace weir
