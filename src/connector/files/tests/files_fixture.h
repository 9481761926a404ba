/// \file
/// A files source over a tree in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connector/files/files_source.h"
#include "connector/files/tests/memory_folder.h"
#include "dataflow/source_cursor.h"

namespace weir::connector {

using Texts = std::vector<std::string>;

class FilesSourceTest : public testing::Test {
 protected:
  std::unique_ptr<SourceCursor> open(const SourceProgress* from = nullptr, TaskShare share = {}) {
    auto source = SourceCursor::make(make_files_source(spec_, files_, clock_), clock_, share);
    EXPECT_TRUE(source.ok());
    status_ = (*source)->open(from, [] { return false; });
    return *std::move(source);
  }

  /// "a.ndjson#0 text" of every event until there are no more now; what went wrong is in status_.
  Texts read(SourceCursor& source, int polls_max = 1000) {
    Texts texts;
    for (int i = 0; i < polls_max; ++i) {
      const Result<Poll> poll = source.poll(10);
      if (!poll.ok()) {
        status_ = poll.error();
        break;
      }
      state_ = poll->state;
      if (poll->state != Poll::State::events) break;
      batches_.push_back(poll->events->size());
      for (size_t e = 0; e < poll->events->size(); ++e) {
        texts.push_back(poll->events->split(e).topic + "#" + std::to_string(poll->events->offset(e)) + " " +
                        std::string(poll->events->bytes(e)) +
                        (poll->events->is_broken(e) ? " (" + std::string(poll->events->fault(e)) + ")" : ""));
      }
    }
    return texts;
  }
  Texts read_all(const SourceProgress* from = nullptr) {
    const auto source = open(from);
    Texts texts = status_.ok() ? read(*source) : Texts();
    progress_ = source->progress();
    return texts;
  }
  std::string error() const { return status_.ok() ? "" : status_.error().to_string(); }

  MemoryFolder files_;
  ManualClock clock_{1'000'000};
  Texts said_;
  Texts left_;
  FilesSpec spec_{.path = "/in",
                  .log = [this](bool, std::string_view line) { said_.emplace_back(line); },
                  .leave = [this](const std::string& path) { left_.push_back(path); }};
  Result<void> status_;
  Poll::State state_ = Poll::State::idle;
  SourceProgress progress_;
  std::vector<size_t> batches_;
};

}  // namespace weir::connector
