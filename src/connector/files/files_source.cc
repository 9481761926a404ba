#include "connector/files/files_source.h"

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "connector/files/file_reader_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kBatchEvents = 8192;
constexpr size_t kBatchBytes = size_t{4} << 20;
constexpr size_t kFilesMax = 100'000;  // progress names each file; see docs/formats/progress.md

class FilesSource final : public Source {
 public:
  FilesSource(FilesSpec spec, FileEnv& files, const Clock& clock, TaskShare share)
      : spec_(std::move(spec)), files_(files), clock_(clock), share_(share), listing_(spec_.path) {}

  Result<void> open(const SourceProgress* from, const StopAsked&) override {
    if (from != nullptr) take_over(*from);
    WEIR_TRY(scan());
    return require_started_files();
  }

  Result<Poll> poll(int wait_ms) override {
    while (true) {
      if (!reader_) WEIR_TRY(open_next());
      if (reader_) {
        WEIR_ASSIGN(std::shared_ptr<const RawBatch> events, read_batch());
        if (events->size() != 0) return Poll{Poll::State::events, std::move(events)};
        continue;
      }
      if (!spec_.watch) return Poll{Poll::State::finished, nullptr};
      if (clock_.monotonic_us() < next_scan_us_) {
        clock_.sleep_ms(std::min<int64_t>(wait_ms, (next_scan_us_ - clock_.monotonic_us()) / 1000 + 1));
        return Poll{Poll::State::idle, nullptr};
      }
      WEIR_TRY(scan());
      if (waiting_.empty()) return Poll{Poll::State::idle, nullptr};
    }
  }

  SourceProgress progress() const override { return progress_; }

  SourceLag lag() const override {
    return {.events = -1, .bytes = waiting_bytes_ + (reader_ ? reader_->bytes_left() : 0)};
  }

  void on_committed(const SourceProgress&) override {}

 private:
  /// A file that changed lately.
  struct Unsettled {
    FileStat facts;
    int64_t since_us = 0;  ///< monotonic: when it was first seen as it is
  };

  bool is_ours(std::string_view name) const {
    return hash64(name) % static_cast<uint64_t>(share_.count) == static_cast<uint64_t>(share_.index);
  }

  /// Keeps of the pipeline's progress what this reader answers for. Finished files are hashes, whose owner cannot be
  /// told: reader 0 carries them.
  void take_over(const SourceProgress& from) {
    finished_before_ = from;
    for (const auto& [name, partition] : from.partitions) {
      if (is_ours(name)) progress_.partitions[name] = partition;
    }
    if (share_.index == 0) progress_.finished = from.finished;
  }

  Result<void> scan() {
    next_scan_us_ = clock_.monotonic_us() + spec_.scan_every_ms * 1000;
    WEIR_ASSIGN(std::vector<ListedFile> found, listing_.list(files_));
    std::map<std::string, FileStat> read;
    std::map<std::string, Unsettled> unsettled;
    for (ListedFile& file : found) {
      if (!is_ours(file.name)) continue;
      if (const auto known = read_.find(file.name); known != read_.end() || is_finished(file.name)) {
        if (known == read_.end() || known->second != file.facts) WEIR_TRY(require_same(file));
        read[file.name] = file.facts;
        continue;
      }
      WEIR_TRY(consider(std::move(file), unsettled));
    }
    read_ = std::move(read);
    unsettled_ = std::move(unsettled);
    return {};
  }

  /// A file of which nothing was read to its end: takes it up, or leaves it for a later scan.
  Result<void> consider(ListedFile file, std::map<std::string, Unsettled>& unsettled) {
    if (reader_ && reader_->file().name == file.name) return {};
    const auto waiting = waiting_.find(file.name);
    if (waiting != waiting_.end()) {
      if (waiting->second.facts == file.facts) return {};
      stop_waiting(waiting);  // it is another one now
    }
    const bool is_started = progress_.partitions.contains(file.name);
    // An empty file says nothing, and somebody may be about to write it.
    if (!is_started && (file.facts.size_bytes == 0 || !is_settled(file, unsettled))) return {};
    if (waiting_.size() + progress_.finished.size() >= kFilesMax)
      return Error(ErrorKind::limit_exceeded, "'" + spec_.path + "' holds more than " + std::to_string(kFilesMax) +
                                                  " files; split it into several sources");
    waiting_bytes_ += file.facts.size_bytes;
    waiting_.emplace(file.name, std::move(file));
    return {};
  }

  /// By its own time, or, when that lies in the future, by what we have seen: clocks of other machines are not ours.
  bool is_settled(const ListedFile& file, std::map<std::string, Unsettled>& unsettled) {
    if (!spec_.watch) return true;
    const int64_t age_ms = clock_.wall_ms() - file.facts.modified_us / 1000;
    if (age_ms >= spec_.settle_ms) return true;
    Unsettled seen{.facts = file.facts, .since_us = clock_.monotonic_us()};
    if (const auto before = unsettled_.find(file.name);
        before != unsettled_.end() && before->second.facts == file.facts)
      seen = before->second;
    if (clock_.monotonic_us() - seen.since_us >= spec_.settle_ms * 1000) return true;
    unsettled[file.name] = seen;
    return false;
  }

