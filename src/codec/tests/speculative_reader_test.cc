#include "codec/json/speculative_reader_internal.h"
#include "codec/row_columns_internal.h"
#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

class SpeculativeReaderTest : public testing::Test {
 protected:
  SpeculativeReaderTest()
      : columns_(
            RowColumns::make(
                {.schema = schema_of(
                     {required_field("a", primitive(TypeKind::int64)), optional_field("b", primitive(TypeKind::string)),
                      optional_field("geo", Type::structure({optional_field("lat", primitive(TypeKind::float64))}))})})
                .value()),
        reader_(columns_->root(), DecodeLimits{}, UnknownFields::warn) {}

  Speculation read(const std::string& event) {
    const auto raw = raw_batch({event});
    const Speculation outcome = reader_.read(raw->bytes(0), failure_);
    for (const ColumnNode& child : columns_->root().children) child.builder->truncate(0);
    return outcome;
  }

  std::unique_ptr<RowColumns> columns_;
  SpeculativeReader reader_;
  RowFailure failure_;
};

TEST_F(SpeculativeReaderTest, TakesGoodEventsInAnyOrderWithUnknownFieldsAndEscapesInValues) {
  for (const char* event : {R"({"a":1,"b":"x","geo":{"lat":1.5}})", R"({"geo":{"lat":1.5},"b":"x\n\u00e9","a":1})",
                            R"( { "a" : 1 , "z" : [ { "q" : "\"" } , null ] } )", R"({"a":-1,"b":null,"geo":null})",
                            R"({"a":1,"z":1,"y":2,"x":{"x":1e5}})", "{\"a\":9223372036854775807,\"b\":\"\xc3\xa9\"}"}) {
    EXPECT_EQ(read(event), Speculation::taken) << event;
  }
}

TEST_F(SpeculativeReaderTest, RejectsWhatIsJsonButNotTheSchema) {
  EXPECT_EQ(read(R"({"a":"x"})"), Speculation::rejected);
  EXPECT_EQ(failure_.take(0).column, "a");
  EXPECT_EQ(read(R"({"b":"x"})"), Speculation::rejected);
  EXPECT_EQ(read(R"({"a":1,"a":2})"), Speculation::rejected);
  EXPECT_EQ(read(R"({"a":1,"geo":{"lat":[]}})"), Speculation::rejected);
  EXPECT_EQ(failure_.take(0).column, "geo.lat");
  EXPECT_EQ(read(R"({"a":9223372036854775808})"), Speculation::rejected);
  EXPECT_EQ(read(R"({"z":1,"a":1,"z":2})"), Speculation::rejected);
  EXPECT_EQ(failure_.take(0).message, "the key 'z' appears twice in an object");
  EXPECT_EQ(read(R"({"a":1,"geo":{"z":1,"lat":1,"z":2}})"), Speculation::rejected);
  EXPECT_EQ(failure_.take(0).column, "geo");
}

TEST_F(SpeculativeReaderTest, RejectsACommaAtTheEndOfTheEvent) {
  EXPECT_EQ(read(R"({"a":1,"z":1,"z":2,"b":"y", } )"), Speculation::rejected);
  const Reject reject = failure_.take(0);
  EXPECT_EQ(reject.reject_class, RejectClass::malformed);
  EXPECT_EQ(reject.message, "the event is not valid JSON");
  EXPECT_EQ(reject.column, "");
}

TEST_F(SpeculativeReaderTest, GivesUpOnAllElse) {
  for (const char* event :
       {"", "x", "[]", R"({"a":1)", R"({"a":1}})", R"({"a":1,"geo":{"lat":1,}})", R"({"a":1,}})", R"({"a":1,},)",
        R"({"\u0061":1})", R"({"a":1,"y":1,"z":1,"z":2,"y":2})", R"({"a":"x","b":"y")", "{\"a\":1,\"b\":\"\xff\"}",
        R"({"a":1,"b":"\ud800"})", R"({"a":01})", R"({"z":1})"}) {
    EXPECT_EQ(read(event), Speculation::gave_up) << event;
  }
}

TEST_F(SpeculativeReaderTest, RemembersNothingThatChangesAnOutcome) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(read("{\"a\":1,\"k" + std::to_string(i) + "\":1}"), Speculation::taken);
    EXPECT_EQ(read("{\"a\":1,\"k" + std::to_string(i) + "\":1,\"k" + std::to_string(i) + "\":1}"),
              i < 128 ? Speculation::rejected : Speculation::gave_up);
  }
}

}  // namespace
}  // namespace weir::codec
