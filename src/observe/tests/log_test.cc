#include "observe/log.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace weir::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class MemorySink final : public LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

class LogTest : public ::testing::Test {
 protected:
  Logger json(LogOptions options = {}) {
    options.format = LogFormat::json;
    return Logger(std::move(options), sink_, redactor_, clock_);
  }
  Logger text(LogOptions options = {}) { return Logger(std::move(options), sink_, redactor_, clock_); }
  const std::string& last() const { return sink_.lines.back(); }
  Json last_json() const { return Json::parse(sink_.lines.back()); }

  MemorySink sink_;
  Redactor redactor_;
  ManualClock clock_{1'795'000'000'007};
};

TEST_F(LogTest, JsonLineHasTimeLevelEventMessageAndFlatFields) {
  json().warn("commit.retry", "trying again",
              {{"wait_ms", 250}, {"table", "ops.flights"}, {"share", 0.5}, {"known", false}});
  EXPECT_EQ(
      last(),
      "{\"ts\":\"2026-11-18T11:06:40.007Z\",\"level\":\"warn\",\"event\":\"commit.retry\",\"msg\":\"trying again\","
      "\"wait_ms\":250,\"table\":\"ops.flights\",\"share\":0.5,\"known\":false}\n");
}

TEST_F(LogTest, TextLineIsForPeople) {
  text().info("commit.applied", "rows landed", {{"rows", 12}, {"table", "ops.flights"}, {"note", "two words"}});
  EXPECT_EQ(
      last(),
      "2026-11-18T11:06:40.007Z INFO  commit.applied  rows landed  rows=12 table=ops.flights note=\"two words\"\n");
}

TEST_F(LogTest, ColourOnlyWhenAskedForAndOnlyOnTheLevel) {
  text({.colour = true}).error("run.failed", "no");
  EXPECT_THAT(last(), HasSubstr(" \x1b[1;31mERROR\x1b[0m run.failed"));
  text().error("run.failed", "no");
  EXPECT_THAT(last(), Not(HasSubstr("\x1b")));
}

TEST_F(LogTest, LinesBelowTheLevelAreNotWritten) {
  Logger log = text({.level = LogLevel::warn});
  log.info("a", "no");
  log.debug("a", "no");
  EXPECT_TRUE(sink_.lines.empty());
  log.set_level(LogLevel::debug);
  log.debug("a", "yes");
  EXPECT_EQ(sink_.lines.size(), 1U);
}

TEST_F(LogTest, ContextStandsOnEveryLine) {
  json({.context = {{"pipeline", "flights"}}}).info("a", "b", {{"rows", 1}});
  EXPECT_EQ(last_json()["pipeline"], "flights");
  EXPECT_EQ(last_json()["rows"], 1);
}

