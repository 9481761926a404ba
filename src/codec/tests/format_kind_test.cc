#include "codec/format_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/binding.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The keys of a kind as they stand in a file.
struct Place {
  std::shared_ptr<void> part;
};

void describe(config::Description& d, Place& s) {
  d.structure("place", "Where events come from.");
  s.part = csv_kind().make_spec();
  csv_kind().describe(d, s.part.get());
}

class CsvKindTest : public testing::Test {
 protected:
  Format bound(const std::string& text) {
    config::Diagnostics diagnostics;
    const auto document = config::parse("p.yaml", text, diagnostics);
    Place place;
    config::bind(*document, config::References::none(), place, diagnostics);
    config::FileErrors errors(*document, diagnostics);
    Format format = csv_kind().bind(place.part.get(), "", errors);
    errors_ = diagnostics.render();
    given_ = csv_kind().given(place.part.get());
    return format;
  }
  /// The records of a file, each in brackets, the header first.
  static std::string records(const Format& format, std::string_view file) {
    const std::unique_ptr<RecordFramer> framer = format.make_framer(1000);
    std::string text;
    framer->feed(file);
    FramedRecord record;
    while (framer->next(record)) text += "[" + std::string(record.bytes) + "]";
    framer->finish();
    while (framer->next(record)) text += "[" + std::string(record.bytes) + "]";
    return "[" + std::string(framer->context()) + "]" + text;
  }
  std::string errors_;
  std::vector<std::string_view> given_;
};

TEST_F(CsvKindTest, ItsKeysSayHowFilesAreCut) {
  const Format format = bound("{delimiter: ;, skip_lines: 1, comment: '#'}");
  EXPECT_EQ(errors_, "");
  EXPECT_THAT(given_, ElementsAre("delimiter", "skip_lines", "comment"));
  EXPECT_EQ(records(format, "made today\na;b\n#x\n1;2\n"), "[a;b][1;2]");
  EXPECT_TRUE(format.has_context);
}

TEST_F(CsvKindTest, KeysThatSayTheDefaultAreNotGiven) {
  (void)bound("{delimiter: ',', trim: false, null_words: []}");
  EXPECT_EQ(errors_, "");
  EXPECT_THAT(given_, IsEmpty());
}

TEST_F(CsvKindTest, WhatIsWrongIsSaidAndTheFormatWorksAllTheSame) {
  const Format format = bound("{delimiter: '', comment: ab}");
  EXPECT_THAT(errors_, HasSubstr("delimiter: must be one character"));
  EXPECT_THAT(errors_, HasSubstr("comment: must be one character"));
  EXPECT_EQ(records(format, "a,b\n1,2\n"), "[a,b][1,2]");
}

TEST(FormatKinds, SayWhatTheyFit) {
  EXPECT_TRUE(json_kind().fits_messages);
  EXPECT_TRUE(json_kind().fits_growing_files);
  EXPECT_FALSE(json_documents_kind().fits_messages);
  EXPECT_FALSE(json_documents_kind().fits_growing_files);
  EXPECT_FALSE(csv_kind().fits_messages);
  EXPECT_TRUE(csv_kind().fits_growing_files);
}

}  // namespace
}  // namespace weir::codec
