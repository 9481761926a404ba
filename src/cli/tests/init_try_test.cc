#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A temporary folder that the commands take for the current one.
class InitTry : public testing::Test {
 protected:
  InitTry() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-init-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    environment_.working_directory = folder_;
  }
  ~InitTry() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << content;
  }
  std::string read(const std::string& name) {
    std::ostringstream content;
    content << std::ifstream(folder_ + "/" + name).rdbuf();
    return content.str();
  }
  template <typename Command>
  int run(Command command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = command();
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }
  int init(const InitArguments& arguments) {
    return run([&] { return init_command(environment_, arguments); });
  }
  int validate(const std::string& file) {
    return run([&] { return validate_command(environment_, {.pipeline_file = file}); });
  }

  Environment environment_;
  std::string folder_;
  std::string out_;
  std::string err_;
};

TEST_F(InitTry, WhatInitWritesIsValidAndRejectsNothingOfTheSample) {
  write("data/a.csv", "id;when;price\n1;2026-01-05;1.50\n2;;2.25\n");
  write("data/b.csv", "id;when;price\n3;2026-01-06;10.00\n");
  EXPECT_EQ(init({.data = {"data"}, .name = "orders", .table = "shop.orders"}), kExitDone) << err_;
  EXPECT_THAT(out_,
              AllOf(HasSubstr("looked at 3 events"), HasSubstr("0 rejects"), HasSubstr("weir run orders.yaml --once")));
  EXPECT_THAT(read("orders.yaml"),
              AllOf(HasSubstr("files: {path: \"data\", delimiter: \";\"}"), HasSubstr("table: \"shop.orders\"")));
  EXPECT_THAT(read("contracts/orders.yaml"), HasSubstr("{name: when, type: \"date\"}  # null or absent in 33.3 %"));
  EXPECT_EQ(validate("orders.yaml"), kExitDone) << err_;
}

TEST_F(InitTry, AColumnWhoseNarrowTypeRejectsIsLoosened) {
  // A whole number in the first rows, and a fraction that no double holds: the decoder has the last word.
  std::string rows;
  for (int i = 0; i < 10; ++i) rows += "{\"n\": 0.1" + std::to_string(i) + "}\n";
  write("n.ndjson", rows + "{\"n\": 12345678901234567890.12}\n");
  EXPECT_EQ(init({.data = {"n.ndjson"}}), kExitDone) << err_;
  EXPECT_THAT(out_, HasSubstr("0 rejects"));
}

TEST_F(InitTry, WhatNoTypeCanHelpIsSaid) {
  write("broken.ndjson", "{\"a\":1}\n{\"a\":\n");
  EXPECT_EQ(init({.data = {"broken.ndjson"}}), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("1 reject, which no type can help"), HasSubstr("event 1 of broken.ndjson")));
}

TEST_F(InitTry, InitOverwritesNothing) {
  write("a.csv", "x\n1\n");
  write("a.yaml", "mine");
  EXPECT_EQ(init({.data = {"a.csv"}}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("already exists"));
  EXPECT_EQ(read("a.yaml"), "mine");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/contracts/a.yaml"));
}

TEST_F(InitTry, FilesThatNoPathCanNameAreRefused) {
  write("a.csv", "x\n1\n");
  write("b.csv", "x\n1\n");
  write("c.csv", "x\n1\n");
  EXPECT_EQ(init({.data = {"a.csv", "b.csv"}}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("put them in a folder of their own"));
  EXPECT_EQ(init({.data = {"a.csv", "b.csv", "c.csv"}, .name = "all"}), kExitDone) << err_;
  EXPECT_THAT(read("all.yaml"), HasSubstr("path: \"*.csv\""));
}

TEST_F(InitTry, TryShowsRowsAndPointsAtTheBytesOfRejects) {
  write("c.yaml",
        "contract: c\ncolumns:\n  - {name: id, type: int}\n  - {name: s, type: struct, fields: [{name: n, type: "
        "int}]}\n");
  write("s.ndjson", "{\"id\":1,\"s\":{\"n\":2}}\n{\"id\":2,\"s\":{\"n\":\"x\"}}\n{\"id\":\n");
  const auto attempt = [&] { return try_command(environment_, {.contract_file = "c.yaml", .sample = "s.ndjson"}); };
  EXPECT_EQ(run(attempt), kExitFailed) << err_;
  EXPECT_THAT(out_, HasSubstr("id  s\n 1  {n: 2}\n"));
  EXPECT_THAT(out_, HasSubstr("  {\"id\":2,\"s\":{\"n\":\"x\"}}\n                   ^\n"));
  EXPECT_THAT(out_, HasSubstr("3 events: 1 accepted, 2 rejected\n"));
  environment_.json = true;
  EXPECT_EQ(run(attempt), kExitFailed);
  const auto json = nlohmann::json::parse(out_);
  EXPECT_EQ(json["rejects"][0]["byte"], 17);
  EXPECT_EQ(json["rejects"][0]["event"], 1);
}

TEST_F(InitTry, ASampleThatPassesIsExitZero) {
  write("c.yaml", "contract: c\ncolumns: [{name: id, type: int}]\n");
  write("s.csv", "id\n1\n2\n");
  EXPECT_EQ(run([&] { return try_command(environment_, {.contract_file = "c.yaml", .sample = "s.csv"}); }), kExitDone)
      << err_;
  EXPECT_THAT(out_, Not(HasSubstr("rejected event")));
  EXPECT_EQ(run([&] { return try_command(environment_, {.contract_file = "none.yaml", .sample = "s.csv"}); }),
            kExitUsage);
}

TEST_F(InitTry, TheWarehouseIsFoundByOneRule) {
  write("p.yaml", "pipeline: p\nsource: {files: in, contract: c.yaml}\nsink: {iceberg: a.b}\n");
  write("named.yaml",
        "pipeline: p\nsource: {files: in, contract: c.yaml}\nsink: {iceberg: a.b}\ncatalog: {sqlite: here}\n");
  write("c.yaml", "contract: c\ncolumns: [{name: id, type: int}]\n");
  const auto directory = [&](const std::string& pipeline) { return environment_.catalog_of(pipeline, "")->warehouse; };
  ::unsetenv("WEIR_WAREHOUSE");
  for (const std::string& pipeline : {std::string(), std::string("p.yaml")})
    EXPECT_EQ(directory(pipeline), folder_ + "/warehouse") << pipeline;
  ::setenv("WEIR_WAREHOUSE", "elsewhere", 1);
  for (const std::string& pipeline : {std::string(), std::string("p.yaml")})
    EXPECT_EQ(directory(pipeline), folder_ + "/elsewhere") << pipeline;
  EXPECT_EQ(directory("named.yaml"), folder_ + "/here");
  environment_.warehouse = "/given";
  for (const std::string& pipeline : {std::string(), std::string("p.yaml"), std::string("named.yaml")})
    EXPECT_EQ(directory(pipeline), "/given") << pipeline;
  ::unsetenv("WEIR_WAREHOUSE");
}

}  // namespace
}  // namespace weir::cli
