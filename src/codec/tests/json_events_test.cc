#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

DecoderSpec two_columns() {
  return {.schema = schema_of(
              {required_field("a", primitive(TypeKind::int64)), optional_field("b", primitive(TypeKind::string))})};
}

DecoderSpec nested_columns() {
  const TypePtr point = Type::structure(
      {required_field("lat", primitive(TypeKind::float64)), optional_field("lon", primitive(TypeKind::float64))});
  const TypePtr item = Type::structure(
      {required_field("sku", primitive(TypeKind::string)), optional_field("n", primitive(TypeKind::int32))});
  return {.schema = schema_of(
              {optional_field("geo", point), optional_field("items", Type::list(required_field("element", item))),
               optional_field("tags", Type::map(required_field("key", primitive(TypeKind::string)),
                                                optional_field("value", primitive(TypeKind::int64)))),
               optional_field("grid",
                              Type::list(optional_field(
                                  "element", Type::list(required_field("element", primitive(TypeKind::int64))))))})};
}

TEST(JsonEvents, EachEventIsOneRowOrOneReject) {
  const Outcome outcome =
      decode_json(two_columns(), {R"({"a":1,"b":"x"})", R"({"b":"y"})", R"({"a":2})", "nope", R"({"a":3,"b":null})"});
  EXPECT_THAT(outcome.rows, ElementsAre("a=1 b='x'", "a=2 b=null", "a=3 b=null"));
  EXPECT_THAT(outcome.faults(), ElementsAre("missing_required a", "malformed"));
  EXPECT_THAT(outcome.decoded.batch.origins()->raw_index, ElementsAre(0U, 2U, 4U));
  EXPECT_EQ(outcome.decoded.batch.raw()->size(), 5U);
}

TEST(JsonEvents, AnEventThatIsCutOffDoesNotGoOnInTheNext) {
  const std::string start = R"({"a":1,"u":[{})";
  for (const char* next : {",", "]", "}", "]}", "}}", ",1]}", R"(,"k":1})", ":", "\"", "0", " "}) {
    EXPECT_THAT(decode_json(two_columns(), {start, next}).faults(), ElementsAre("malformed", testing::_)) << next;
    EXPECT_THAT(decode_json(two_columns(), {R"({"a":1,"u":{"v":{})", next}).faults(),
                ElementsAre("malformed", testing::_))
        << next;
    EXPECT_THAT(decode_json(nested_columns(), {R"({"items":[{"sku":"x"})", next}).faults(),
                ElementsAre(testing::StartsWith("malformed"), testing::_))
        << next;
    EXPECT_THAT(decode_json(nested_columns(), {R"({"geo":{"lat":1,"q":[[{}})", next}).faults(),
                ElementsAre(testing::StartsWith("malformed"), testing::_))
        << next;
  }
}

TEST(JsonEvents, KeysMayComeInAnyOrderWithBlanksAnywhere) {
  const Outcome outcome = decode_json(two_columns(), {R"({"b":"x","a":1})", " \t\r\n{ \"a\" : 1 ,\n \"b\" : \"x\" } \n",
                                                      R"({"a":1,"b":"x"})", R"({"b":"x", "a":1})", R"({"a":1 })"});
  EXPECT_THAT(outcome.rows, ElementsAre("a=1 b='x'", "a=1 b='x'", "a=1 b='x'", "a=1 b='x'", "a=1 b=null"));
}

TEST(JsonEvents, KeysWithEscapesAreTheSameKeys) {
  EXPECT_THAT(
      decode_json(two_columns(), {R"({"\u0061":1})", R"({"a":1,"\u0061":2})", R"({"a":1,"x":1,"\u0078":2})"}).faults(),
      ElementsAre("duplicate_key a", "duplicate_key"));
}

TEST(JsonEvents, DuplicateKeysAreRejectedAtEveryLevel) {
  const Outcome outcome = decode_json(
      nested_columns(), {R"({"geo":null,"geo":null})", R"({"x":1,"y":2,"x":3})", R"({"geo":{"lat":1,"lat":1}})",
                         R"({"geo":{"lat":1,"q":1,"q":1}})", R"({"items":[{"sku":"a"},{"sku":"a","z":{"k":1,"k":1}}]})",
                         R"({"tags":{"a":1,"a":2}})", R"({"u":[{"k":1,"j":2,"k":1}]})"});
  EXPECT_THAT(outcome.faults(),
              ElementsAre("duplicate_key geo", "duplicate_key", "duplicate_key geo.lat", "duplicate_key geo",
                          "duplicate_key items.element", "duplicate_key tags", "duplicate_key"));
}

