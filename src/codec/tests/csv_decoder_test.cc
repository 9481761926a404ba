#include "codec/csv/csv_record_internal.h"
#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

Outcome decode_csv(const DecoderSpec& spec, std::string_view header, const Texts& records,
                   const CsvOptions& options = {}) {
  const auto decoder = make_csv_decoder(spec, options);
  if (!decoder.ok()) {
    ADD_FAILURE() << decoder.error().to_string();
    return {};
  }
  return decode_with(**decoder, raw_batch(records, header));
}

DecoderSpec flights() {
  return {.schema = schema_of({required_field("id", primitive(TypeKind::int64)),
                               optional_field("origin", primitive(TypeKind::string)),
                               optional_field("delay", primitive(TypeKind::float64)),
                               optional_field("late", primitive(TypeKind::boolean))})};
}

TEST(CsvDecoder, ColumnsAreFoundByTheNamesOfTheHeader) {
  const Outcome outcome = decode_csv(flights(), "late,id,origin,delay",
                                     {"true,1,LAX,1.5", "FALSE,2,\"S,F\"\"O\",-3", "False,3,\"a\nb\",0"});
  EXPECT_THAT(outcome.rows,
              ElementsAre("id=1 origin='LAX' delay=1.5 late=true", "id=2 origin='S,F\"O' delay=-3 late=false",
                          "id=3 origin='a\nb' delay=0 late=false"));
}

TEST(CsvDecoder, EmptyIsNullAndQuotedEmptyIsEmpty) {
  const Outcome outcome =
      decode_csv(flights(), "id,origin,delay,late",
                 {"1,,,", "2,\"\",,", ",x,1,true", "\"\",x,1,true", "3,a,\"\",true", "\"4\",b,\"2\",\"true\""});
  EXPECT_THAT(outcome.rows, ElementsAre("id=1 origin=null delay=null late=null", "id=2 origin='' delay=null late=null",
                                        "id=4 origin='b' delay=2 late=true"));
  EXPECT_THAT(outcome.faults(), ElementsAre("missing_required id", "wrong_type id", "wrong_type delay"));
}

TEST(CsvDecoder, ColumnsMissingInTheHeaderAreAbsent) {
  DecoderSpec spec = flights();
  spec.formats = {{}, default_format("\"none\""), {}, {}};
  EXPECT_THAT(decode_csv(spec, "id", {"1"}).rows, ElementsAre("id=1 origin='none' delay=null late=null"));
  EXPECT_THAT(decode_csv(spec, "origin", {"x"}).faults(), ElementsAre("missing_required id"));
}

TEST(CsvDecoder, UnknownColumnsAreLeftOutAndSaidOnce) {
  const auto decoder = make_csv_decoder(flights());
  Outcome outcome = decode_with(**decoder, raw_batch({"1,x,y"}, "id,extra,"));
  EXPECT_THAT(outcome.rows, ElementsAre("id=1 origin=null delay=null late=null"));
  EXPECT_THAT(outcome.decoded.notes,
              ElementsAre(HasSubstr("lacks what the contract names: 'origin', 'delay', 'late'"), HasSubstr("'extra'")));
  outcome = decode_with(**decoder, raw_batch({"1,x,y"}, "id,extra,other"));
  EXPECT_THAT(outcome.decoded.notes, ElementsAre(HasSubstr("'other'")));
  EXPECT_THAT(decode_with(**decoder, raw_batch({"1,x,y"}, "id,extra,other")).decoded.notes, ElementsAre());
}

TEST(CsvDecoder, TheHeaderMayChangeFromBatchToBatch) {
  const auto decoder = make_csv_decoder(flights());
  EXPECT_THAT(decode_with(**decoder, raw_batch({"1,LAX"}, "id,origin")).rows,
              ElementsAre("id=1 origin='LAX' delay=null late=null"));
  EXPECT_THAT(decode_with(**decoder, raw_batch({"LAX,1"}, "origin,id")).rows,
              ElementsAre("id=1 origin='LAX' delay=null late=null"));
}

TEST(CsvDecoder, RecordsWithTooFewOrTooManyFieldsAreRejected) {
  const Outcome outcome = decode_csv(flights(), "id,origin", {"1", "1,a,b", "1,a,b,c,d", "", "1,a"});
  EXPECT_EQ(outcome.rows.size(), 1U);
  EXPECT_THAT(outcome.rejects, ElementsAre("0 wrong_columns : expected 2 fields as in the header, got 1",
                                           "1 wrong_columns : expected 2 fields as in the header, got more than 2",
                                           "2 wrong_columns : expected 2 fields as in the header, got more than 2",
                                           "3 wrong_columns : expected 2 fields as in the header, got 1"));
}

