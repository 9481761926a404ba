#include <utility>

#include "connector/files/file_split_internal.h"
#include "connector/files/growing_files_reader_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kGrowingBatchEvents = 8192;
constexpr size_t kGrowingBatchBytes = size_t{4} << 20;

}  // namespace

Result<void> GrowingFilesReader::add(std::vector<AssignedSplit> splits) {
  for (const AssignedSplit& split : splits) {
    WEIR_ASSIGN(FileNews news, news_of(split));
    auto* file = std::get_if<ListedFile>(&news);
    const auto of_file = std::make_shared<const Split>(Split{.source = spec_.source, .topic = split.name});
    if (file == nullptr) {
      ended_.push_back(of_file);  // nothing is read of it
      continue;
    }
    WEIR_ASSIGN(std::unique_ptr<GrowingFile> growing,
                GrowingFile::open(files_, spec_, clock_, rotations_, std::move(*file), split.from, of_file));
    growing_.push_back(std::move(growing));
    begun_.push_back(of_file);
  }
  return {};
}

void GrowingFilesReader::resume(std::string_view name) {
  const auto at = paused_.find(name);
  if (at != paused_.end()) paused_.erase(at);
}

Result<Poll> GrowingFilesReader::poll() {
  WEIR_ASSIGN(Poll polled, poll_events());
  polled.begun = std::exchange(begun_, {});
  polled.ended = std::exchange(ended_, {});
  return polled;
}

Result<Poll> GrowingFilesReader::poll_events() {
  for (size_t asked = 0; asked < growing_.size(); ++asked) {
    GrowingFile& growing = *growing_[turn_];
    turn_ = (turn_ + 1) % growing_.size();
    if (paused_.contains(growing.name())) continue;
    WEIR_TRY(growing.read(builder_, kGrowingBatchEvents, kGrowingBatchBytes));
    for (const FinishedPartition& entry : growing.take_rotated()) rotated_.put(entry);
    if (builder_.empty()) continue;
    builder_.set_context(growing.context());
    return Poll{.state = Poll::State::events, .events = builder_.finish()};
  }
  if (is_last_) return Poll{.state = Poll::State::finished};
  return Poll{.again_us = clock_.monotonic_us() + spec_.scan_every_ms * 1000};
}

SourceProgress GrowingFilesReader::progress() const {
  SourceProgress progress;
  for (const auto& growing : growing_) progress.partitions[growing->name()] = growing->progress();
  progress.finished = rotated_;
  return progress;
}

void GrowingFilesReader::release(const SourceProgress& durable) {
  for (const FinishedPartition& entry : rotated_.changed_since({})) {
    if (durable.finished.find(entry.name_hash) != nullptr) rotated_.erase(entry.name_hash);
  }
}

}  // namespace weir::connector