TEST(JsonEvents, ManyUnknownKeysAreStillCheckedForDuplicates) {
  for (const int count : {2, 3, 17, 64, 65, 127, 128, 129, 200, 5000}) {
    std::string event = "{\"a\":1";
    for (int i = 0; i < count; ++i) event += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
    EXPECT_THAT(decode_json(two_columns(), {event + "}", event + ",\"k0\":0}",
                                            event + ",\"k" + std::to_string(count - 1) + "\":0}", event + "}"})
                    .faults(),
                ElementsAre("duplicate_key", "duplicate_key"))
        << count;
    const std::string inside = "{\"a\":1,\"u\":" + event;
    EXPECT_THAT(decode_json(two_columns(), {inside + "}}", inside + ",\"k0\":0}}"}).faults(),
                ElementsAre("duplicate_key"))
        << count;
  }
}

TEST(JsonEvents, KeysThatDifferLateAreDifferent) {
  std::string event = "{\"a\":1";
  for (int i = 0; i < 40; ++i)
    event += ",\"" + std::string(40, 'p') + std::to_string(100 + i) + std::string(9, 's') + "\":0";
  EXPECT_EQ(decode_json(two_columns(),
                        {event + "}", event + ",\"" + std::string(40, 'p') + "100" + std::string(9, 's') + "\":0}"})
                .faults(),
            Texts{"duplicate_key"});
}

TEST(JsonEvents, NestedColumns) {
  const Outcome outcome = decode_json(
      nested_columns(),
      {R"({"geo":{"lat":1.5,"lon":2},"items":[{"sku":"a","n":1},{"n":2,"sku":"b"}],"tags":{"x":1,"y":null},"grid":[[1,2],[],null,[3]]})",
       R"({"geo":{"lon":null,"lat":0,"alt":9}})", "{}", R"({"items":[],"tags":{},"grid":[]})",
       R"({"geo": { "lat" : 1 } , "items" : [ ] })"});
  EXPECT_THAT(outcome.rows, ElementsAre("geo={lat: 1.5, lon: 2} items=[{sku: 'a', n: 1}, {sku: 'b', n: 2}] tags={'x' "
                                        "-> 1, 'y' -> null} grid=[[1, 2], [], null, [3]]",
                                        "geo={lat: 0, lon: null} items=null tags=null grid=null",
                                        "geo=null items=null tags=null grid=null", "geo=null items=[] tags={} grid=[]",
                                        "geo={lat: 1, lon: null} items=[] tags=null grid=null"));
}

TEST(JsonEvents, FaultsInsideNestedColumnsNameThePlaceAndLeaveNoTrace) {
  const std::string good = R"({"geo":{"lat":1},"items":[{"sku":"a"}],"tags":{"x":1},"grid":[[1]]})";
  const Outcome outcome = decode_json(
      nested_columns(), {good, R"({"geo":{"lon":1}})", R"({"geo":{"lat":1},"items":[{"sku":"a"},{"sku":5}]})",
                         R"({"items":[{"sku":"a"},null]})", R"({"tags":{"x":1,"y":"no"}})",
                         R"({"grid":[[1,2],[3,null]]})", R"({"grid":[[1,2],[3,4.5]]})", R"({"geo":5})",
                         R"({"items":{}})", R"({"tags":[]})", R"({"geo":[]})", R"({"grid":[[1,2],[3)", good});
  EXPECT_EQ(outcome.rows, Texts(2, "geo={lat: 1, lon: null} items=[{sku: 'a', n: null}] tags={'x' -> 1} grid=[[1]]"));
  EXPECT_THAT(
      outcome.faults(),
      ElementsAre("missing_required geo.lat", "wrong_type items.element.sku", "missing_required items.element",
                  "wrong_type tags.value", "missing_required grid.element.element", "wrong_type grid.element.element",
                  "wrong_type geo", "wrong_type items", "wrong_type tags", "wrong_type geo", "malformed"));
}

