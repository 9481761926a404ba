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

/// One partition, nothing to read.
class QuietSource : public Source {
 public:
  explicit QuietSource(PartitionName partition = {}) { names_.add(std::move(partition)); }
  Result<void> open(const SourceProgress*, const StopAsked&) override { return {}; }
  Result<Poll> poll(int) override { return Poll{Poll::State::finished, nullptr}; }
  SourceProgress progress() const override { return {}; }
  const PartitionNames& partitions() const override { return names_; }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}

 private:
  PartitionNames names_;
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

/// Keeps the rejects it is given; hands out no part.
class KeptRejects : public RejectWriter {
 public:
  /// `kept` may be null and outlives this.
  explicit KeptRejects(std::vector<Reject>* kept = nullptr) : kept_(kept) {}
  Result<void> write(const Rejects& rejects, const std::string&, const PartitionNames&) override {
    if (kept_ != nullptr) kept_->insert(kept_->end(), rejects.rejects.begin(), rejects.rejects.end());
    return {};
  }
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }

 private:
  std::vector<Reject>* kept_;
};

}  // namespace weir
