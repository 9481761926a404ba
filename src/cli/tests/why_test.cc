#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "cli/commands/commands.h"
#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

using testing::HasSubstr;

/// A pipeline that has run over the files of a temporary folder.
class WhyTest : public testing::Test {
 protected:
  WhyTest() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-why-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(folder_ + "/in");
    environment_.working_directory = folder_;
    environment_.warehouse = folder_ + "/warehouse";
    write("c.yaml", "contract: c\ncolumns: [{name: id, type: int, required: true}]\n");
  }
  ~WhyTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) { std::ofstream(folder_ + "/" + name) << content; }
  template <typename Command>
  std::string out_of(Command command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = command();
    const std::string out = testing::internal::GetCapturedStdout();
    const std::string err = testing::internal::GetCapturedStderr();
    EXPECT_EQ(code, kExitDone) << err;
    return out;
  }
  void run(const std::string& source) {
    write("p.yaml", "pipeline: p\nsource: {" + source +
                        ", contract: c.yaml}\nsteps: [{name: positive, filter: id > 0}]\nsink: {iceberg: t.rows}\n");
    (void)out_of([&] { return run_command(environment_, {.pipeline_file = "p.yaml", .once = true, .quiet = true}); });
  }
  std::string why(const std::string& position) {
    return out_of([&] { return why_command(environment_, {.pipeline_file = "p.yaml", .position = position}); });
  }

  Environment environment_;
  std::string folder_;
};

TEST_F(WhyTest, ReadsDocumentsOverSeveralLinesAsARunDoes) {
  write("in/a.json", "{\n  \"id\": 1\n}\n{\n  \"id\": -2\n}\n");
  run("files: {path: in, settle: 0s}, format: json_documents");
  EXPECT_THAT(why("a.json:0"), HasSubstr("its row landed"));
  EXPECT_THAT(why("a.json:1"), HasSubstr("left out on purpose by 'positive'"));
}

TEST_F(WhyTest, ReadsCsvWithTheKeysOfTheSource) {
  write("in/a.csv", "made on Monday\nid;note\n# a comment\n3;x\n-4;y\n");
  run("files: {path: in, settle: 0s, delimiter: ';', skip_lines: 1, comment: '#'}, format: csv");
  EXPECT_THAT(why("a.csv:0"), HasSubstr("its row landed"));
  EXPECT_THAT(why("a.csv:1"), HasSubstr("left out on purpose by 'positive'"));
}

}  // namespace
}  // namespace weir::cli
