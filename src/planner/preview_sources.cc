#include <algorithm>
#include <set>

#include "planner/graph_builder_internal.h"
#include "planner/preview.h"

namespace weir::planner {
namespace {

constexpr int64_t kLookMs = 20;
constexpr int64_t kLagWaitMs = 2000;
constexpr size_t kSampleBytesMax = size_t{64} << 20;

/// The first `count` events.
std::shared_ptr<const RawBatch> first_events(const std::shared_ptr<const RawBatch>& events, size_t count) {
  if (events->size() <= count) return events;
  RawBatchBuilder builder;
  builder.set_context(events->context());
  for (size_t i = 0; i < count; ++i) {
    builder.add(events->bytes(i), {.split = &events->splits()[events->split_index(i)],
                                   .offset = events->offset(i),
                                   .timestamp_ms = events->timestamp_ms(i),
                                   .key = events->key(i),
                                   .has_key = events->has_key(i),
                                   .is_null = events->is_null(i),
                                   .is_truncated = events->is_truncated(i),
                                   .fault = events->is_broken(i) ? events->fault(i) : std::string_view(),
                                   .line = events->line(i),
                                   .headers = events->headers(i)});
  }
  return builder.finish();
}

/// Looks at one source.
class Look {
 public:
  Look(const PlannedSource& source, const PreviewRequest& request, FileEnv& files, const Clock& clock)
      : source_(source),
        request_(request),
        files_(files),
        clock_(clock),
        end_(Deadline::after_ms(clock, request.wait_ms_max)) {
    preview_.source = source.name;
    preview_.reads_files = source.bound.files.has_value();
  }

  SourcePreview run(const SourceProgress* from, const std::shared_ptr<const Intake>& intake) {
    const Result<void> looked = look(from, intake);
    if (!looked.ok()) preview_.error = looked.error();
    return std::move(preview_);
  }

 private:
  Result<void> look(const SourceProgress* from, const std::shared_ptr<const Intake>& intake) {
    WEIR_ASSIGN(const std::unique_ptr<SourceFactory> factory,
                source_.bound.make({.files = files_,
                                    .clock = clock_,
                                    .log = {},
                                    .once = true,
                                    .wants_lines = false,
                                    .check = [intake](const RawBatch& first) { return intake->check_first(first); },
                                    .leave = [this](const std::string& path) { preview_.left.push_back(path); }}));
    WEIR_ASSIGN(const std::unique_ptr<SourceSplitter> splitter, factory->make_splitter(1));
    WEIR_ASSIGN(const std::unique_ptr<SourceReader> reader, factory->make_reader([] {}));
    WEIR_TRY(wait_for([&] { return splitter->open(from, [this] { return end_.passed(clock_); }); }));
    bool is_last = false;
    while (!is_last) {
      Discovery found;
      WEIR_TRY(wait_for([&]() -> Result<void> {
        WEIR_ASSIGN(found, splitter->discover(false));
        return {};
      }));
      is_last = found.is_last || end_.passed(clock_);
      for (const AssignedSplit& split : found.splits)
        preview_.unread.push_back({.name = split.name, .from = split.from.next});
      WEIR_TRY(reader->add(std::move(found.splits)));
      if (!is_last) clock_.sleep_ms(std::clamp<int64_t>((found.next_us - clock_.monotonic_us()) / 1000 + 1, 1, 1000));
    }
    reader->no_more_splits();
    preview_.bytes = reader->lag().bytes;
    return read(*reader);
  }

  /// A fault that may pass is waited out for as long as the request says.
  template <typename Call>
  Result<void> wait_for(const Call& call) {
    while (true) {
      Result<void> done = call();
      if (!done.ok() && end_.passed(clock_)) return no_answer(done.error());
      if (done.ok() || done.error().retry() != RetryHint::backoff) return done;
      last_fault_ = done.error();
      clock_.sleep_ms(kLookMs * 10);
    }
  }

