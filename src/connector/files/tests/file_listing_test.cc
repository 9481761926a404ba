#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/files/file_listing_internal.h"
#include "connector/files/tests/memory_folder.h"

namespace weir::connector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FileListingTest : public testing::Test {
 protected:
  FileListingTest() {
    for (const char* path : {"/d/b.ndjson", "/d/a.ndjson", "/d/a.csv", "/d/.hidden", "/d/_marker", "/d/c.ndjson.tmp",
                             "/d/c.part", "/d/c.crdownload", "/d/c.inprogress", "/d/2026/01/a.ndjson",
                             "/d/2026/01/b.csv", "/d/2026/02/a.ndjson", "/d/2026/x.ndjson", "/d/.git/a.ndjson"})
      files_.put(path, "x");
  }
  std::vector<std::string> names(const std::string& path) {
    const auto found = FileListing(path).list(files_);
    if (!found.ok()) return {found.error().to_string()};
    std::vector<std::string> names;
    for (const ListedFile& file : *found) names.push_back(file.name);
    return names;
  }
  MemoryFolder files_;
};

TEST_F(FileListingTest, AFolderIsItsOwnFilesSortedAndNotThoseBelow) {
  EXPECT_THAT(names("/d"), ElementsAre("a.csv", "a.ndjson", "b.ndjson"));
  EXPECT_THAT(names("/d/"), ElementsAre("a.csv", "a.ndjson", "b.ndjson"));
  EXPECT_THAT(names("/d/2026"), ElementsAre("x.ndjson"));
}

TEST_F(FileListingTest, AFileIsItself) {
  EXPECT_THAT(names("/d/a.csv"), ElementsAre("a.csv"));
  EXPECT_THAT(names("/d/.hidden"), ElementsAre(".hidden")) << "who names a file wants it";
}

TEST_F(FileListingTest, WildcardsMatchWithinAPart) {
  EXPECT_THAT(names("/d/*.ndjson"), ElementsAre("a.ndjson", "b.ndjson"));
  EXPECT_THAT(names("/d/?.csv"), ElementsAre("a.csv"));
  EXPECT_THAT(names("/d/[b-z].ndjson"), ElementsAre("b.ndjson"));
  EXPECT_THAT(names("/d/2026/*/a.ndjson"), ElementsAre("01/a.ndjson", "02/a.ndjson"));
  EXPECT_THAT(names("/d/*/*/*.csv"), ElementsAre("2026/01/b.csv"));
  EXPECT_THAT(names("/d/*.json"), IsEmpty());
}

TEST_F(FileListingTest, TwoStarsMatchAnyDepthAlsoNone) {
  EXPECT_THAT(names("/d/**/*.ndjson"),
              ElementsAre("2026/01/a.ndjson", "2026/02/a.ndjson", "2026/x.ndjson", "a.ndjson", "b.ndjson"));
  EXPECT_THAT(names("/d/2026/**"), ElementsAre("01/a.ndjson", "01/b.csv", "02/a.ndjson", "x.ndjson"));
  EXPECT_THAT(names("/d/**/a.csv"), ElementsAre("a.csv"));
}

TEST_F(FileListingTest, HiddenAndUnfinishedFilesArePassedOver) {
  EXPECT_TRUE(is_passed_over(".a"));
  EXPECT_TRUE(is_passed_over("_SUCCESS"));
  EXPECT_TRUE(is_passed_over("a.csv.tmp"));
  EXPECT_TRUE(is_passed_over("a.part"));
  EXPECT_FALSE(is_passed_over("a.parts"));
  EXPECT_FALSE(is_passed_over("tmp"));
}

TEST_F(FileListingTest, AMissingRootIsAnErrorThatNamesIt) {
  EXPECT_THAT(names("/nowhere"), ElementsAre(HasSubstr("not_found: '/nowhere'")));
  EXPECT_THAT(names("/nowhere/*.csv"), ElementsAre(HasSubstr("not_found: '/nowhere'")));
  EXPECT_THAT(names("/d/a.csv/*.csv"), ElementsAre(HasSubstr("is a file, not a folder")));
}

TEST_F(FileListingTest, TheNameOfAFileIsRelativeToTheFixedPartOfThePath) {
  EXPECT_EQ(FileListing("/d/2026/*/a.ndjson").root(), "/d/2026");
  EXPECT_EQ(FileListing("/d//x/").root(), "/d/x");
  EXPECT_EQ(FileListing("/*").root(), "/");
}

TEST_F(FileListingTest, FoldersNestedTooDeepAreAnError) {
  std::string path = "/deep";
  for (int i = 0; i < 70; ++i) path += "/x";
  files_.put(path + "/a.csv", "x");
  EXPECT_THAT(names("/deep/**/a.csv"), ElementsAre(HasSubstr("limit_exceeded")));
}

}  // namespace
}  // namespace weir::connector