TEST(JsonEvents, MapKeysAreReadAsTheirType) {
  const auto map_of = [](TypeKind key) {
    return Type::map(required_field("key", primitive(key)), optional_field("value", primitive(TypeKind::boolean)));
  };
  DecoderSpec spec{
      .schema = schema_of({optional_field("i", map_of(TypeKind::int32)), optional_field("l", map_of(TypeKind::int64)),
                           optional_field("d", map_of(TypeKind::date))})};
  const Outcome outcome =
      decode_json(spec, {R"({"i":{"1":true,"-5":false},"l":{"9223372036854775807":true},"d":{"2017-11-16":true}})",
                         R"({"i":{"01":true}})", R"({"i":{"-0":true}})", R"({"i":{"1.0":true}})",
                         R"({"i":{"2147483648":true}})", R"({"i":{"":true}})", R"({"d":{"x":true}})",
                         R"({"i":{"1":true,"1":true}})", R"({"i":{"1":true,"\u0031":true}})"});
  EXPECT_THAT(outcome.rows,
              ElementsAre("i={1 -> true, -5 -> false} l={9223372036854775807 -> true} d={2017-11-16 -> true}"));
  EXPECT_THAT(outcome.faults(),
              ElementsAre("bad_format i.key", "bad_format i.key", "bad_format i.key", "bad_format i.key",
                          "bad_format i.key", "bad_format d.key", "duplicate_key i", "duplicate_key i"));
}

TEST(JsonEvents, DefaultsStandForAbsentFieldsNotForNull) {
  const TypePtr inner = Type::structure({optional_field("x", primitive(TypeKind::int32))});
  DecoderSpec spec{
      .schema =
          schema_of({required_field("n", primitive(TypeKind::int64)), optional_field("s", primitive(TypeKind::string)),
                     optional_field("l", Type::list(optional_field("element", primitive(TypeKind::int32)))),
                     optional_field("o", inner)})};
  spec.formats = {default_format("7"), default_format("\"none\""), default_format("[1,null]"), {}};
  spec.formats[3].children = {default_format("5")};
  const Outcome outcome = decode_json(spec, {"{}", R"({"n":1,"s":null,"l":[],"o":{}})", R"({"n":null})"});
  EXPECT_THAT(outcome.rows, ElementsAre("n=7 s='none' l=[1, null] o=null", "n=1 s=null l=[] o={x: 5}"));
  EXPECT_THAT(outcome.faults(), ElementsAre("missing_required n"));
}

TEST(JsonEvents, SourceNamesRenameFields) {
  DecoderSpec spec = two_columns();
  spec.formats = {format_with([](TextFormat& f) { f.source_name = "userId"; }), {}};
  const Outcome outcome = decode_json(spec, {R"({"userId":1,"a":"ignored"})", R"({"a":1})", R"({"userId":"x"})"});
  EXPECT_THAT(outcome.rows, ElementsAre("a=1 b=null"));
  EXPECT_THAT(outcome.faults(), ElementsAre("no_known_field", "wrong_type a"));
}

TEST(JsonEvents, OnlyOneObjectIsAnEvent) {
  EXPECT_THAT(decode_json(two_columns(), {"[]", "1", "\"x\"", "null", " true ", "[{\"a\":1}]"}).faults(),
              testing::Each("not_an_object"));
  EXPECT_THAT(decode_json(two_columns(), {"",
                                          " ",
                                          "\n",
                                          "{",
                                          "}",
                                          "{\"a\":1}}",
                                          "{\"a\":1} {\"a\":2}",
                                          "{\"a\":1},",
                                          "{\"a\":1}x",
                                          "{\"a\":1",
                                          "{\"a\":1,}",
                                          "{,\"a\":1}",
                                          "{\"a\" 1}",
                                          "{\"a\":1 \"b\":2}",
                                          "{a:1}",
                                          "{'a':1}",
                                          "{\"a\":1,\"b\"}",
                                          "{\"a\":}",
                                          "{\"a\":1}//",
                                          "{\"a\":1,\"x\":[1 2]}",
                                          "{\"a\":1,\"x\":[1,]}",
                                          "[",
                                          "]",
                                          "{\"a\":1,\"x\":{]}}",
                                          std::string("{\"a\":1}\0", 8),
                                          "{\"a\":1,\"x\":[}]",
                                          "\xef\xbb\xbf{\"a\":1}",
                                          "\xff\xfe{\0"})
                  .faults(),
              testing::Each(testing::AnyOf("malformed", "malformed a", "invalid_utf8")));
}

