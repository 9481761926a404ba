#include <gtest/gtest.h>

#include "columnar/row_json.h"
#include "event/headers.h"
#include "operator/tests/operator_fixture.h"

namespace weir::operators {
namespace {

class DeadLetterRows : public testing::Test {
 protected:
  /// One row, of a reject whose event the source got at `timestamp_ms`.
  static Batch row(int64_t timestamp_ms, std::optional<int64_t> event_time_us = {}) {
    const auto split = std::make_shared<const Split>(Split{.source = "s", .topic = "flights", .partition = 3});
    RawBatchBuilder events;
    events.add("event", {.split = &split, .offset = 7, .timestamp_ms = timestamp_ms});
    Rejects rejects{.raw = events.finish(),
                    .rejects = {{.raw_index = 0, .message = "so", .event_time_us = event_time_us}}};
    Collected out;
    EXPECT_TRUE(make_dead_letter("p", {{"s", "c 1"}})->process(0, to_batch(std::move(rejects)), out).ok());
    return out.batches.at(0);
  }

  static std::optional<int64_t> value(const Batch& batch, std::string_view name) {
    const Column& column = batch.column(static_cast<size_t>(batch.schema()->find(name)));
    if (column.is_null(0)) return std::nullopt;
    return column.values_as<int64_t>()[0];
  }
};

TEST_F(DeadLetterRows, CarryTheTimesThatAreKnown) {
  const Batch known = row(1'700'000'000'123, 42);
  EXPECT_EQ(value(known, "ingested_at"), 1'700'000'000'123'000);
  EXPECT_EQ(value(known, "event_time"), 42);
  EXPECT_EQ(value(known, "offset"), 7);
  EXPECT_EQ(value(row(kNoTimestamp), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(kNoTimestamp), "event_time"), std::nullopt);
}

TEST_F(DeadLetterRows, ATimeThatNoTimestampHoldsIsNull) {
  EXPECT_EQ(value(row(INT64_MAX), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(INT64_MIN + 1), "ingested_at"), std::nullopt);
  // Kafka clients that take milliseconds for microseconds: the year 55840.
  EXPECT_EQ(value(row(1'700'000'000'000'000), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(253'402'300'800'000), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(253'402'300'799'999), "ingested_at"), 253'402'300'799'999'000);
  EXPECT_EQ(value(row(-62'135'596'800'001), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(-62'135'596'800'000), "ingested_at"), -62'135'596'800'000'000);
}

/// The rows of rejects of all `events`, as a step named 'narrow' on the way to two sinks makes them.
std::vector<Batch> rows_of(const std::shared_ptr<const RawBatch>& events) {
  Rejects rejects{.raw = events, .rejects = {}};
  for (size_t i = 0; i < events->size(); ++i)
    rejects.rejects.push_back({.raw_index = static_cast<uint32_t>(i), .message = "so"});
  Collected out;
  const std::unique_ptr<Operator> made = make_dead_letter(
      "p", {{"s", "c 1"}}, {{.name = "s.decode", .sinks = {}}, {.name = "narrow", .sinks = {"a", "b"}}});
  EXPECT_TRUE(made->process(1, to_batch(std::move(rejects)), out).ok());
  return out.batches;
}

/// A row as JSON, of these columns alone.
std::string row_text(const Batch& batch, int64_t row, const std::vector<std::string>& names) {
  std::vector<Field> fields;
  std::vector<ColumnPtr> columns;
  for (const std::string& name : names) {
    const auto at = static_cast<size_t>(batch.schema()->find(name));
    fields.push_back(batch.schema()->field(at));
    columns.push_back(batch.columns()[at]);
  }
  bool is_cut = false;
  return row_json(Batch(std::make_shared<const Schema>(fields), columns, batch.physical_rows(), nullptr), row, 1 << 20,
                  is_cut);
}

TEST(DeadLetterForAReplay, SaysWhichPartRejectedTheEventAndWhichSinksLackIt) {
  RawBatchBuilder events;
  events.add("event", {});
  EXPECT_EQ(row_text(rows_of(events.finish()).at(0), 0, {"step", "outputs"}),
            R"({"step":"narrow","outputs":["a","b"]})");
}

TEST(DeadLetterForAReplay, HasTheKeyTheHeadersAndTheHeaderLine) {
  std::string headers;
  append_header({.name = "trace", .value = "1"}, headers);
  append_header({.name = "trace", .value = std::nullopt}, headers);
  append_header({.name = "empty", .value = ""}, headers);
  RawBatchBuilder events;
  events.set_context("id,name");
  events.add("event", {.key = "k", .has_key = true, .headers = headers});
  events.add("event", {.key = "", .has_key = true});
  events.add("event", {});
  const Batch rows = rows_of(events.finish()).at(0);
  const std::vector<std::string> names = {"key", "headers", "header_line", "context_truncated"};
  EXPECT_EQ(row_text(rows, 0, names),
            R"({"key":"aw==","headers":[{"name":"trace","value":"MQ=="},{"name":"trace","value":null},)"
            R"({"name":"empty","value":""}],"header_line":"aWQsbmFtZQ==","context_truncated":false})");
  EXPECT_EQ(row_text(rows, 1, names),
            R"({"key":"","headers":null,"header_line":"aWQsbmFtZQ==","context_truncated":false})");
  EXPECT_EQ(row_text(rows, 2, names),
            R"({"key":null,"headers":null,"header_line":"aWQsbmFtZQ==","context_truncated":false})");
}

TEST(DeadLetterForAReplay, WhatIsTooLargeIsCutAndTheRowSaysSo) {
  const std::string large((size_t{1} << 20) + 1, 'x');
  std::string headers;
  append_header({.name = "large", .value = large}, headers);
  append_header({.name = "small", .value = "1"}, headers);
  RawBatchBuilder events;
  events.add("whole", {.key = std::string_view(large).substr(1), .has_key = true});
  events.add("key", {.key = large, .has_key = true});
  events.add("headers", {.headers = headers});
  events.add("name", {.headers = [] {
               std::string encoded;
               append_header({.name = "\xff", .value = "1"}, encoded);
               return encoded;
             }()});
  const Batch rows = rows_of(events.finish()).at(0);
  EXPECT_EQ(row_text(rows, 0, {"context_truncated"}), R"({"context_truncated":false})");
  EXPECT_EQ(row_text(rows, 1, {"context_truncated"}), R"({"context_truncated":true})");
  EXPECT_EQ(rows.column(static_cast<size_t>(rows.schema()->find("key"))).bytes_at(1).size(), size_t{1} << 20);
  EXPECT_EQ(row_text(rows, 2, {"headers", "context_truncated"}),
            R"({"headers":[{"name":"small","value":"MQ=="}],"context_truncated":true})");
  EXPECT_EQ(row_text(rows, 3, {"headers", "context_truncated"}), R"({"headers":[],"context_truncated":true})");
}

TEST(DeadLetterForAReplay, AHeaderLineInEveryRowDoesNotMakeOneHugeBatch) {
  RawBatchBuilder events;
  events.set_context(std::string(size_t{1} << 20, 'h'));
  for (int i = 0; i < 40; ++i) events.add("event", {.offset = i});
  const std::vector<Batch> batches = rows_of(events.finish());
  EXPECT_EQ(batches.size(), 3U);
  int64_t rows = 0;
  for (const Batch& batch : batches) rows += batch.rows();
  EXPECT_EQ(rows, 40);
}

}  // namespace
}  // namespace weir::operators
