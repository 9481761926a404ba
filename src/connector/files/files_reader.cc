#include <algorithm>
#include <utility>

#include "connector/files/file_identity_internal.h"
#include "connector/files/file_split_internal.h"
#include "connector/files/files_reader_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kBatchEvents = 8192;
constexpr size_t kBatchBytes = size_t{4} << 20;
constexpr int64_t kSmallBytes = 512;
constexpr size_t kInflatedMost = 8;  // how much larger compressed text becomes, mostly

}  // namespace

Result<void> FilesReader::add(std::vector<AssignedSplit> splits) {
  for (AssignedSplit& split : splits) {
    WEIR_ASSIGN(FileNews news, news_of(split));
    if (auto* file = std::get_if<ListedFile>(&news)) {
      waiting_bytes_ += file->facts.size_bytes;
      waiting_.emplace(split.name, Waiting{.file = std::move(*file), .from = std::move(split.from)});
      continue;
    }
    if (const auto* known = std::get_if<KnownFile>(&news))
      progress_.finished.put(known->entry);
    else
      progress_.forgotten.push_back(std::get<ForgottenFile>(news).name_hash);
    ended_.push_back(split_of(split.name));  // nothing is read of it
  }
  return {};
}

SplitPtr FilesReader::split_of(const std::string& name) const {
  return std::make_shared<const Split>(Split{.source = spec_.source, .topic = name});
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
    if (!reader_ && !first_) {
      WEIR_ASSIGN(const bool is_open, open_next());
      if (!is_open && waiting_.empty() && is_last_) return Poll{.state = Poll::State::finished};
      if (!is_open) return Poll{.again_us = next_look_us()};
    }
    if (!first_ && reader_ && paused_.contains(reader_->file().name)) return Poll{};
    std::shared_ptr<const RawBatch> events = std::exchange(first_, nullptr);
    if (!events && reader_) {
      WEIR_ASSIGN(events, read_on());
    }
    if (events && events->size() != 0) return Poll{.state = Poll::State::events, .events = std::move(events)};
  }
}

/// Opens the first file that is ready; false when there is none now. Of one that cannot be read there is an event that
/// says so, and no reader.
Result<bool> FilesReader::open_next() {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    const auto at = next++;
    if (paused_.contains(at->first)) continue;
    if (!is_ready(at->second)) {
      if (!spec_.watch) leave(at);
      continue;
    }
    WEIR_TRY(begin(at));
    return true;
  }
  return false;
}

/// A file that was begun before, or that is as it was when it was listed, or has settled since.
bool FilesReader::is_ready(Waiting& waiting) {
  if (waiting.from.next > 0) return true;
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

/// One pass does not wait for a file that has changed since it was listed.
void FilesReader::leave(Queue::iterator next) {
  if (spec_.leave) spec_.leave(next->second.file.path);
  waiting_bytes_ -= next->second.file.facts.size_bytes;
  ended_.push_back(split_of(next->first));
  waiting_.erase(next);
}

Result<void> FilesReader::begin(Queue::iterator next) {
  Waiting waiting = std::move(next->second);
  waiting_.erase(next);
  waiting_bytes_ -= waiting.file.facts.size_bytes;
  progress_.finished.erase(name_hash(waiting.file.name));  // a bad file that has become another
  const size_t begun = begun_.size();
  const size_t ended = ended_.size();
  Result<void> opened = open_file(waiting.file, waiting.from);
  if (opened.ok()) return {};
  reader_ = nullptr;
  first_ = nullptr;
  begun_.resize(begun);
  ended_.resize(ended);
  if (opened.error().kind() == ErrorKind::not_found && spec_.watch && waiting.from.next == 0) {
    waiting.file.facts = {};  // gone since a moment: it may come back
    waiting.has_changed = true;
    waiting_.emplace(waiting.file.name, std::move(waiting));
    return {};
  }
  const bool is_bad = opened.error().kind() == ErrorKind::corrupt && waiting.from.next == 0;
  if (!is_bad || spec_.on_bad_file == OnBadFile::halt) return opened;
  return leave_out(waiting.file, opened.error());
}

/// Opens a file and reads its first batch. Errors: corrupt, before anything of it is handed out.
Result<void> FilesReader::open_file(ListedFile file, const PartitionProgress& from) {
  split_ = split_of(file.name);
  WEIR_ASSIGN(reader_, FileReader::open(files_, spec_, std::move(file), from, split_));
  begun_.push_back(split_);
  progress_.partitions[reader_->file().name] = reader_->progress();
  WEIR_ASSIGN(first_, read_on());
  return spec_.check ? spec_.check(*first_) : Result<void>();
}

/// Nothing of a bad file lands but one event that says what is wrong with it: by the name of the file, since where the
/// folder lies is no part of the results.
Result<void> FilesReader::leave_out(const ListedFile& file, const Error& error) {
  builder_ = RawBatchBuilder();
  WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files_.open(file.path));
  WEIR_ASSIGN(const Hash128 content, content_of(*input));
  std::string fault = error.message();
  if (const size_t at = fault.find(file.path); at != std::string::npos) fault.replace(at, file.path.size(), file.name);
  const SplitPtr split = split_of(file.name);
  builder_.add({},
               {.split = &split, .offset = kNoOffset, .timestamp_ms = file.facts.modified_us / 1000, .fault = fault});
  first_ = builder_.finish();
  ended_.push_back(split);
  progress_.finish(file.name,
                   {.content = content, .facts_hash = facts_hash(file.facts), .state = FinishedPartition::State::bad});
  if (spec_.log) spec_.log(true, "a file is left out, and is read once its content has changed: " + error.message());
  return {};
}

/// When a file that has to settle may be ready.
int64_t FilesReader::next_look_us() const {
  int64_t next_us = kNoTime;
  for (const auto& [name, waiting] : waiting_) next_us = std::min(next_us, waiting.look_us);
  return next_us;
}

/// Reads a run of events of the open file; there may be none at its end.
Result<std::shared_ptr<const RawBatch>> FilesReader::read_on() {
  // Of a small file a small batch: there may be thousands in an epoch.
  const auto size = static_cast<size_t>(std::max<int64_t>(reader_->file().facts.size_bytes, kSmallBytes));
  builder_.reserve(std::min(kBatchBytes, kInflatedMost * size), std::min(kBatchEvents, size));
  WEIR_ASSIGN(const bool ended, reader_->read(builder_, kBatchEvents, kBatchBytes));
  builder_.set_context(reader_->context());
  const std::string name = reader_->file().name;
  progress_.partitions[name] = reader_->progress();
  if (ended) {
    progress_.finish(name, reader_->finished());
    ended_.push_back(std::move(split_));
    reader_ = nullptr;
  }
  return builder_.finish();
}

void FilesReader::release(const SourceProgress& durable) {
  for (const FinishedPartition& entry : progress_.finished.changed_since({})) {
    const FinishedPartition* decided = durable.finished.find(entry.name_hash);
    if (decided != nullptr && *decided == entry) progress_.finished.erase(entry.name_hash);
  }
  std::erase_if(progress_.forgotten, [&](uint64_t name) { return durable.finished.find(name) == nullptr; });
}

}  // namespace weir::connector
