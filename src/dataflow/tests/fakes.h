/// \file
/// The ports' quietest implementations: a test derives from them what it needs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dataflow/sink.h"
#include "dataflow/source.h"

namespace weir {

/// Nothing to read.
class QuietReader : public SourceReader {
 public:
  Result<void> add(std::vector<AssignedSplit>) override { return {}; }
  void no_more_splits() override {}
  void pause(std::string_view) override {}
  void resume(std::string_view) override {}
  Result<Poll> poll() override { return Poll{.state = Poll::State::finished}; }
  SourceProgress progress() const override { return {}; }
  SourceLag lag() const override { return {}; }
  void release(const SourceProgress&) override {}
};

/// Deals each reader one split, "p/0", "p/1" ..., and no more.
class OneSplitEach : public SourceSplitter {
 public:
  explicit OneSplitEach(int readers) : readers_(readers) {}
  Result<void> open(const SourceProgress* from, const StopAsked&) override {
    if (from != nullptr) from_ = *from;
    return {};
  }
  Result<Discovery> discover(bool) override {
    Discovery found{.splits = {}, .is_last = true};
    for (int i = 0; i < readers_; ++i) {
      AssignedSplit split{.reader = i, .name = "p/" + std::to_string(i), .from = {}, .detail = {}};
      if (const auto at = from_.partitions.find(split.name); at != from_.partitions.end()) split.from = at->second;
      found.splits.push_back(std::move(split));
    }
    return found;
  }
  void release(const SourceProgress&) override {}

 private:
  int readers_;
  SourceProgress from_;
};

/// A source made of functions; OneSplitEach where none is given for the splitter.
class FakeSource final : public SourceFactory {
 public:
  using MakeReader = std::function<std::unique_ptr<SourceReader>(int reader)>;
  using MakeSplitter = std::function<std::unique_ptr<SourceSplitter>(int readers)>;
  explicit FakeSource(MakeReader reader, MakeSplitter splitter = {})
      : make_reader_(std::move(reader)), make_splitter_(std::move(splitter)) {}
  Result<std::unique_ptr<SourceSplitter>> make_splitter(int readers) override {
    if (make_splitter_) return make_splitter_(readers);
    return std::unique_ptr<SourceSplitter>(std::make_unique<OneSplitEach>(readers));
  }
  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()>) override { return make_reader_(made_++); }

 private:
  MakeReader make_reader_;
  MakeSplitter make_splitter_;
  int made_ = 0;
};

/// Counts the rows it is given; a part is their number as text.
class CountingWriter : public SinkWriter {
 public:
  Result<void> write(const Batch& batch) override {
    rows_ += batch.rows();
    return {};
  }
  Result<Pending<std::string>> prepare() override {
    return Pending<std::string>(rows_ == 0 ? std::string() : std::to_string(std::exchange(rows_, 0)));
  }
  int64_t memory_bytes() const override { return rows_; }

 private:
  int64_t rows_ = 0;
};

/// Keeps the batches it is given; hands out no part.
class KeptBatches : public SinkWriter {
 public:
  /// `kept` outlives this.
  explicit KeptBatches(std::vector<Batch>& kept) : kept_(kept) {}
  Result<void> write(const Batch& batch) override {
    kept_.push_back(batch.compact());
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string()); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Batch>& kept_;
};

}  // namespace weir
