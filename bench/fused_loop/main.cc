/// The hand loop of row 2: weir_fused_loop IN.ndjson OUT.parquet
///
/// What a careful person writes for one schema and one job: cuts lines, decodes them with simdjson On-Demand in the
/// known order of their keys, checks the rules, filters, projects, and writes Parquet. One thread, no positions, no
/// progress, no commit, no dead letter: rejected events are counted. Synced to disk at the end.
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "ad_columns.h"
#include "ad_file.h"

namespace fused_loop {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr size_t kPaddingBytes = 64;
constexpr size_t kBatchRows = 8192;

class Loop {
 public:
  Loop(int input, const std::string& output) : input_(input), buffer_(2 * kChunkBytes + kPaddingBytes), file_(output) {}

  void run() {
    size_t held = 0;
    while (true) {
      const ssize_t count = ::read(input_, buffer_.data() + held, kChunkBytes);
      if (count < 0) throw std::runtime_error("reading failed");
      if (count == 0) break;
      held = take_lines(held + static_cast<size_t>(count));
    }
    if (held > 0) take(std::string_view(buffer_.data(), held));
    if (columns_.rows() > 0) file_.add(columns_);
    file_.finish();
  }

  const int64_t* counts() const { return counts_; }

 private:
  /// Takes all whole lines of the first `size` bytes and moves the rest to the front; returns its size.
  size_t take_lines(size_t size) {
    const char* at = buffer_.data();
    const char* end = at + size;
    while (const void* newline = std::memchr(at, '\n', static_cast<size_t>(end - at))) {
      const char* stop = static_cast<const char*>(newline);
      take(std::string_view(at, static_cast<size_t>(stop - at)));
      at = stop + 1;
    }
    const auto rest = static_cast<size_t>(end - at);
    if (rest > kChunkBytes) throw std::runtime_error("a line of more than 1 MiB");
    std::memmove(buffer_.data(), at, rest);
    return rest;
  }

  void take(std::string_view event) {
    ++counts_[static_cast<int>(parser_.add(event, columns_))];
    if (columns_.rows() < kBatchRows) return;
    file_.add(columns_);
    columns_.clear();
  }

  int input_;
  std::vector<char> buffer_;
  AdParser parser_;
  AdColumns columns_;
  AdFile file_;
  int64_t counts_[3] = {};
};

void sync(const char* path) {
  const int fd = ::open(path, O_RDONLY);
  if (fd < 0 || ::fsync(fd) != 0) throw std::runtime_error("syncing failed");
  ::close(fd);
}

}  // namespace
}  // namespace fused_loop

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: weir_fused_loop IN.ndjson OUT.parquet\n");
    return 2;
  }
  const int input = ::open(argv[1], O_RDONLY);
  if (input < 0) {
    std::perror(argv[1]);
    return 1;
  }
  try {
    fused_loop::Loop loop(input, argv[2]);
    loop.run();
    fused_loop::sync(argv[2]);
    std::printf("%lld kept, %lld filtered, %lld rejected\n", static_cast<long long>(loop.counts()[0]),
                static_cast<long long>(loop.counts()[1]), static_cast<long long>(loop.counts()[2]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "FAILED: %s\n", error.what());
    return 1;
  }
  return 0;
}
