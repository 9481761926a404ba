#include "codec/foreign_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// The message of the reject that an event becomes.
std::string message_of(std::string_view event) {
  const DecoderSpec spec{.schema = schema_of({optional_field("id", primitive(TypeKind::int64))})};
  const Outcome outcome = decode_json(spec, {std::string(event)});
  return outcome.decoded.rejects.size() == 1 ? outcome.decoded.rejects[0].message : "no reject";
}

TEST(ForeignBytes, WhatIsNoJsonIsCalledByItsName) {
  EXPECT_EQ(message_of("PAR1\x15\x04\x15\x10"), "the bytes begin as a Parquet file");
  EXPECT_EQ(message_of("Obj\x01\x04\x14"), "the bytes begin as an Avro file");
  EXPECT_EQ(message_of("\x1f\x8b\x08\0"sv), "the bytes begin as a gzip stream");
  EXPECT_THAT(message_of("\xff\xfe{\0\"\0"sv), StartsWith("the bytes begin as UTF-16 text (byte order mark)"));
  EXPECT_THAT(message_of("\xfe\xff\0{"sv), StartsWith("the bytes begin as UTF-16 text"));
  EXPECT_EQ(message_of("<?xml version='1.0'?>"), "the bytes begin as an XML document");
  EXPECT_EQ(message_of("\0\0\0\0\7{\"id\":1}"sv),
            "the event begins with a schema-registry header (schema id 7), which is not part of plain JSON");
  EXPECT_EQ(message_of("\0\0\1\0\0\2\4"sv),
            "the event begins with a schema-registry header (schema id 65536), which is not part of plain JSON");
}

TEST(ForeignBytes, DocumentsOverSeveralLinesAreRecognised) {
  for (const char* line : {"{", "{\"id\": {", "  {  ", "{\"id\": 1,"})
    EXPECT_EQ(message_of(line),
              "an object is not closed where the event ends; files of such documents, or of one array, need `format: "
              "json_documents`")
        << line;
  for (const char* line : {"[", "[{\"id\":1},", "[1, 2"})
    EXPECT_THAT(message_of(line), StartsWith("an array is not closed where the event ends")) << line;
  EXPECT_THAT(message_of("{\"id\":1},"), StartsWith("a comma follows an object"));
  EXPECT_THAT(message_of("[{\"id\":1}]"), StartsWith("expected a JSON object, got an array"));
}

TEST(ForeignBytes, OtherMistakesKeepTheirOwnMessages) {
  EXPECT_EQ(message_of("{\"id\":1,}"), "the event is not valid JSON");
  EXPECT_EQ(message_of("{\"id\":01}"), "'01' is not a JSON value");
  EXPECT_EQ(message_of("{\"id\":\"x}"), "a string is not closed");
  EXPECT_EQ(message_of("7"), "expected a JSON object, got '7'");
  EXPECT_EQ(message_of(std::string(1, '\0')), "'\\x00' is not a JSON value");
}

}  // namespace
}  // namespace weir::codec
