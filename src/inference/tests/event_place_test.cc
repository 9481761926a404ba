#include "inference/event_place.h"

#include <gtest/gtest.h>

namespace weir::inference {
namespace {

TEST(EventPlace, FindsTheValueOfAPath) {
  const std::string event = R"({"a": "}\",", "b": {"c": [1, {"x": 2}], "d": 7}, "e.f": 3})";
  EXPECT_EQ(event.substr(json_place(event, "a"), 4), "\"}\\\"");
  EXPECT_EQ(event.substr(json_place(event, "b.d"), 1), "7");
  EXPECT_EQ(event.substr(json_place(event, "b.c"), 2), "[1");
  EXPECT_EQ(event.substr(json_place(event, "e.f"), 1), "3");
  EXPECT_EQ(json_place(event, "nope"), std::string::npos);
  EXPECT_EQ(json_place(event, "b.nope"), std::string::npos);
}

TEST(EventPlace, BrokenEventsEndTheSearch) {
  for (const char* event :
       {"", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"x", "{\"a\":\"\\", "[", "{\"a\":[", "}"})
    json_place(event, "b");
}

TEST(EventPlace, SaysWhereJsonEnds) {
  EXPECT_EQ(json_fault(R"({"a":1})"), std::string::npos);
  EXPECT_EQ(json_fault(R"({"a":01})"), 6U);
  EXPECT_EQ(json_fault(R"({"a":1} x)"), 8U);
}

TEST(EventPlace, SplitsCsvAsRfc4180Says) {
  const auto fields = split_csv("1,\"a,\"\"b\"\"\",,x\r\n", ',');
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[1].text, "a,\"b\"");
  EXPECT_TRUE(fields[1].quoted);
  EXPECT_EQ(fields[1].begin, 2U);
  EXPECT_EQ(fields[2].text, "");
  EXPECT_EQ(fields[3].text, "x");
}

}  // namespace
}  // namespace weir::inference
