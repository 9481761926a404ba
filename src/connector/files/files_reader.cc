#include <algorithm>

#include "connector/files/files_reader_internal.h"
#include "connector/files/splitter_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kBatchEvents = 8192;
constexpr size_t kBatchBytes = size_t{4} << 20;

}  // namespace

Result<void> FilesReader::add(std::vector<AssignedSplit> splits) {
  for (AssignedSplit& split : splits) {
    WEIR_ASSIGN(ListedFile file, file_from_detail(split));
    waiting_bytes_ += file.facts.size_bytes;
    waiting_.emplace(split.name, Waiting{.file = std::move(file), .from = std::move(split.from)});
  }
  return {};
}

void FilesReader::resume(std::string_view name) {
  const auto at = paused_.find(name);
  if (at != paused_.end()) paused_.erase(at);
}

Result<Poll> FilesReader::poll() {
  WEIR_ASSIGN(Poll polled, poll_events());
  polled.begun = std::exchange(begun_, {});
  polled.ended = std::exchange(ended_, {});
  return polled;
}

Result<Poll> FilesReader::poll_events() {
  while (true) {
    if (!reader_) {
      WEIR_ASSIGN(const bool is_open, open_next());
      if (!is_open && waiting_.empty() && is_last_) return Poll{.state = Poll::State::finished};
      if (!is_open) return Poll{.again_us = next_look_us()};
    }
    if (paused_.contains(reader_->file().name)) return Poll{};
    WEIR_ASSIGN(std::shared_ptr<const RawBatch> events, read_batch());
    if (events->size() != 0) return Poll{.state = Poll::State::events, .events = std::move(events)};
  }
}

/// Opens the first file that is ready; false when there is none now.
Result<bool> FilesReader::open_next() {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    const auto at = next++;
    if (paused_.contains(at->first) || !is_ready(at->second)) continue;
    WEIR_TRY(begin(at));
    return true;
  }
  return false;
}

/// A file that was begun before, or that is as it was when it was listed, or has settled since; one pass takes files as
/// they are.
bool FilesReader::is_ready(Waiting& waiting) {
  if (!spec_.watch || waiting.from.next > 0) return true;
  if (clock_.monotonic_us() < waiting.look_us) return false;
  waiting.look_us = clock_.monotonic_us() + spec_.scan_every_ms * 1000;
  const Result<FileStat> stat = files_.stat(waiting.file.path);
  const FileStat now = stat.ok() ? *stat : FileStat();
  if (now != waiting.file.facts) {
    waiting.has_changed = true;
    waiting_bytes_ += now.size_bytes - waiting.file.facts.size_bytes;
    waiting.file.facts = now;
  }
  return now.size_bytes > 0 && (!waiting.has_changed || settling_.is_settled(waiting.file));
}

Result<void> FilesReader::begin(Queue::iterator next) {
  Waiting waiting = std::move(next->second);
  waiting_.erase(next);
  waiting_bytes_ -= waiting.file.facts.size_bytes;
  split_ = std::make_shared<const Split>(Split{.source = spec_.source, .topic = waiting.file.name});
  WEIR_ASSIGN(reader_, FileReader::open(files_, spec_, std::move(waiting.file), waiting.from, split_));
  begun_.push_back(split_);
  progress_.partitions[reader_->file().name] = reader_->progress();
  return {};
}

/// When a file that has to settle may be ready.
int64_t FilesReader::next_look_us() const {
  int64_t next_us = kNoTime;
  for (const auto& [name, waiting] : waiting_) next_us = std::min(next_us, waiting.look_us);
  return next_us;
}

Result<std::shared_ptr<const RawBatch>> FilesReader::read_batch() {
  builder_.reserve(kBatchBytes, kBatchEvents);
  WEIR_ASSIGN(const bool ended, reader_->read(builder_, kBatchEvents, kBatchBytes));
  builder_.set_context(reader_->context());
  const std::string name = reader_->file().name;
  progress_.partitions[name] = reader_->progress();
  if (ended) {
    progress_.finish(name);
    ended_.push_back(std::move(split_));
    reader_ = nullptr;
  }
  return builder_.finish();
}

void FilesReader::release(const SourceProgress& durable) {
  std::erase_if(progress_.finished, [&](const FinishedPartition& entry) {
    return std::binary_search(durable.finished.begin(), durable.finished.end(), entry);
  });
}

}  // namespace weir::connector
