/// \file
/// The ports' quietest implementations: a test derives from them what it needs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dataflow/sink.h"
#include "dataflow/source.h"

namespace weir {

/// Nothing to read.
class QuietSource : public Source {
 public:
  Result<void> open(const SourceProgress*, const StopAsked&) override { return {}; }
  Result<Poll> poll(int) override { return Poll{Poll::State::finished, nullptr}; }
  SourceProgress progress() const override { return {}; }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}
};

/// Counts the rows it is given; a part is their number as text.
class CountingWriter : public SinkWriter {
 public:
  Result<void> write(const Batch& batch) override {
    rows_ += batch.rows();
    return {};
  }
  Result<std::string> prepare() override {
    return rows_ == 0 ? std::string() : std::to_string(std::exchange(rows_, 0));
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
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Batch>& kept_;
};

}  // namespace weir
