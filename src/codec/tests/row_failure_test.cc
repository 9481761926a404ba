#include <gtest/gtest.h>

#include "codec/row_failure_internal.h"
#include "codec/utf8.h"

namespace weir::codec {
namespace {

TEST(Excerpt, ShowsTextAsItIsWhenItIsPrintable) {
  EXPECT_EQ(excerpt("abc"), "abc");
  EXPECT_EQ(excerpt("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(excerpt(""), "");
}

TEST(Excerpt, ShowsControlCharactersAndBadBytesInHex) {
  EXPECT_EQ(excerpt(std::string_view("a\0\n\x7f", 4)), "a\\x00\\x0a\\x7f");
  EXPECT_EQ(excerpt("\xff\xc0\xaf\xed\xa0\x80\xe2\x82"), "\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xe2\\x82");
}

TEST(Excerpt, IsShortAndCutBetweenCharacters) {
  EXPECT_EQ(excerpt(std::string(61, 'a')), std::string(61, 'a'));
  EXPECT_EQ(excerpt(std::string(62, 'a')), std::string(61, 'a') + "...");
  for (size_t lead = 0; lead < 8; ++lead) {
    std::string text(lead, 'a');
    for (int i = 0; i < 40; ++i) text += "\xe2\x82\xac";
    EXPECT_LE(excerpt(text).size(), kExcerptBytesMax);
    EXPECT_TRUE(is_utf8(excerpt(text)));
  }
}

TEST(RowFailure, BuildsThePathFromTheInsideOut) {
  RowFailure failure;
  EXPECT_FALSE(failure.fail(RejectClass::wrong_type, "no"));
  EXPECT_FALSE(failure.inside("lat"));
  EXPECT_FALSE(failure.inside("geo"));
  const Reject reject = failure.take(7);
  EXPECT_EQ(reject.column, "geo.lat");
  EXPECT_EQ(reject.raw_index, 7U);
  EXPECT_EQ(reject.message, "no");
}

TEST(RowFailure, CutsLongMessagesBetweenCharacters) {
  RowFailure failure;
  std::string message = "x";
  for (int i = 0; i < 300; ++i) message += "\xc3\xa9";
  failure.fail(RejectClass::malformed, message);
  const Reject reject = failure.take(0);
  EXPECT_EQ(reject.message.size(), kRejectMessageBytesMax - 1);
  EXPECT_TRUE(is_utf8(reject.message));
}

}  // namespace
}  // namespace weir::codec