TEST_F(LogTest, DataCannotForgeALine) {
  const std::string hostile =
      "x\n2026-11-18T11:06:40.007Z INFO  commit.applied  forged\r\x1b[2J\x07\xC2\x9B\xE2\x80\xAE\xE2\x80\xA8";
  text().info("row.seen", hostile, {{"value", hostile}, {"key with = and \n", hostile}});
  EXPECT_EQ(std::count(last().begin(), last().end(), '\n'), 1);
  for (const std::string_view bad : {"\r", "\x1b", "\x07", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x80\xA8"}) {
    EXPECT_THAT(last(), Not(HasSubstr(bad)));
  }
  EXPECT_THAT(last(), HasSubstr("key_with___and_\\n=\""));
  json().info("row.seen", hostile, {{"value", hostile}});
  EXPECT_EQ(last_json()["value"], hostile);
  EXPECT_EQ(std::count(last().begin(), last().end(), '\n'), 1);
  EXPECT_THAT(last(), Not(HasSubstr("\xE2\x80\xA8")));
}

TEST_F(LogTest, AQuoteInAValueDoesNotEndIt) {
  text().info("a", "b", {{"value", "x\" rows=\"9"}});
  EXPECT_THAT(last(), EndsWith("value=\"x\\\" rows=\\\"9\"\n"));
}

TEST_F(LogTest, BytesThatAreNotUtf8AreReplaced) {
  json().info("a", "\xFF\xC0\x80\xED\xA0\x80ok", {{"v", "cut \xE2\x82"}});
  EXPECT_TRUE(Json::accept(last()));
  EXPECT_THAT(last(), HasSubstr("ok"));
}

TEST_F(LogTest, NoKeyStandsTwice) {
  json().info("a", "b", {{"msg", "1"}, {"rows", 1}, {"rows", 2}, {"rows", 3}, {"ts", 4}});
  EXPECT_THAT(last(), HasSubstr("\"msg_2\":\"1\",\"rows\":1,\"rows_2\":2,\"rows_3\":3,\"ts_2\":4}"));
}

TEST_F(LogTest, NumbersThatJsonLacksBecomeText) {
  json().info("a", "b", {{"x", std::numeric_limits<double>::infinity()}, {"y", std::nan("")}});
  EXPECT_EQ(last_json()["x"], "inf");
  EXPECT_EQ(last_json()["y"], "nan");
}

TEST_F(LogTest, ALongLineIsCutAndSaysSo) {
  const std::string huge(100'000, 'x');
  for (LogFormat format : {LogFormat::json, LogFormat::text}) {
    Logger log(LogOptions{.format = format}, sink_, redactor_, clock_);
    log.info("a", huge, {{"first", huge}, {"second", huge}, {"rows", 7}});
    EXPECT_LE(last().size(), kLogLineBytesMax);
    EXPECT_GT(last().size(), kLogLineBytesMax - 400);
    EXPECT_THAT(last(), HasSubstr("truncated"));
  }
}

TEST_F(LogTest, ALineOfAnySizeIsValidJsonWithinTheBound) {
  Logger log = json({.lines_per_event_max = 1'000'000});
  for (size_t size = 3900; size < 9000; size += 7) {
    std::string value;
    while (value.size() < size) value += "\x01\xE2\x82\xAC\"";
    log.info("a", value.substr(0, size / 2),
             {{"first", std::string_view(value).substr(0, size / 2)}, {std::string(300, 'k'), value}});
    ASSERT_LE(last().size(), kLogLineBytesMax) << size;
    ASSERT_TRUE(Json::accept(last())) << last();
  }
}

TEST_F(LogTest, ManyFieldsAreCutAsAWhole) {
  LogOptions options;
  for (int i = 0; i < 2000; ++i) options.context.emplace_back("key_number_" + std::to_string(i), "value");
  json(options).info("a", "b");
  EXPECT_LE(last().size(), kLogLineBytesMax);
  EXPECT_EQ(last_json()["truncated"], true);
}

TEST_F(LogTest, RegisteredSecretsAppearNowhere) {
  redactor_.register_secret("s3cr\"et/9");
  redactor_.register_secret("271828");
  const std::string said = "login with s3cr\"et/9 failed at https://h/?p=s3cr%22et%2F9";
  text().error("source.failed", said,
               {{"detail", said}, {"s3cr\"et/9", "key"}, {"number", 271828}, {"json", "{\\\"s3cr\\\"et/9\\\"}"}});
  json().error("source.failed", said, {{"detail", said}, {"s3cr\"et/9", "key"}, {"number", 271828}});
  for (const std::string& line : sink_.lines) {
    EXPECT_THAT(line, Not(HasSubstr("s3cr"))) << line;
    EXPECT_THAT(line, Not(HasSubstr("271828"))) << line;
  }
  EXPECT_EQ(last_json()["number"], "***");
}

TEST_F(LogTest, ASecretThatAKeyAndItsValueMakeTogetherIsHidden) {
  redactor_.register_secret("user=hunter2");
  text().info("a", "b", {{"user", "hunter2"}});
  EXPECT_THAT(last(), Not(HasSubstr("hunter2")));
}

TEST_F(LogTest, ACutNeverLeavesHalfASecret) {
  redactor_.register_secret(std::string(64, 'S'));
  Logger log = json({.lines_per_event_max = 100'000});
  for (size_t before = 3900; before < 4200; ++before) {
    log.info("a", std::string(before, 'x') + std::string(64, 'S'));
    ASSERT_THAT(last(), Not(HasSubstr("SS")));
  }
}

TEST_F(LogTest, SecretKeysHideValuesOfEveryType) {
  json().info("a", "b",
              {{"sasl.password", "p"}, {"api_token", 42}, {"Authorization", "x"}, {"key", true}, {"token_count", 9}});
  const Json line = last_json();
  for (const char* key : {"sasl.password", "api_token", "Authorization", "key"}) EXPECT_EQ(line[key], "***") << key;
  EXPECT_EQ(line["token_count"], 9);
}

TEST_F(LogTest, AFloodOfOneEventIsCountedNotWritten) {
  Logger log = json({.lines_per_event_max = 3, .window_ms = 1000});
  for (int i = 0; i < 10; ++i) log.warn("row.bad", "no");
  log.warn("other.event", "is not held back");
  EXPECT_EQ(sink_.lines.size(), 4U);
  clock_.advance_ms(1000);
  log.warn("row.bad", "again");
  ASSERT_EQ(sink_.lines.size(), 6U);
  const Json report = Json::parse(sink_.lines[4]);
  EXPECT_EQ(report["event"], "log.suppressed");
  EXPECT_EQ(report["of_event"], "row.bad");
  EXPECT_EQ(report["lines"], 7);
  EXPECT_EQ(last_json()["msg"], "again");
}

TEST_F(LogTest, WhatWasLeftOutIsReportedThoughTheEventNeverComesAgain) {
  {
    Logger log = json({.lines_per_event_max = 1, .window_ms = 1000});
    log.warn("row.bad", "no");
    log.warn("row.bad", "no");
    clock_.advance_ms(2000);
    log.info("other.event", "first line after the window");
    EXPECT_EQ(Json::parse(sink_.lines[1])["of_event"], "row.bad");
    log.warn("row.bad", "no");
    log.warn("row.bad", "no");
    sink_.lines.clear();
  }
  ASSERT_EQ(sink_.lines.size(), 1U);
  EXPECT_EQ(last_json()["lines"], 1);
}

TEST_F(LogTest, LinesOfManyThreadsDoNotMix) {
  {
    Logger log({.format = LogFormat::json, .lines_per_event_max = 1'000'000}, sink_, redactor_, system_clock_source());
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t) {
      writers.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) log.info("a", std::string(static_cast<size_t>(i * 4), 'x'), {{"thread", t}});
      });
    }
    for (std::thread& writer : writers) writer.join();
  }
  EXPECT_EQ(sink_.lines.size(), 2000U);
  for (const std::string& line : sink_.lines) ASSERT_TRUE(Json::accept(line));
}

}  // namespace
}  // namespace weir::observe
