#include "dataflow/source_cursor.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

constexpr int64_t kPauseMs = 5;  // between two polls that bring nothing

}  // namespace

Result<std::unique_ptr<SourceCursor>> SourceCursor::make(std::shared_ptr<SourceFactory> factory, const Clock& clock,
                                                         TaskShare share) {
  auto cursor = std::unique_ptr<SourceCursor>(new SourceCursor(std::move(factory), clock, share));
  WEIR_ASSIGN(cursor->splitter_, cursor->factory_->make_splitter(share.count));
  WEIR_ASSIGN(cursor->reader_, cursor->factory_->make_reader([] {}));
  return cursor;
}

Result<void> SourceCursor::open(const SourceProgress* from, const StopAsked& stop_asked) {
  if (from != nullptr) from_ = *from;
  WEIR_TRY(splitter_->open(from, stop_asked));
  return look(false);
}

Result<void> SourceCursor::look(bool is_in_doubt) {
  WEIR_ASSIGN(Discovery found, splitter_->discover(is_in_doubt));
  next_look_us_ = found.next_us;
  std::erase_if(found.splits, [&](const AssignedSplit& split) { return split.reader != share_.index; });
  if (!found.splits.empty()) WEIR_TRY(reader_->add(std::move(found.splits)));
  if (found.is_last) reader_->no_more_splits();
  return {};
}

Result<Poll> SourceCursor::poll(int wait_ms) {
  const Deadline end = Deadline::after_ms(clock_, wait_ms);
  while (true) {
    if (is_in_doubt_ || clock_.monotonic_us() >= next_look_us_) WEIR_TRY(look(std::exchange(is_in_doubt_, false)));
    WEIR_ASSIGN(Poll polled, reader_->poll());
    is_in_doubt_ = is_in_doubt_ || polled.should_look;
    if (polled.state != Poll::State::idle || end.passed(clock_)) return polled;
    clock_.sleep_ms(std::min(kPauseMs, end.remaining_ms(clock_)));
  }
}

SourceProgress SourceCursor::progress() const {
  Progress all;
  all.sources[""] = from_;
  Progress now;
  now.sources[""] = reader_->progress();
  all.merge(now);
  return std::move(all.sources[""]);
}

void SourceCursor::release(const SourceProgress& durable) {
  from_ = durable;
  reader_->release(durable);
  splitter_->release(durable);
}

}  // namespace weir