TEST(JsonEvents, ASyntaxErrorAfterAFaultIsStillFound) {
  // The first fault in reading order is reported, but what is no JSON at all comes first.
  EXPECT_THAT(decode_json(two_columns(), {"{\"a\":\"x\",\"b\":\"\xff\"}", "{\"a\":\"x\",\"b\":\"\n\"}", "{\"a\":\"x\"",
                                          "{\"a\":\"x\"}}"})
                  .faults(),
              ElementsAre("invalid_utf8", "malformed", "malformed", "wrong_type a"));
}

TEST(JsonEvents, NeighboursInTheArenaAreNotRead) {
  // Each event could be completed by the bytes of the next one.
  const Outcome outcome =
      decode_json(two_columns(), {"{\"a\":1,\"b\":\"x", "\"}", "{\"a\":1,\"u\":[1,", "2]}", "{\"a\":1", "2}",
                                  "{\"a\":12", "}", "{\"a\":1,\"b\":\"\xc3", "\xa9\"}", "{\"a\":1}"});
  EXPECT_THAT(outcome.rows, ElementsAre("a=1 b=null"));
  EXPECT_EQ(outcome.faults().size(), 10U);
}

TEST(JsonEvents, DepthIsLimited) {
  const auto nested = [](int depth, const std::string& open, const std::string& close) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    text += "1";
    for (int i = 0; i < depth; ++i) text += close;
    return "{\"a\":1,\"u\":" + text + "}";
  };
  EXPECT_THAT(decode_json(two_columns(),
                          {nested(63, "[", "]"), nested(63, "{\"k\":", "}"), nested(64, "[", "]"),
                           nested(64, "{\"k\":", "}"), nested(100'000, "[", "]"), nested(100'000, "{\"k\":", "}")})
                  .faults(),
              testing::Each("too_deep"));
  EXPECT_EQ(decode_json(two_columns(), {nested(63, "[", "]"), nested(63, "{\"k\":", "}")}).rows.size(), 2U);
  DecoderSpec deep = two_columns();
  deep.limits.depth = kDecodeDepthMax;
  EXPECT_EQ(decode_json(deep, {nested(499, "[", "]"), nested(499, "{\"k\":", "}")}).rows.size(), 2U);
  EXPECT_EQ(decode_json(deep, {nested(500, "[", "]")}).faults(), Texts{"too_deep"});
  DecoderSpec flat = nested_columns();
  flat.limits.depth = 2;
  EXPECT_THAT(decode_json(flat, {R"({"geo":{"lat":1}})", R"({"items":[{"sku":"a"}]})", R"({"grid":[[1]]})",
                                 R"({"tags":{"a":1}})"})
                  .faults(),
              ElementsAre("too_deep items.element", "too_deep grid.element"));
}

TEST(JsonEvents, SizeIsLimited) {
  DecoderSpec spec = two_columns();
  spec.limits.event_bytes = 100;
  const Outcome outcome = decode_json(
      spec, {R"({"a":1,"b":")" + std::string(86, 'x') + "\"}", R"({"a":1,"b":")" + std::string(87, 'x') + "\"}"});
  EXPECT_EQ(outcome.rows.size(), 1U);
  EXPECT_EQ(outcome.faults(), Texts{"too_large"});
  DecoderSpec few = two_columns();
  few.limits.fields_per_object = 3;
  EXPECT_THAT(decode_json(few, {R"({"a":1,"x":1,"y":1})", R"({"a":1,"x":1,"y":1,"z":1})",
                                R"({"a":1,"x":{"1":1,"2":1,"3":1,"4":1}})"})
                  .faults(),
              ElementsAre("too_large", "too_large"));
}

