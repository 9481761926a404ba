#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/tests/decode_fixture.h"
#include "event/headers.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;

std::string encoded(const std::vector<Header>& headers) {
  std::string all;
  for (const Header& header : headers) append_header(header, all);
  return all;
}

TEST(HeaderColumns, AllHeadersOrOneOfThem) {
  const TypePtr text = primitive(TypeKind::string);
  DecoderSpec spec{
      .schema = schema_of({required_field("a", primitive(TypeKind::int64)),
                           optional_field("all", Type::map(required_field("key", text), optional_field("value", text))),
                           optional_field("trace", text), optional_field("raw", primitive(TypeKind::binary)),
                           optional_field("line", primitive(TypeKind::int64))})};
  spec.formats = {{},
                  origin_format(ColumnOrigin::headers),
                  origin_format(ColumnOrigin::header),
                  origin_format(ColumnOrigin::header),
                  origin_format(ColumnOrigin::line)};
  spec.formats[2].source_name = "trace";
  spec.formats[3].source_name = "raw";
  const std::string twice = encoded({{"trace", "old"}, {"x", std::nullopt}, {"trace", "new"}});
  const std::string raw = encoded({{"raw", "\xff"}});
  const std::string no_text = encoded({{"trace", "\xff"}});
  RawBatchBuilder builder;
  builder.add(R"({"a":1})", {.line = 3, .headers = twice});
  builder.add(R"({"a":2})", {});
  builder.add(R"({"a":3})", {.headers = no_text});
  const auto decoder = make_json_decoder(spec);
  ASSERT_TRUE(decoder.ok()) << decoder.error().to_string();
  const Outcome outcome = decode_with(**decoder, builder.finish());
  EXPECT_THAT(outcome.rows, ElementsAre("a=1 all={'trace' -> 'new', 'x' -> null} trace='new' raw=null line=3",
                                        "a=2 all={} trace=null raw=null line=null"));
  EXPECT_THAT(outcome.faults(), ElementsAre("invalid_utf8 all"));

  spec.schema = schema_of({required_field("raw", primitive(TypeKind::binary))});
  spec.formats = {spec.formats[3]};
  RawBatchBuilder more;
  more.add("{}", {.headers = raw});
  more.add("{}", {.headers = twice});
  const auto second = make_json_decoder(spec);
  const Outcome required = decode_with(**second, more.finish());
  EXPECT_THAT(required.rows, ElementsAre("raw=ff"));
  EXPECT_THAT(required.faults(), ElementsAre("missing_required raw"));
}

TEST(HeaderColumns, OtherTypesAreRefused) {
  DecoderSpec spec{.schema = schema_of({optional_field("h", primitive(TypeKind::int64))})};
  for (const ColumnOrigin origin : {ColumnOrigin::headers, ColumnOrigin::header}) {
    spec.formats = {origin_format(origin)};
    EXPECT_FALSE(make_json_decoder(spec).ok());
  }
}

}  // namespace
}  // namespace weir::codec