  void stop_waiting(std::map<std::string, ListedFile>::iterator waiting) {
    waiting_bytes_ -= waiting->second.facts.size_bytes;
    waiting_.erase(waiting);
  }

  bool is_finished(std::string_view name) const {
    return finished_before_.find_finished(name) != nullptr || progress_.find_finished(name) != nullptr;
  }

  /// A file that was read, in this process or before, must still be what it was.
  Result<void> require_same(const ListedFile& file) {
    WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files_.open(file.path));
    WEIR_ASSIGN(const std::string identity, file_identity(*input, file));
    const FinishedPartition* finished = progress_.find_finished(file.name);
    if (finished == nullptr) finished = finished_before_.find_finished(file.name);
    if (finished == nullptr || finished->identity_hash == identity_hash(identity)) return {};
    return Error(ErrorKind::position_lost,
                 "'" + file.path +
                     "' was read to its end and has changed since; its new content would be lost. "
                     "Give the new content a new name, and put the old file back or remove it; to read all of it "
                     "again: `weir progress forget PIPELINE.yaml "
                     "--partition " +
                     file.name + " --reason TEXT`");
  }

  /// Files that progress says are half read must be there.
  Result<void> require_started_files() {
    for (const auto& [name, partition] : progress_.partitions) {
      if (!waiting_.contains(name)) {
        return Error(
            ErrorKind::position_lost,
            "'" + listing_.root() + "/" + name + "' was read up to record " + std::to_string(partition.next) +
                " and is gone: its records from there on cannot be read. Put it back; to continue without them: "
                "`weir progress forget PIPELINE.yaml --partition " +
                name + " --reason TEXT`");
      }
    }
    return {};
  }

  Result<void> open_next() {
    while (!waiting_.empty() && !reader_) {
      ListedFile file = waiting_.begin()->second;
      stop_waiting(waiting_.begin());
      const auto started = progress_.partitions.find(file.name);
      const bool is_started = started != progress_.partitions.end();
      if (spec_.watch && !is_started && !is_as_listed(file)) continue;  // the next scan looks at it again
      const PartitionProgress from = is_started ? started->second : PartitionProgress();
      auto split = std::make_shared<const Split>(Split{.source = spec_.source, .topic = file.name});
      WEIR_ASSIGN(reader_, FileReader::open(files_, spec_, std::move(file), from, std::move(split)));
      progress_.partitions[reader_->file().name] = reader_->progress();
    }
    return {};
  }

  bool is_as_listed(const ListedFile& file) const {
    const Result<FileStat> now = files_.stat(file.path);
    return now.ok() && *now == file.facts;
  }

  Result<std::shared_ptr<const RawBatch>> read_batch() {
    builder_.reserve(kBatchBytes, kBatchEvents);
    WEIR_ASSIGN(const bool ended, reader_->read(builder_, kBatchEvents, kBatchBytes));
    builder_.set_context(reader_->context());
    const std::string name = reader_->file().name;
    progress_.partitions[name] = reader_->progress();
    if (ended) {
      read_[name] = reader_->file().facts;
      progress_.finish(name);
      reader_ = nullptr;
    }
    return builder_.finish();
  }

  FilesSpec spec_;
  FileEnv& files_;
  const Clock& clock_;
  TaskShare share_;
  FileListing listing_;
  SourceProgress progress_;
  SourceProgress finished_before_;        ///< the pipeline's whole progress at open(): files of all readers
  std::map<std::string, FileStat> read_;  ///< by name: read to its end, and there at the last scan
  std::map<std::string, Unsettled> unsettled_;
  std::map<std::string, ListedFile> waiting_;
  int64_t waiting_bytes_ = 0;  ///< of all in waiting_, as stored
  std::unique_ptr<FileReader> reader_;
  RawBatchBuilder builder_;
  int64_t next_scan_us_ = 0;
};

class FilesSourceFactory final : public SourceFactory {
 public:
  FilesSourceFactory(FilesSpec spec, FileEnv& files, const Clock& clock)
      : spec_(std::move(spec)), files_(files), clock_(clock) {}
  Result<std::unique_ptr<Source>> make(TaskShare share) override {
    return std::unique_ptr<Source>(std::make_unique<FilesSource>(spec_, files_, clock_, share));
  }

 private:
  FilesSpec spec_;
  FileEnv& files_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<SourceFactory> make_files_source(FilesSpec spec, FileEnv& files, const Clock& clock) {
  return std::make_unique<FilesSourceFactory>(std::move(spec), files, clock);
}

}  // namespace weir::connector