TEST(JsonEvents, AFieldOf64MebibytesIsReadOrRejectedByTheLimit) {
  const std::string big = R"({"a":1,"b":")" + std::string(64 << 20, 'x') + "\"}";
  EXPECT_EQ(decode_json(two_columns(), {big}).faults(), Texts{"too_large"});
  DecoderSpec spec = two_columns();
  spec.limits.event_bytes = 128 << 20;
  auto decoder = make_json_decoder(spec);
  ASSERT_TRUE(decoder.ok());
  EXPECT_EQ(decode_with(**decoder, raw_batch({big})).rows.size(), 1U);
}

TEST(JsonEvents, AnObjectOfAMillionKeysIsTooLarge) {
  std::string event = "{\"a\":1";
  for (int i = 0; i < 1'000'000; ++i) event += ",\"k" + std::to_string(i) + "\":0";
  DecoderSpec spec = two_columns();
  spec.limits.event_bytes = 64 << 20;
  EXPECT_EQ(decode_json(spec, {event + "}"}).faults(), Texts{"too_large"});
}

TEST(JsonEvents, TombstonesAndTruncatedEventsAreRejected) {
  RawBatchBuilder builder;
  builder.add("", {.is_null = true});
  builder.add(R"({"a":1})", {.is_truncated = true});
  builder.add(R"({"a":1})", {});
  const auto decoder = make_json_decoder(two_columns());
  const Outcome outcome = decode_with(**decoder, builder.finish());
  EXPECT_EQ(outcome.rows.size(), 1U);
  EXPECT_THAT(outcome.faults(), ElementsAre("null_value", "too_large"));
}

TEST(JsonEvents, MetadataColumns) {
  DecoderSpec spec{
      .schema = schema_of(
          {optional_field("t", primitive(TypeKind::string)), required_field("a", primitive(TypeKind::int64)),
           optional_field("p", primitive(TypeKind::int32)), optional_field("o", primitive(TypeKind::int64)),
           optional_field("ts", primitive(TypeKind::timestamptz)), optional_field("k", primitive(TypeKind::string))})};
  spec.formats = {origin_format(ColumnOrigin::topic),     {},
                  origin_format(ColumnOrigin::partition), origin_format(ColumnOrigin::offset),
                  origin_format(ColumnOrigin::timestamp), origin_format(ColumnOrigin::key)};
  const auto views = std::make_shared<const Split>(Split{.source = "s", .topic = "views", .partition = 4});
  RawBatchBuilder builder;
  builder.add(
      R"({"a":1,"t":"not this"})",
      {.split = &clicks_split(), .offset = 10, .timestamp_ms = 1'510'871'468'123, .key = "k1", .has_key = true});
  builder.add(R"({"a":2})", {.split = &views, .offset = 11});
  builder.add(R"({"a":3})", {.split = &views, .offset = 12, .timestamp_ms = INT64_MAX});
  builder.add(R"({"a":4})", {.split = &views, .offset = 13, .key = "\xff", .has_key = true});
  builder.add(R"({"a":"bad"})", {.split = &views, .offset = 14, .key = "x", .has_key = true});
  builder.add(R"({"a":6})", {.split = &views, .offset = 15, .key = "", .has_key = true});
  const auto decoder = make_json_decoder(spec);
  const Outcome outcome = decode_with(**decoder, builder.finish());
  EXPECT_THAT(outcome.rows,
              ElementsAre("t='clicks' a=1 p=3 o=10 ts=2017-11-16T22:31:08.123000Z k='k1'",
                          "t='views' a=2 p=4 o=11 ts=null k=null", "t='views' a=6 p=4 o=15 ts=null k=''"));
  EXPECT_THAT(outcome.faults(), ElementsAre("out_of_range ts", "invalid_utf8 k", "wrong_type a"));
}

TEST(JsonEvents, RequiredMetadataMustBeThere) {
  DecoderSpec spec{.schema = schema_of({required_field("ts", primitive(TypeKind::timestamptz)),
                                        required_field("k", primitive(TypeKind::binary))})};
  spec.formats = {origin_format(ColumnOrigin::timestamp), origin_format(ColumnOrigin::key)};
  RawBatchBuilder builder;
  builder.add("{}", {.key = "\xff", .has_key = true});
  builder.add("{}", {.timestamp_ms = 0});
  builder.add("{}", {.timestamp_ms = 0, .key = "\xff", .has_key = true});
  const auto decoder = make_json_decoder(spec);
  const Outcome outcome = decode_with(**decoder, builder.finish());
  EXPECT_THAT(outcome.rows, ElementsAre("ts=1970-01-01T00:00:00Z k=ff"));
  EXPECT_THAT(outcome.faults(), ElementsAre("missing_required ts", "missing_required k"));
}