TEST(CsvDecoder, BadQuotesAreMalformed) {
  const Outcome outcome =
      decode_csv(flights(), "id,origin", {"1,a\"b", "1,\"a\"b", "1,\"a", "1,\"a\"\"", "\"1\" ,a", "1, \"a\""});
  EXPECT_THAT(outcome.faults(),
              ElementsAre("malformed", "malformed", "malformed", "malformed", "malformed", "malformed"));
  EXPECT_THAT(outcome.rejects[0], HasSubstr("field 2 has a quote but does not begin with one"));
  EXPECT_THAT(outcome.rejects[1], HasSubstr("bytes follow the closing quote of field 2"));
  EXPECT_THAT(outcome.rejects[2], HasSubstr("the quote that opens field 2 is not closed"));
}

TEST(CsvDecoder, AnEventThatTheSourceFoundBrokenIsMalformedWhateverItsSize) {
  RawBatchBuilder builder;
  builder.set_context("id,origin");
  builder.add("1,\"a", {.fault = "the quote is never closed"});
  builder.add("2,b", {});
  builder.add("3,\"c", {.is_truncated = true, .fault = "the quote is never closed"});
  const auto decoder = make_csv_decoder(flights());
  const Outcome outcome = decode_with(**decoder, builder.finish());
  EXPECT_EQ(outcome.rows.size(), 1U);
  EXPECT_THAT(outcome.rejects,
              ElementsAre("0 malformed : the quote is never closed", "2 malformed : the quote is never closed"));
}

TEST(CsvDecoder, ValuesAreAsStrictAsInJson) {
  DecoderSpec spec{
      .schema = schema_of(
          {optional_field("i", primitive(TypeKind::int32)), optional_field("d", Type::decimal(5, 2)),
           optional_field("t", primitive(TypeKind::timestamptz)), optional_field("u", primitive(TypeKind::uuid)),
           optional_field("b", primitive(TypeKind::boolean)), optional_field("e", primitive(TypeKind::timestamp))})};
  spec.formats.resize(6);
  spec.formats[5] = time_format(TimestampFormat::epoch_millis);
  const std::string header = "i,d,t,u,b,e";
  const Outcome outcome =
      decode_csv(spec, header,
                 {"1,1.50,2017-11-16T22:31:08Z,f79c3e09-677c-4bbd-a479-3f349cb785e7,true,1510871468123", "1.0,,,,,",
                  "01,,,,,", " 1,,,,,", "+1,,,,,", "2147483648,,,,,", ",1.005,,,,", ",1000,,,,", ",abc,,,,",
                  ",,2017-11-16,,,", ",,,x,,", ",,,,1,", ",,,,yes,", ",,,,,2017", ",,,,,1e99", "NaN,,,,,", "1e2,,,,,"});
  EXPECT_THAT(outcome.rows, ElementsAre("i=1 d=1.50 t=2017-11-16T22:31:08Z u=f79c3e09-677c-4bbd-a479-3f349cb785e7 "
                                        "b=true e=2017-11-16T22:31:08.123000",
                                        "i=null d=null t=null u=null b=null e=1970-01-01T00:00:02.017000"));
  EXPECT_THAT(outcome.faults(),
              ElementsAre("wrong_type i", "wrong_type i", "wrong_type i", "wrong_type i", "out_of_range i", "inexact d",
                          "out_of_range d", "wrong_type d", "bad_format t", "bad_format u", "wrong_type b",
                          "wrong_type b", "out_of_range e", "wrong_type i", "wrong_type i"));
}

TEST(CsvDecoder, InvalidUtf8IsRejected) {
  EXPECT_THAT(decode_csv(flights(), "id,origin", {"1,\xff", "1,\xc3\xa9", "1,\xed\xa0\x80"}).faults(),
              ElementsAre("invalid_utf8", "invalid_utf8"));
}

TEST(CsvDecoder, RawJsonColumnsHoldJson) {
  DecoderSpec spec{.schema = schema_of({optional_field("j", primitive(TypeKind::string))})};
  spec.formats = {raw_json_format()};
  const Outcome outcome =
      decode_csv(spec, "j", {R"("{""a"": [1, 2]}")", "12", R"("{""a"":1,""a"":2}")", "{", "\"1,2\"", "\"\"", "nul"});
  EXPECT_THAT(outcome.rows, ElementsAre("j='{\"a\": [1, 2]}'", "j='12'"));
  EXPECT_THAT(outcome.faults(),
              ElementsAre("duplicate_key j", "malformed j", "malformed j", "malformed j", "malformed j"));
}

TEST(CsvDecoder, OtherDelimitersAndQuotes) {
  EXPECT_THAT(decode_csv(flights(), "id\torigin", {"1\t'a\tb'", "2\t\"x\""}, {.delimiter = '\t', .quote = '\''}).rows,
              ElementsAre("id=1 origin='a\tb' delay=null late=null", "id=2 origin='\"x\"' delay=null late=null"));
}

