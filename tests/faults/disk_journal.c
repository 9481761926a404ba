// Loaded before the program (LD_PRELOAD): writes down, in their order, the calls that change files below a folder.
//
//   DISK_JOURNAL_OF=FOLDER  an absolute path
//   DISK_JOURNAL=FILE       one record a call: a line, then the bytes of a write
//
// power_loss.py reads it, and makes from any beginning of it the states that a disk may be in after a loss of power.
// The program must change files by no other calls; power_loss.py notices if it does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kDescriptorsMax = 4096 };

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static char folder[PATH_MAX];
static unsigned long inode_of[kDescriptorsMax];  // 0: not below the folder

#define NEXT(type, name) \
  static type next_##name; \
  if (next_##name == NULL) next_##name = (type)dlsym(RTLD_NEXT, #name)

typedef int (*Open)(const char*, int, ...);
typedef ssize_t (*Write)(int, const void*, size_t);
typedef int (*OfPath)(const char*);
typedef int (*OfDescriptor)(int);

__attribute__((constructor)) static void begin(void) {
  NEXT(Open, open);
  const char* path = getenv("DISK_JOURNAL");
  const char* of = getenv("DISK_JOURNAL_OF");
  if (path == NULL || of == NULL) return;
  snprintf(folder, sizeof folder, "%s/", of);
  journal = next_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void put(const void* bytes, size_t size) {
  NEXT(Write, write);
  if (next_write(journal, bytes, size) != (ssize_t)size) abort();  // better no journal than half of one
}

// One line; the caller holds `order`.
static void note(const char* format, ...) {
  char line[2 * PATH_MAX + 128];
  va_list rest;
  va_start(rest, format);
  const int size = vsnprintf(line, sizeof line, format, rest);
  va_end(rest);
  put(line, (size_t)size);
}

// The folder itself included.
static int is_below(const char* path) {
  const size_t size = strlen(folder);
  if (journal < 0 || path == NULL) return 0;
  return strncmp(path, folder, size) == 0 || (strlen(path) == size - 1 && strncmp(path, folder, size - 1) == 0);
}

static unsigned long inode_at(int fd) {
  struct stat facts;
  return fstat(fd, &facts) == 0 ? (unsigned long)facts.st_ino : 0;
}

static unsigned long tracked(int fd) { return fd >= 0 && fd < kDescriptorsMax ? inode_of[fd] : 0; }

static int open_noted(Open next, const char* path, int flags, mode_t mode) {
  if (!is_below(path)) {
    const int fd = next(path, flags, mode);
    if (fd >= 0 && fd < kDescriptorsMax) inode_of[fd] = 0;
    return fd;
  }
  pthread_mutex_lock(&order);
  const int is_new = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
  const int fd = next(path, flags, mode);
  const int error = errno;
  if (fd >= kDescriptorsMax) abort();
  if (fd >= 0) {
    inode_of[fd] = inode_at(fd);
    if (is_new) note("create %lu %s\n", inode_of[fd], path);
    if (!is_new && (flags & O_TRUNC) != 0) note("truncate %lu 0\n", inode_of[fd]);
  }
  pthread_mutex_unlock(&order);
  errno = error;
  return fd;
}

#define OPEN(name)                              \
  int name(const char* path, int flags, ...) {  \
    NEXT(Open, name);                           \
    va_list rest;                               \
    va_start(rest, flags);                      \
    const mode_t mode = (mode_t)va_arg(rest, int); \
    va_end(rest);                               \
    return open_noted(next_##name, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

static void note_write(int fd, const void* bytes, ssize_t size, long long at) {
  if (size <= 0) return;
  note("write %lu %lld %zd\n", tracked(fd), at, size);
  put(bytes, (size_t)size);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  NEXT(Write, write);
  if (tracked(fd) == 0 && !(journal >= 0 && fd == 2)) return next_write(fd, bytes, size);
  pthread_mutex_lock(&order);
  const long long at = fd == 2 ? 0 : lseek(fd, 0, SEEK_CUR);  // nobody here appends
  const ssize_t done = next_write(fd, bytes, size);
  const int error = errno;
  note_write(fd, bytes, done, at);  // of inode 0: what the program says
  pthread_mutex_unlock(&order);
  errno = error;
  return done;
}

#define PWRITE(name, offset_type)                                        \
  ssize_t name(int fd, const void* bytes, size_t size, offset_type at) { \
    typedef ssize_t (*Next)(int, const void*, size_t, offset_type);      \
    NEXT(Next, name);                                                    \
    if (tracked(fd) == 0) return next_##name(fd, bytes, size, at);       \
    pthread_mutex_lock(&order);                                          \
    const ssize_t done = next_##name(fd, bytes, size, at);               \
    const int error = errno;                                             \
    note_write(fd, bytes, done, at);                                     \
    pthread_mutex_unlock(&order);                                        \
    errno = error;                                                       \
    return done;                                                         \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(name, size_type)                           \
  int name(int fd, size_type size) {                        \
    typedef int (*Next)(int, size_type);                    \
    NEXT(Next, name);                                       \
    if (tracked(fd) == 0) return next_##name(fd, size);     \
    pthread_mutex_lock(&order);                             \
    const int done = next_##name(fd, size);                 \
    if (done == 0) note("truncate %lu %lld\n", tracked(fd), (long long)size); \
    pthread_mutex_unlock(&order);                           \
    return done;                                            \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                             \
  int name(int fd) {                                           \
    NEXT(OfDescriptor, name);                                  \
    if (tracked(fd) == 0) return next_##name(fd);              \
    pthread_mutex_lock(&order);                                \
    const int done = next_##name(fd);                          \
    if (done == 0) note("sync %lu\n", tracked(fd));            \
    pthread_mutex_unlock(&order);                              \
    return done;                                               \
  }
SYNC(fsync)
SYNC(fdatasync)

#define ON_PATH(name)                              \
  int name(const char* path) {                     \
    NEXT(OfPath, name);                            \
    if (!is_below(path)) return next_##name(path); \
    pthread_mutex_lock(&order);                    \
    const int done = next_##name(path);            \
    const int error = errno;                       \
    if (done == 0) note(#name " %s\n", path);      \
    pthread_mutex_unlock(&order);                  \
    errno = error;                                 \
    return done;                                   \
  }
ON_PATH(unlink)
ON_PATH(rmdir)

int mkdir(const char* path, mode_t mode) {
  typedef int (*Next)(const char*, mode_t);
  NEXT(Next, mkdir);
  if (!is_below(path)) return next_mkdir(path, mode);
  pthread_mutex_lock(&order);
  const int done = next_mkdir(path, mode);
  const int error = errno;
  struct stat facts;
  if (done == 0 && stat(path, &facts) == 0) note("mkdir %lu %s\n", (unsigned long)facts.st_ino, path);
  pthread_mutex_unlock(&order);
  errno = error;
  return done;
}

int close(int fd) {
  NEXT(OfDescriptor, close);
  if (fd >= 0 && fd < kDescriptorsMax) inode_of[fd] = 0;
  return next_close(fd);
}
