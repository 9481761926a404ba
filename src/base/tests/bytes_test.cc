#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/random.h"

namespace weir {
namespace {

TEST(Bytes, WhatIsWrittenIsReadBack) {
  ByteWriter out;
  out.fixed<uint32_t>(0x01020304);
  out.varint(0);
  out.varint(300);
  out.varint(UINT64_MAX);
  out.zigzag(-1);
  out.zigzag(INT64_MIN);
  out.string("abc");
  out.raw("tail");
  ByteReader in(out.view());
  EXPECT_EQ(in.fixed<uint32_t>(), 0x01020304U);
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_EQ(in.varint(), 300U);
  EXPECT_EQ(in.varint(), UINT64_MAX);
  EXPECT_EQ(in.zigzag(), -1);
  EXPECT_EQ(in.zigzag(), INT64_MIN);
  EXPECT_EQ(in.string(), "abc");
  EXPECT_EQ(in.take(4), "tail");
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(Bytes, ReadsBehindTheEndFailForGood) {
  ByteReader in("ab");
  EXPECT_EQ(in.fixed<uint32_t>(), 0U);
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.take(1), "");
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(Bytes, VarintsAreAtMostTenBytesAnd64Bits) {
  const auto fails = [](std::string_view bytes) {
    ByteReader in(bytes);
    in.varint();
    return in.failed();
  };
  EXPECT_TRUE(fails(""));
  EXPECT_TRUE(fails("\x80"));
  EXPECT_FALSE(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
  EXPECT_TRUE(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));
  EXPECT_TRUE(fails("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"));
}

TEST(Bytes, AStringLongerThanTheRestFails) {
  ByteReader in(
      "\xff\xff\xff\xff\x0f"
      "abc");
  EXPECT_EQ(in.string(), "");
  EXPECT_TRUE(in.failed());
}

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    std::string out = "kept";
    EXPECT_TRUE(base64_decode(text, out));
    EXPECT_EQ(out, "kept" + std::string(bytes));
  }
}

TEST(Base64, IsStrict) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zg==Zg==", "Zm 9v", "Zm9v\n",
                           "Zh==", "Zm9=", "=Zg=", "Z===", "====", "Zm9-", "Zm9_"}) {
    std::string out = "kept";
    EXPECT_FALSE(base64_decode(text, out)) << text;
    EXPECT_EQ(out, "kept");
  }
}

TEST(Base64, RandomBytesGoThereAndBack) {
  SeededRandom random(5);
  for (size_t size = 0; size < 200; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random.next_u64()));
    std::string from_base64;
    std::string from_hex;
    EXPECT_TRUE(base64_decode(base64_encode(bytes), from_base64));
    EXPECT_TRUE(hex_decode(hex_encode(bytes), from_hex));
    EXPECT_EQ(from_base64, bytes);
    EXPECT_EQ(from_hex, bytes);
  }
}

TEST(Hex, TakesBothCasesAndWholeBytes) {
  std::string out;
  EXPECT_TRUE(hex_decode("00fFAb", out));
  EXPECT_EQ(out, std::string("\0\xff\xab", 3));
  for (const char* text : {"0", "0g", " 0", "0x"}) {
    std::string kept = "kept";
    EXPECT_FALSE(hex_decode(text, kept)) << text;
    EXPECT_EQ(kept, "kept");
  }
}

TEST(Hash, KnownValues) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32(""), 0U);
  // XXH3-64 of nothing, from the xxHash repository: stored in progress, so it must never change.
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2ULL);
  EXPECT_NE(hash64("a"), hash64("b"));
  EXPECT_NE(hash64("a", 1), hash64("a", 2));
}

}  // namespace
}  // namespace weir
