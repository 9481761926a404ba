#include "inference/sample.h"

#include <algorithm>

#include "connector/files/files_source.h"
#include "connector/kafka/kafka_source.h"
#include "dataflow/source_cursor.h"

namespace weir::inference {
namespace {

constexpr int64_t kShareBytesMin = int64_t{64} << 10;
constexpr int kTopicWaitMs = 200;

/// A path as a glob that matches only it.
std::string exact_path(const std::string& path) {
  std::string glob;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[')
      glob += std::string("[") + c + "]";
    else
      glob += c;
  }
  return glob;
}

Result<std::unique_ptr<SourceCursor>> open_file(const std::string& file, const codec::Format& format, FileEnv& files,
                                                const Clock& clock) {
  const connector::FilesSpec spec{
      .source = "sample", .path = exact_path(file), .make_framer = format.make_framer, .watch = false};
  std::unique_ptr<SourceFactory> factory = connector::make_files_source(spec, files, clock);
  WEIR_ASSIGN(std::unique_ptr<SourceCursor> source, SourceCursor::make(std::move(factory), clock));
  WEIR_TRY(source->open(nullptr, [] { return false; }));
  return source;
}

/// Reads up to `bytes_max` of one source.
Result<void> read_into(Sample& sample, SourceCursor& source, int64_t bytes_max, int wait_ms) {
  int64_t bytes = 0;
  while (true) {
    WEIR_ASSIGN(const Poll poll, source.poll(wait_ms));
    if (poll.state == Poll::State::finished) return {};
    if (poll.state == Poll::State::idle) continue;
    if (bytes >= bytes_max) {  // there is more than fits
      ++sample.files_cut;
      return {};
    }
    bytes += static_cast<int64_t>(poll.events->payload_bytes());
    sample.events += static_cast<int64_t>(poll.events->size());
    sample.bytes += static_cast<int64_t>(poll.events->payload_bytes());
    sample.batches.push_back(poll.events);
  }
}

class MemoryFile final : public ReadableFile {
 public:
  explicit MemoryFile(const std::string& bytes) : bytes_(bytes) {}
  Result<size_t> read_at(int64_t offset, size_t size, char* out) override {
    const auto at = std::min(static_cast<size_t>(offset), bytes_.size());
    return bytes_.copy(out, size, at);
  }
  Result<FileStat> stat() override { return FileStat{.size_bytes = static_cast<int64_t>(bytes_.size())}; }

 private:
  const std::string& bytes_;
};

class SingleFile final : public FileEnv {
 public:
  SingleFile(std::string path, std::string bytes) : path_(std::move(path)), bytes_(std::move(bytes)) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    if (path != path_) return missing(path);
    return std::unique_ptr<ReadableFile>(std::make_unique<MemoryFile>(bytes_));
  }
  Result<FileStat> stat(const std::string& path) override {
    if (path == path_) return FileStat{.size_bytes = static_cast<int64_t>(bytes_.size())};
    if (path_.starts_with(path == "/" ? path : path + "/")) return FileStat{.is_directory = true};
    return missing(path);
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    if (directory != parent_directory(path_)) return missing(directory);
    return std::vector<std::string>{path_.substr(path_.rfind('/') + 1)};
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string&) override { return refused(); }
  Result<void> rename(const std::string&, const std::string&) override { return refused(); }
  Result<void> remove(const std::string&) override { return refused(); }
  Result<void> make_directory(const std::string&) override { return refused(); }
  Result<void> sync_directory(const std::string&) override { return refused(); }

 private:
  static Error missing(const std::string& path) { return Error(ErrorKind::not_found, "there is no '" + path + "'"); }
  static Error refused() { return Error(ErrorKind::unsupported, "this file system can only be read"); }

  std::string path_;
  std::string bytes_;
};

char delimiter_of(std::string_view header) {
  char best = ',';
  for (const char candidate : {',', ';', '\t', '|'}) {
    if (std::count(header.begin(), header.end(), candidate) > std::count(header.begin(), header.end(), best))
      best = candidate;
  }
  return best;
}

}  // namespace

codec::Format format_of(SampleFormat format, char delimiter) {
  if (format == SampleFormat::json) return codec::json_format();
  return codec::csv_format({.delimiter = delimiter}, {.delimiter = delimiter});
}

Result<Sample> read_sample(const SampleRequest& request, FileEnv& files, const Clock& clock) {
  Sample sample;
  const int64_t share =
      std::max(kShareBytesMin, request.bytes_max / std::max<int64_t>(1, static_cast<int64_t>(request.files.size())));
  for (size_t i = 0; i < request.files.size() && sample.bytes < request.bytes_max; ++i) {
    WEIR_ASSIGN(const std::unique_ptr<SourceCursor> source, open_file(request.files[i], request.format, files, clock));
    WEIR_TRY(read_into(sample, *source, share, 0));
  }
  return sample;
}

Result<Sample> read_topic(const std::string& brokers, const std::string& topic, int64_t bytes_max, const Clock& clock) {
  connector::KafkaSpec spec{.source = "sample", .brokers = brokers, .topics = {topic}, .bounded = true};
  WEIR_TRY(connector::check_kafka_spec(spec));
  std::unique_ptr<SourceFactory> factory =
      connector::make_kafka_source(std::move(spec), clock, [](connector::KafkaLogLevel, std::string_view) {});
  WEIR_ASSIGN(const std::unique_ptr<SourceCursor> source, SourceCursor::make(std::move(factory), clock));
  WEIR_TRY(source->open(nullptr, [] { return false; }));
  Sample sample;
  WEIR_TRY(read_into(sample, *source, bytes_max, kTopicWaitMs));
  return sample;
}

std::unique_ptr<FileEnv> single_file(std::string path, std::string bytes) {
  return std::make_unique<SingleFile>(std::move(path), std::move(bytes));
}

Result<Looks> look_at(const std::string& file, FileEnv& files, const Clock& clock) {
  WEIR_ASSIGN(const std::unique_ptr<SourceCursor> source, open_file(file, codec::json_format(), files, clock));
  while (true) {
    WEIR_ASSIGN(const Poll poll, source->poll(0));
    if (poll.state == Poll::State::finished) return Error(ErrorKind::invalid_argument, "'" + file + "' has no events");
    if (poll.state == Poll::State::idle) continue;
    for (size_t i = 0; i < poll.events->size(); ++i) {
      std::string_view text = poll.events->bytes(i);
      const size_t begin = text.find_first_not_of(" \t\r\xef\xbb\xbf");
      if (begin == std::string_view::npos) continue;
      if (text[begin] == '{') return Looks{};
      if (text[begin] == '[') {
        return Error(ErrorKind::unsupported,
                     "'" + file +
                         "' begins with '[', a JSON array; Weir reads one JSON object a line, as "
                         "`jq -c '.[]'` writes them");
      }
      return Looks{.format = SampleFormat::csv, .delimiter = delimiter_of(text)};
    }
  }
}

}  // namespace weir::inference
