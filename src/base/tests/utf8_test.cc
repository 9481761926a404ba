#include "base/utf8.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Utf8, SequencesAreThoseOfTheStandardsTable) {
  for (const std::string_view good : {"a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                      "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(utf8_sequence_length(good), good.size());
    EXPECT_TRUE(is_utf8_text(good));
  }
  for (const std::string_view bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
                                     "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(utf8_sequence_length(bad), 0U);
    EXPECT_FALSE(is_utf8_text(bad));
  }
  EXPECT_EQ(utf8_sequence_length(""), 0U);
  EXPECT_TRUE(is_utf8_text(""));
  EXPECT_TRUE(is_utf8_text(std::string_view("a\0b", 3)));
}

TEST(Utf8, BytesThatBelongToNoSequenceAreReplacedOneByOne) {
  EXPECT_EQ(as_utf8("caf\xe9 \xc3\xa9"), "caf\xef\xbf\xbd \xc3\xa9");
  EXPECT_EQ(as_utf8("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace weir
