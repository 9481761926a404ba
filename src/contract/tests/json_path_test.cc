#include "contract/json_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::contract {
namespace {

using testing::HasSubstr;

std::string steps(std::string_view text) {
  const auto path = parse_json_path(text);
  if (!path.ok()) return path.error().message();
  std::string out;
  for (const PathStep& step : *path) out += step.index >= 0 ? "#" + std::to_string(step.index) : "<" + step.name + ">";
  return out;
}

TEST(JsonPath, SingularQueriesBecomeSteps) {
  EXPECT_EQ(steps("$.a"), "<a>");
  EXPECT_EQ(steps("$.a.b_2[0][12].c"), "<a><b_2>#0#12<c>");
  EXPECT_EQ(steps("$['id.orig_h'][\"it's\"]['it\\'s']['']"), "<id.orig_h><it's><it's><>");
  EXPECT_EQ(steps("$.größe"), "<größe>");
}

TEST(JsonPath, WhatIsNoSingularQuerySaysWhereAndWhy) {
  EXPECT_THAT(steps("$..a"), HasSubstr("at character 3: '..' may lead to several values"));
  EXPECT_THAT(steps("$.a[*]"), HasSubstr("at character 5: '[*]'"));
  EXPECT_THAT(steps("$.*"), HasSubstr("several values"));
  EXPECT_THAT(steps("$.a[0:2]"), HasSubstr("a slice"));
  EXPECT_THAT(steps("$.a[0,1]"), HasSubstr("several values"));
  EXPECT_THAT(steps("$.a[?@.b]"), HasSubstr("a filter"));
  EXPECT_THAT(steps("$.a[-1]"), HasSubstr("from the front"));
  EXPECT_THAT(steps("$.a[01]"), HasSubstr("expected an index"));
  EXPECT_THAT(steps("$.a[99999999999]"), HasSubstr("expected an index"));
  EXPECT_THAT(steps("$.a['b"), HasSubstr("not closed"));
  EXPECT_THAT(steps("$.a[b]"), HasSubstr("a name in quotes"));
  EXPECT_THAT(steps("$.a b"), HasSubstr("expected '.' or '['"));
  EXPECT_THAT(steps("$[0].a"), HasSubstr("the first step is a name"));
  EXPECT_THAT(steps("$.a."), HasSubstr("expected a name"));
  EXPECT_THAT(steps("$.id-1"), HasSubstr("at character 5"));
  std::string deep = "$";
  for (size_t i = 0; i <= kPathStepsMax; ++i) deep += ".a";
  EXPECT_THAT(steps(deep), HasSubstr("at most 64 steps"));
}

TEST(JsonPath, OtherTextIsAName) {
  EXPECT_FALSE(looks_like_json_path("a.b"));
  EXPECT_FALSE(looks_like_json_path("$offset"));
  EXPECT_FALSE(looks_like_json_path("$"));
  EXPECT_TRUE(looks_like_json_path("$.a"));
  EXPECT_TRUE(looks_like_json_path("$['a']"));
}

}  // namespace
}  // namespace weir::contract
