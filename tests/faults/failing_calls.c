// Loaded before the program (LD_PRELOAD): makes one call to the system or the allocator fail.
//
//   FAILING_CALL=KIND:N     the Nth call of KIND (open, read, write, mmap, malloc) fails once
//   FAILING_CALL_COUNT=FILE the numbers of calls are written there at the end
//
// Calls count from the moment at which a *.yaml file is first opened: what fails before main() nobody can report.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kOpen, kRead, kWrite, kMmap, kMalloc, kKinds };
static const char* const kNames[kKinds] = {"open", "read", "write", "mmap", "malloc"};
static const int kErrors[kKinds] = {EMFILE, EIO, ENOSPC, ENOMEM, ENOMEM};

static atomic_int is_counting;
static atomic_long calls[kKinds];
static int failing_kind = -1;
static long failing_number;

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

__attribute__((constructor)) static void read_environment(void) {
  const char* text = getenv("FAILING_CALL");
  const char* colon = text == NULL ? NULL : strchr(text, ':');
  for (int kind = 0; colon != NULL && kind < kKinds; ++kind) {
    if (strncmp(text, kNames[kind], (size_t)(colon - text)) == 0) failing_kind = kind;
  }
  if (colon != NULL) failing_number = atol(colon + 1);
}

__attribute__((destructor)) static void write_counts(void) {
  atomic_store(&is_counting, 0);
  const char* path = getenv("FAILING_CALL_COUNT");
  FILE* file = path == NULL ? NULL : fopen(path, "w");
  if (file == NULL) return;
  for (int kind = 0; kind < kKinds; ++kind) fprintf(file, "%s %ld\n", kNames[kind], atomic_load(&calls[kind]));
  fclose(file);
}

// True, with errno set, when this call is the one.
static int fails(int kind) {
  if (!atomic_load_explicit(&is_counting, memory_order_relaxed)) return 0;
  if (atomic_fetch_add(&calls[kind], 1) + 1 != failing_number || kind != failing_kind) return 0;
  errno = kErrors[kind];
  return 1;
}

static void begin_at(const char* path) {
  const size_t size = path == NULL ? 0 : strlen(path);
  if (size > 5 && strcmp(path + size - 5, ".yaml") == 0) atomic_store(&is_counting, 1);
}

#define NEXT(type, name) \
  static type next_##name; \
  if (next_##name == NULL) next_##name = (type)dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                                       \
  int name(const char* path, int flags, ...) {                           \
    typedef int (*Next)(const char*, int, ...);                          \
    NEXT(Next, name);                                                    \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    const mode_t mode = (mode_t)va_arg(rest, int);                       \
    va_end(rest);                                                        \
    begin_at(path);                                                      \
    return fails(kOpen) ? -1 : next_##name(path, flags, mode);           \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                     \
  int name(int folder, const char* path, int flags, ...) {               \
    typedef int (*Next)(int, const char*, int, ...);                     \
    NEXT(Next, name);                                                    \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    const mode_t mode = (mode_t)va_arg(rest, int);                       \
    va_end(rest);                                                        \
    begin_at(path);                                                      \
    return fails(kOpen) ? -1 : next_##name(folder, path, flags, mode);   \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t read(int fd, void* out, size_t size) {
  typedef ssize_t (*Next)(int, void*, size_t);
  NEXT(Next, read);
  return fails(kRead) ? -1 : next_read(fd, out, size);
}
#define PREAD(name, offset_type)                                           \
  ssize_t name(int fd, void* out, size_t size, offset_type at) {           \
    typedef ssize_t (*Next)(int, void*, size_t, offset_type);              \
    NEXT(Next, name);                                                      \
    return fails(kRead) ? -1 : next_##name(fd, out, size, at);             \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

ssize_t write(int fd, const void* bytes, size_t size) {
  typedef ssize_t (*Next)(int, const void*, size_t);
  NEXT(Next, write);
  return fd > 2 && fails(kWrite) ? -1 : next_write(fd, bytes, size);
}
#define PWRITE(name, offset_type)                                          \
  ssize_t name(int fd, const void* bytes, size_t size, offset_type at) {   \
    typedef ssize_t (*Next)(int, const void*, size_t, offset_type);        \
    NEXT(Next, name);                                                      \
    return fails(kWrite) ? -1 : next_##name(fd, bytes, size, at);          \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define MMAP(name, offset_type)                                                            \
  void* name(void* at, size_t size, int protection, int flags, int fd, offset_type from) { \
    typedef void* (*Next)(void*, size_t, int, int, int, offset_type);                      \
    NEXT(Next, name);                                                                      \
    return fails(kMmap) ? MAP_FAILED : next_##name(at, size, protection, flags, fd, from); \
  }
MMAP(mmap, off_t)
MMAP(mmap64, off64_t)

void* malloc(size_t size) { return fails(kMalloc) ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return fails(kMalloc) ? NULL : __libc_calloc(count, size); }
void* realloc(void* block, size_t size) { return fails(kMalloc) ? NULL : __libc_realloc(block, size); }
void* memalign(size_t alignment, size_t size) { return fails(kMalloc) ? NULL : __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** out, size_t alignment, size_t size) {
  if (fails(kMalloc)) return ENOMEM;
  *out = __libc_memalign(alignment, size);
  return *out == NULL ? ENOMEM : 0;
}