TEST(JsonEvents, ADecoderIsReusedFromBatchToBatch) {
  const auto decoder = make_json_decoder(two_columns());
  EXPECT_EQ(decode_with(**decoder, raw_batch({})).rows.size(), 0U);
  EXPECT_THAT(decode_with(**decoder, raw_batch({R"({"a":1,"b":"x"})", "bad"})).rows, ElementsAre("a=1 b='x'"));
  EXPECT_THAT(decode_with(**decoder, raw_batch({"bad"})).rows, ElementsAre());
  EXPECT_THAT(decode_with(**decoder, raw_batch({R"({"a":2})"})).rows, ElementsAre("a=2 b=null"));
}

TEST(JsonEvents, EventsMayHoldAnyBytes) {
  std::vector<std::string> events;
  for (int c = 0; c < 256; ++c) {
    events.push_back(std::string(1, static_cast<char>(c)));
    events.push_back("{\"a\":" + std::string(1, static_cast<char>(c)) + "}");
    events.push_back("{\"a\":1" + std::string(1, static_cast<char>(c)) + "}");
    events.push_back("{\"b\":\"" + std::string(1, static_cast<char>(c)) + "\",\"a\":1}");
    events.push_back("{\"b" + std::string(1, static_cast<char>(c)) + "\":\"x\",\"a\":1}");
  }
  decode_json(two_columns(), events);
}

std::string make_error(DecoderSpec spec) {
  const auto decoder = make_json_decoder(std::move(spec));
  return decoder.ok() ? "" : decoder.error().to_string();
}

TEST(JsonDecoderSpec, FormatsMustFitTheSchema) {
  DecoderSpec spec = two_columns();
  spec.formats = {{}};
  EXPECT_THAT(make_error(spec), HasSubstr("1 formats for 2 columns"));
  spec.formats = {origin_format(ColumnOrigin::topic), {}};
  EXPECT_THAT(make_error(spec), HasSubstr("column 'a' is long, but the topic or file is a string"));
  spec.formats = {raw_json_format(), {}};
  EXPECT_THAT(make_error(spec), HasSubstr("raw JSON needs a string column"));
  spec.formats = {format_with([](TextFormat& f) { f.source_name = "b"; }), {}};
  EXPECT_THAT(make_error(spec), HasSubstr("another column is read from 'b' too"));
  spec = two_columns();
  spec.limits.depth = kDecodeDepthMax + 1;
  EXPECT_THAT(make_error(spec), HasSubstr("1 to 500"));
}

TEST(JsonDecoderSpec, DefaultsMustFitTheColumn) {
  DecoderSpec spec = two_columns();
  for (const char* bad : {"\"x\"", "null", "1.5", "1,2", "1}", "", "1],[2", "{"}) {
    spec.formats = {default_format(bad), {}};
    EXPECT_THAT(make_error(spec), HasSubstr("column 'a': its default: ")) << bad;
  }
}

TEST(JsonDecoderSpec, NestedFormatsAreChecked) {
  DecoderSpec spec = nested_columns();
  spec.formats.resize(4);
  spec.formats[0].children = {{}};
  EXPECT_THAT(make_error(spec), HasSubstr("column 'geo': 1 formats for 2 nested fields"));
  spec.formats[0].children = {{}, origin_format(ColumnOrigin::offset)};
  EXPECT_THAT(make_error(spec), HasSubstr("column 'geo.lon': only a top-level column"));
  spec.formats[0].children = {format_with([](TextFormat& f) { f.source_name = "lon"; }), {}};
  EXPECT_THAT(make_error(spec), HasSubstr("two fields are read from the same name"));
  DecoderSpec map{.schema =
                      schema_of({optional_field("m", Type::map(required_field("key", primitive(TypeKind::float64)),
                                                               optional_field("value", primitive(TypeKind::int64))))})};
  EXPECT_THAT(make_error(map),
              HasSubstr("unsupported: column 'm': keys of a map are read as string, int, long or date, not as double"));
}

}  // namespace
}  // namespace weir::codec