TEST(CsvDecoder, MetadataColumnsWork) {
  DecoderSpec spec{.schema = schema_of({required_field("id", primitive(TypeKind::int64)),
                                        optional_field("file", primitive(TypeKind::string)),
                                        optional_field("line", primitive(TypeKind::int64))})};
  spec.formats = {{}, origin_format(ColumnOrigin::topic), origin_format(ColumnOrigin::offset)};
  EXPECT_THAT(decode_csv(spec, "id,file", {"1,x", "bad,x", "2,y"}).rows,
              ElementsAre("id=1 file='clicks' line=100", "id=2 file='clicks' line=102"));
}

std::string header_error(std::string_view header) {
  const auto decoder = make_csv_decoder(flights());
  const auto outcome = (*decoder)->decode(raw_batch({"1"}, header));
  return outcome.ok() ? "" : outcome.error().to_string();
}

TEST(CsvDecoder, AnUnusableHeaderStopsWithTheNameOfTheFile) {
  EXPECT_THAT(header_error(""), HasSubstr("corrupt: 'clicks': the CSV header is missing"));
  EXPECT_THAT(header_error("id,x,id"), HasSubstr("names column 'id' twice"));
  EXPECT_THAT(header_error("id,\"x"), HasSubstr("malformed"));
  EXPECT_THAT(header_error("id,\xff"), HasSubstr("UTF-8"));
  EXPECT_EQ(header_error("id,,"), "");
}

TEST(CsvDecoder, AHeaderThatNamesNoColumnOfTheContractStops) {
  EXPECT_THAT(header_error("id;origin"),
              HasSubstr("corrupt: 'clicks': the CSV header names none of the contract's columns: it has 'id;origin', "
                        "expected 'id', 'origin', 'delay', 'late'. Check `delimiter`"));
  EXPECT_THAT(header_error("ID,Origin"), HasSubstr("it has 'ID', 'Origin'"));
  EXPECT_THAT(header_error("a,b,c,d,e,f,g,h,i,j,k,l"), HasSubstr("'j', ... (12 in all)"));
  DecoderSpec places{.schema = schema_of({optional_field("file", primitive(TypeKind::string))})};
  places.formats = {origin_format(ColumnOrigin::topic)};
  EXPECT_THAT(decode_csv(places, "whatever", {"1"}).rows, ElementsAre("file='clicks'"));
}

TEST(CsvDecoder, LinesThatEndInCrAloneStop) {
  const auto decoder = make_csv_decoder(flights());
  const auto outcome = (*decoder)->decode(raw_batch({"id,origin\r1,LAX\r"}));
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().to_string(), HasSubstr("'clicks': the CSV header holds a CR outside of quotes"));
}

TEST(CsvDecoder, NestedColumnsAreRefused) {
  DecoderSpec spec{
      .schema = schema_of({optional_field("l", Type::list(optional_field("element", primitive(TypeKind::int32))))})};
  EXPECT_THAT(make_csv_decoder(spec).error().to_string(),
              HasSubstr("unsupported: column 'l': CSV has no list<int>; read it as the type json instead"));
  EXPECT_FALSE(make_csv_decoder(flights(), {.delimiter = ',', .quote = ','}).ok());
}

TEST(CsvSplitter, FieldsOfARecord) {
  CsvSplitter splitter(',', '"');
  RowFailure failure;
  const auto split = [&](std::string_view record) {
    Texts texts;
    EXPECT_TRUE(splitter.split(record, 100, failure));
    for (const CsvField& field : splitter.fields())
      texts.push_back(std::string(field.is_quoted ? "q:" : "") + std::string(field.text));
    return texts;
  };
  EXPECT_THAT(split(""), ElementsAre(""));
  EXPECT_THAT(split(","), ElementsAre("", ""));
  EXPECT_THAT(split("a,,b,"), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("\"\",\"a\"\"\",\"\"\"\""), ElementsAre("q:", "q:a\"", "q:\""));
  EXPECT_THAT(split("\"a\"\"b\"\"c\",\"d\"\"\""), ElementsAre("q:a\"b\"c", "q:d\""));
}

TEST(CsvDecoder, WordsForNullMatchUnquotedFieldsAndBlanksMayBeTrimmed) {
  const auto decoder = make_csv_decoder(flights(), {.null_words = {"NA", "\\N"}, .trim = true});
  const Outcome outcome =
      decode_with(**decoder, raw_batch({"1, NA ,\\N,", "2,\"NA\", 3 ,true", " 4 , \"a b\" ,5,false", "5,na,na,"},
                                       " id , \"origin\",delay , late "));
  EXPECT_THAT(outcome.rows, ElementsAre("id=1 origin=null delay=null late=null", "id=2 origin='NA' delay=3 late=true",
                                        "id=4 origin='a b' delay=5 late=false"));
  EXPECT_THAT(outcome.faults(), ElementsAre("wrong_type delay"));
}

}  // namespace
}  // namespace weir::codec
