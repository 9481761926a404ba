#include "observe/escape.h"

#include <gtest/gtest.h>

namespace weir::observe {
namespace {

std::string escaped(std::string_view text, EscapeStyle style, size_t bytes_max = SIZE_MAX) {
  std::string out;
  append_escaped(out, text, style, bytes_max);
  return out;
}

TEST(Escape, JsonEscapesWhatJsonMust) {
  EXPECT_EQ(escaped(std::string("a\"\\\n\t\0\x1f/\xE2\x82\xAC", 11), EscapeStyle::json),
            "a\\\"\\\\\\n\\t\\u0000\\u001f/\xE2\x82\xAC");
}

TEST(Escape, TextKeepsQuotesAndEscapesWhatTerminalsObey) {
  EXPECT_EQ(escaped("\"a\\\" \x1b[2J\x7f\xC2\x9B", EscapeStyle::text), "\"a\\\" \\x1b[2J\\x7f\\x9b");
  EXPECT_EQ(escaped("\xE2\x80\xAE\xE2\x81\xA6\xEF\xBB\xBF", EscapeStyle::text), "\\u202e\\u2066\\ufeff");
}

TEST(Escape, ReplacesEachByteThatIsNotUtf8) {
  for (const std::string_view bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80",
                                     "\x80", "\xFF", "\xE2\x82"}) {
    std::string wanted;
    for (size_t i = 0; i < bad.size(); ++i) wanted += "\xEF\xBF\xBD";
    EXPECT_EQ(escaped(bad, EscapeStyle::json), wanted);
    EXPECT_EQ(to_valid_utf8(bad), wanted);
  }
  EXPECT_EQ(to_valid_utf8("\xF0\x9F\x98\x80\xC2\xA0\xED\x9F\xBF"), "\xF0\x9F\x98\x80\xC2\xA0\xED\x9F\xBF");
}

TEST(Escape, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(escaped("abcdef", EscapeStyle::text, 6), "abcdef");
  EXPECT_EQ(escaped("abcdefg", EscapeStyle::text, 6), "abc...");
  EXPECT_EQ(escaped("\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", EscapeStyle::text, 8), "\xE2\x82\xAC...");
  EXPECT_EQ(escaped("\x01\x01", EscapeStyle::json, 10), "\\u0001...");
  EXPECT_EQ(escaped("abc", EscapeStyle::text, 2), "");
  EXPECT_EQ(to_valid_utf8("\xE2\x82\xAC\xE2\x82\xAC", 5), "\xE2\x82\xAC");
}

}  // namespace
}  // namespace weir::observe
