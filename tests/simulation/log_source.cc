#include "simulation/log_source.h"

#include <string>
#include <utility>
#include <vector>

namespace weir::simulation {
namespace {

/// Deals the partitions of the log.
class LogSplitter final : public SourceSplitter {
 public:
  LogSplitter(const GraphEnvironment& environment, int readers)
      : log_(environment.log),
        partitions_(static_cast<int>(environment.scenario.partitions)),
        once_(environment.once),
        process_(environment.process),
        released_(environment.released),
        readers_(readers) {}

  Result<void> open(const SourceProgress* from, const StopAsked&) override {
    WEIR_TRY(ask());
    if (from != nullptr) from_ = *from;
    return {};
  }

  Result<Discovery> discover(bool) override {
    WEIR_TRY(ask());
    Discovery found{.splits = {}, .is_last = true};
    for (int p = 0; p < partitions_; ++p) {
      const std::string name = partition_name(p);
      const connector::PartitionFacts facts = log_.facts_of(p);
      const auto stored = from_.partitions.find(name);
      const bool is_new = stored == from_.partitions.end();
      PartitionProgress from = is_new ? PartitionProgress{.next = facts.low} : stored->second;
      if (!is_new) {
        WEIR_ASSIGN(from.next, log_.go_on(p, from));
      }
      from.identity = facts.topic_id;
      found.splits.push_back({.reader = p % readers_,
                              .name = name,
                              .from = std::move(from),
                              .detail = once_ ? std::to_string(facts.high) : ""});
    }
    return found;
  }

  void release(const SourceProgress& durable) override { released_(durable); }

 private:
  Result<void> ask() {
    WEIR_ASSIGN(const Process::Fault fault, process_.enter());
    if (fault != Process::Fault::none) return process_.after();
    return {};
  }

  const EventLog& log_;
  int partitions_;
  bool once_;
  Process& process_;
  const std::function<void(const SourceProgress&)>& released_;
  int readers_;
  SourceProgress from_;
};

class LogReader final : public SourceReader {
 public:
  explicit LogReader(const GraphEnvironment& environment)
      : log_(environment.log),
        process_(environment.process),
        released_(environment.released),
        releases_early_(environment.sabotage == Sabotage::early_release) {}

  Result<void> add(std::vector<AssignedSplit> splits) override {
    for (const AssignedSplit& split : splits) {
      const int partition = partition_named(split.name);
      readings_.push_back(
          {.partition = partition,
           .split = std::make_shared<const Split>(Split{.source = "in", .topic = "log", .partition = partition}),
           .at = split.from,
           .end = split.detail.empty() ? -1 : std::stoll(split.detail)});
      begun_.push_back(readings_.back().split);
    }
    return {};
  }
  void no_more_splits() override { is_last_ = true; }
  void pause(std::string_view) override {}
  void resume(std::string_view) override {}

  Result<Poll> poll() override {
    if (process_.is_dead()) return Process::crashed();
    if (process_.hits(10 * process_.rates().unavailable)) return Process::passing();
    RawBatchBuilder builder;
    bool is_finished = is_last_;
    for (Reading& reading : readings_) {
      WEIR_ASSIGN(reading.at.next, log_.go_on(reading.partition, reading.at));
      const int64_t end = reading.end >= 0 ? reading.end : log_.facts_of(reading.partition).high;
      for (int i = 0; i < 7 && reading.at.next < end; ++i) add(reading, builder);
      is_finished = is_finished && reading.end >= 0 && reading.at.next >= end;
    }
    Poll polled{.state = is_finished ? Poll::State::finished : Poll::State::idle};
    if (!builder.empty()) polled = {.state = Poll::State::events, .events = builder.finish()};
    polled.begun = std::exchange(begun_, {});
    if (releases_early_) release(progress());
    return polled;
  }

  SourceProgress progress() const override {
    SourceProgress progress;
    for (const Reading& reading : readings_) progress.partitions[partition_name(reading.partition)] = reading.at;
    return progress;
  }
  SourceLag lag() const override { return {}; }
  void release(const SourceProgress& durable) override { released_(durable); }

 private:
  struct Reading {
    int partition = 0;
    SplitPtr split;
    PartitionProgress at = {};
    int64_t end = -1;  ///< -1: goes on
  };
  void add(Reading& reading, RawBatchBuilder& builder) {
    const int64_t offset = reading.at.next++;
    const int generation = log_.generation_at(reading.partition, offset);
    reading.at.leader_epoch = log_.leader_epoch_of(generation);
    builder.add(bytes_of(id_of(reading.partition, generation, offset)), {.split = &reading.split, .offset = offset});
  }
  const EventLog& log_;
  Process& process_;
  const std::function<void(const SourceProgress&)>& released_;
  const bool releases_early_;
  bool is_last_ = false;
  std::vector<Reading> readings_;
  std::vector<SplitPtr> begun_;
};

class LogSource final : public SourceFactory {
 public:
  explicit LogSource(const GraphEnvironment& environment) : environment_(environment) {}
  Result<std::unique_ptr<SourceSplitter>> make_splitter(int readers) override {
    return std::unique_ptr<SourceSplitter>(std::make_unique<LogSplitter>(environment_, readers));
  }
  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()>) override {
    return std::unique_ptr<SourceReader>(std::make_unique<LogReader>(environment_));
  }

 private:
  const GraphEnvironment environment_;
};

}  // namespace

std::shared_ptr<SourceFactory> make_log_source(const GraphEnvironment& environment) {
  return std::make_shared<LogSource>(environment);
}

}  // namespace weir::simulation
