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
  FilesSource(FilesSpec spec, FileEnv& files, const Clock& clock, ReaderShare share)
      : spec_(std::move(spec)), files_(files), clock_(clock), share_(share), listing_(spec_.path) {}

  Result<void> open(const SourceProgress* from) override {
    if (from != nullptr) take_over(*from);
    WEIR_TRY(scan(false));
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
      WEIR_TRY(scan(true));
      if (waiting_.empty()) return Poll{Poll::State::idle, nullptr};
    }
  }

  SourceProgress progress() const override { return progress_; }
  const PartitionNames& partitions() const override { return names_; }

  SourceLag lag() const override {
    SourceLag lag{.events = -1, .bytes = reader_ ? reader_->bytes_left() : 0};
    for (const auto& [name, file] : waiting_) lag.bytes += file.facts.size_bytes;
    return lag;
  }

  void on_committed(const SourceProgress&) override {}

 private:
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

  Result<void> scan(bool settled_only) {
    next_scan_us_ = clock_.monotonic_us() + spec_.scan_every_ms * 1000;
    WEIR_ASSIGN(std::vector<ListedFile> found, listing_.list(files_));
    for (ListedFile& file : found) {
      if (!is_ours(file.name)) continue;
      if (settled_only && clock_.wall_ms() - file.facts.modified_us / 1000 < spec_.settle_ms) continue;
      const auto seen = seen_.find(file.name);
      if (seen != seen_.end() && seen->second.size_bytes == file.facts.size_bytes &&
          seen->second.modified_us == file.facts.modified_us)
        continue;
      if (seen != seen_.end() || is_finished(file.name)) {
        WEIR_TRY(require_same(file));
        seen_[file.name] = file.facts;
        continue;
      }
      if (seen_.size() >= kFilesMax)
        return Error(ErrorKind::limit_exceeded,
                     "'" + spec_.path + "' holds more than 100000 files; split it into several sources");
      seen_[file.name] = file.facts;
      waiting_.emplace(file.name, std::move(file));
    }
    return {};
  }

  bool is_finished(std::string_view name) const {
    return finished_before_.find_finished(name) != nullptr || progress_.find_finished(name) != nullptr;
  }

  /// A file that was read, in this process or before, must still be what it was.
  Result<void> require_same(const ListedFile& file) {
    WEIR_ASSIGN(const std::string identity, file_identity(files_, file));
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
        return Error(ErrorKind::position_lost,
                     "'" + listing_.root() + "/" + name + "' was read up to record " + std::to_string(partition.next) +
                         " and is gone: its records from there on cannot be read. Put it back; to go on without them: "
                         "`weir progress forget PIPELINE.yaml --partition " +
                         name + " --reason TEXT`");
      }
    }
    return {};
  }

  Result<void> open_next() {
    if (waiting_.empty()) return {};
    ListedFile file = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    const auto started = progress_.partitions.find(file.name);
    const PartitionProgress from = started == progress_.partitions.end() ? PartitionProgress() : started->second;
    const PartitionIndex index = names_.add({.topic = file.name, .partition = 0});
    WEIR_ASSIGN(reader_, FileReader::open(files_, spec_, std::move(file), from, index));
    progress_.partitions[reader_->file().name] = reader_->progress();
    return {};
  }

  Result<std::shared_ptr<const RawBatch>> read_batch() {
    builder_.reserve(kBatchBytes, kBatchEvents);
    WEIR_ASSIGN(const bool ended, reader_->read(builder_, kBatchEvents, kBatchBytes));
    builder_.set_context(reader_->context());
    const std::string name = reader_->file().name;
    progress_.partitions[name] = reader_->progress();
    if (ended) {
      progress_.finish(name);
      reader_ = nullptr;
    }
    return builder_.finish();
  }

  FilesSpec spec_;
  FileEnv& files_;
  const Clock& clock_;
  ReaderShare share_;
  FileListing listing_;
  SourceProgress progress_;
  SourceProgress finished_before_;        ///< the pipeline's whole progress at open(): files of all readers
  std::map<std::string, FileStat> seen_;  ///< by name: taken up, or read before
  std::map<std::string, ListedFile> waiting_;
  std::unique_ptr<FileReader> reader_;
  PartitionNames names_;
  RawBatchBuilder builder_;
  int64_t next_scan_us_ = 0;
};

class FilesSourceFactory final : public SourceFactory {
 public:
  FilesSourceFactory(FilesSpec spec, FileEnv& files, const Clock& clock)
      : spec_(std::move(spec)), files_(files), clock_(clock) {}
  Result<std::unique_ptr<Source>> make(ReaderShare share) override {
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
