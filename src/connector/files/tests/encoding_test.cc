#include "connector/files/encoding.h"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

using namespace std::string_view_literals;

std::string converted(Encoding encoding, std::string_view bytes, size_t piece) {
  const auto transcoder = make_transcoder(encoding);
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = transcoder->convert(bytes.substr(at, piece));
    if (!part.ok()) return part.error().message();
    text += *part;
  }
  return text.append(transcoder->finish());
}

TEST(Encoding, Utf16InEitherOrderAndAnyPieces) {
  const std::string_view little =
      "\xff\xfe"
      "a\0\xe9\0\xac\x20\x3d\xd8\x00\xde"sv;
  const std::string_view big = "\xfe\xff\0a\0\xe9\x20\xac\xd8\x3d\xde\x00"sv;
  for (size_t piece = 1; piece <= little.size(); ++piece) {
    EXPECT_EQ(converted(Encoding::utf16, little, piece), "aé€😀");
    EXPECT_EQ(converted(Encoding::utf16, big, piece), "aé€😀");
    EXPECT_EQ(converted(Encoding::utf16le, little, piece), "aé€😀");
    EXPECT_EQ(converted(Encoding::utf16be, big.substr(2), piece), "aé€😀");
  }
  EXPECT_NE(converted(Encoding::utf16, "a\0b\0"sv, 9).find("no byte order mark"), std::string::npos);
}

TEST(Encoding, WhatHasNoMeaningBecomesBytesThatAreNotUtf8) {
  EXPECT_EQ(converted(Encoding::utf16le,
                      "\x3d\xd8"
                      "a\0"sv,
                      1),
            "\xed\xa0\xbd"
            "a");
  EXPECT_EQ(converted(Encoding::utf16le, "\x00\xde"sv, 1), "\xed\xb8\x80");
  EXPECT_EQ(converted(Encoding::utf16le, "a\0\x3d\xd8"sv, 1), "a\xed\xa0\xbd");
  EXPECT_EQ(converted(Encoding::utf16le, "a\0b"sv, 2), "a\xff");
  EXPECT_EQ(converted(Encoding::windows_1252, "\x81", 1), "\xff");
}

TEST(Encoding, OneByteACharacter) {
  EXPECT_EQ(converted(Encoding::latin1, "caf\xe9 \x80", 2), "café \xc2\x80");
  EXPECT_EQ(converted(Encoding::windows_1252, "\x80 caf\xe9 \x93x\x94", 3), "€ café “x”");
}

}  // namespace
}  // namespace weir::connector
