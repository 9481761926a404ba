/// \file
/// Operators under test: a contract from its text, events as JSON lines, and what an operator hands on as text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/value_text.h"
#include "contract/contract.h"
#include "operator/operators.h"

namespace weir::operators {

using Texts = std::vector<std::string>;

inline contract::Contract contract_of(const std::string& columns_and_rules) {
  config::Diagnostics diagnostics;
  auto loaded = contract::load("contract.yaml", "contract: test\nversion: 1.0.0\n" + columns_and_rules,
                               config::References::none(), diagnostics);
  EXPECT_TRUE(loaded.has_value()) << diagnostics.render();
  return loaded ? *std::move(loaded) : contract::Contract();
}

/// "a=1 b='x'" of one physical row.
inline std::string row_text(const Batch& batch, int64_t row) {
  std::string text;
  for (size_t i = 0; i < batch.schema()->size(); ++i)
    text += (i == 0 ? "" : " ") + batch.schema()->field(i).name + "=" + value_text(batch.column(i), row);
  return text;
}

inline Texts rows_text(const Batch& batch) {
  const Batch dense = batch.compact();
  Texts texts;
  for (int64_t row = 0; row < dense.rows(); ++row) texts.push_back(row_text(dense, row));
  return texts;
}

/// Takes what an operator hands on.
class Collected final : public Collector {
 public:
  using Collector::emit;
  Result<void> emit(OutputIndex, const Batch& batch) override {
    batches.push_back(batch);
    for (std::string& text : rows_text(batch)) rows.push_back(std::move(text));
    return {};
  }
  Result<void> reject(Rejects more) override {
    for (const Reject& reject : more.rejects) {
      rejects.push_back(std::to_string(reject.raw_index) + " " + std::string(to_string(reject.reject_class)) +
                        (reject.rule.empty() ? "" : "/" + reject.rule) + " " + reject.column + ": " + reject.message);
      raw.emplace_back(more.raw->bytes(reject.raw_index));
      event_times.push_back(reject.event_time_us);
    }
    return {};
  }

  Result<void> advance(const StreamStatus& status) override {
    watermarks.push_back(status.watermark);
    return {};
  }

  std::vector<Batch> batches;
  std::vector<EventTime> watermarks;
  Texts rows;
  Texts rejects;
  Texts raw;                                        ///< the bytes of each reject
  std::vector<std::optional<int64_t>> event_times;  ///< of each reject
};

/// Events of the file "in/a.ndjson", the first with the offset `first`.
inline std::shared_ptr<const RawBatch> events(const Texts& lines, int64_t first = 0, std::string_view context = {}) {
  static const auto kSplit = std::make_shared<const Split>(Split{.source = "files", .topic = "in/a.ndjson"});
  RawBatchBuilder builder;
  builder.set_context(context);
  for (const std::string& line : lines) builder.add(line, {.split = &kSplit, .offset = first++});
  return builder.finish();
}

inline Batch batch_of(std::shared_ptr<const RawBatch> raw) {
  return Batch(nullptr, {}, static_cast<int64_t>(raw->size()), nullptr, raw);
}

class OperatorTest : public testing::Test {
 protected:
  /// What `op` says to one batch of its first input.
  Result<void> give(Operator& op, const Batch& batch, Collected& out) {
    WEIR_ASSIGN(Step step, op.process(0, batch, out));
    while (step == Step::more) {
      WEIR_ASSIGN(step, op.emit_more(out));
    }
    return {};
  }

  /// The rows of `lines`, decoded by `contract`.
  Batch decoded(const contract::Contract& contract, const Texts& lines, int64_t first = 0) {
    auto decode = make_decode({}, contract);
    EXPECT_TRUE(decode.ok());
    Collected out;
    EXPECT_TRUE(give(**decode, batch_of(events(lines, first)), out).ok());
    EXPECT_THAT(out.rejects, testing::IsEmpty());
    return out.batches.empty() ? Batch() : out.batches.front();
  }
};

}  // namespace weir::operators