  Error no_answer(const Error& error) const {
    if (error.kind() != ErrorKind::cancelled) return error;
    if (last_fault_) return *last_fault_;
    return Error(ErrorKind::timeout, "no answer within " + std::to_string(request_.wait_ms_max / 1000) + " seconds");
  }

  /// Takes the sample. Kafka says how much there is once it has begun to read.
  Result<void> read(SourceReader& reader) {
    const Deadline lag_known = Deadline::after_ms(clock_, kLagWaitMs);
    bool is_first = true;
    while (true) {
      WEIR_ASSIGN(const Poll poll, reader.poll());
      if (std::exchange(is_first, false)) drop_noted(poll);
      if (preview_.events < 0) note_lag(reader, poll);
      if (poll.state == Poll::State::events) take(poll.events);
      preview_.is_whole = preview_.is_whole || poll.state == Poll::State::finished;
      const bool is_full =
          preview_.sampled >= request_.events_max || preview_.sampled_bytes >= static_cast<int64_t>(kSampleBytesMax);
      const bool is_known = preview_.reads_files || preview_.events >= 0 || lag_known.passed(clock_);
      if (poll.state == Poll::State::finished || (is_full && is_known) || end_.passed(clock_)) break;
      if (poll.state == Poll::State::idle) clock_.sleep_ms(kLookMs);
    }
    return {};
  }

  /// Splits that only change what is known of a file bring no event.
  void drop_noted(const Poll& poll) {
    std::set<std::string> noted;
    for (const SplitPtr& split : poll.ended) noted.insert(split->topic);
    for (const SplitPtr& split : poll.begun) noted.erase(split->topic);
    if (!preview_.reads_files) return;
    std::erase_if(preview_.unread,
                  [&](const UnreadSplit& split) { return split.name.empty() || noted.contains(split.name); });
  }

  void note_lag(const SourceReader& reader, const Poll& poll) {
    const int64_t lag = reader.lag().events;
    if (lag < 0) return;
    const int64_t taken = poll.state == Poll::State::events ? static_cast<int64_t>(poll.events->size()) : 0;
    preview_.events = lag + preview_.sampled + dropped_ + taken;
  }

  void take(const std::shared_ptr<const RawBatch>& events) {
    const int64_t room = std::max<int64_t>(0, request_.events_max - preview_.sampled);
    const auto size = static_cast<int64_t>(events->size());
    if (room < size) dropped_ += size - room;
    if (room == 0) return;
    const std::shared_ptr<const RawBatch> taken = first_events(events, static_cast<size_t>(room));
    preview_.sampled += static_cast<int64_t>(taken->size());
    preview_.sampled_bytes += static_cast<int64_t>(taken->payload_bytes());
    preview_.sample.push_back(taken);
  }

  const PlannedSource& source_;
  const PreviewRequest& request_;
  FileEnv& files_;
  const Clock& clock_;
  const Deadline end_;
  SourcePreview preview_;
  std::optional<Error> last_fault_;
  int64_t dropped_ = 0;  ///< events that were read and are not in the sample
};

}  // namespace

std::vector<SourcePreview> preview_sources(const Plan& plan, const Progress& progress, const PreviewRequest& request,
                                           FileEnv& files, const Clock& clock) {
  const std::map<std::string, std::shared_ptr<const Intake>> intakes = make_intakes(plan, {});
  std::vector<SourcePreview> previews;
  for (const PlannedSource& source : plan.sources) {
    const auto from = progress.sources.find(source.name);
    previews.push_back(Look(source, request, files, clock)
                           .run(from == progress.sources.end() ? nullptr : &from->second, intakes.at(source.name)));
    SourcePreview& preview = previews.back();
    if (preview.sampled == 0) preview.is_whole = preview.is_whole && preview.unread.empty();
  }
  return previews;
}

}  // namespace weir::planner
