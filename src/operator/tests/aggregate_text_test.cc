#include <gmock/gmock.h>

#include "operator/aggregate_text_internal.h"

namespace weir::operators {
namespace {

using testing::HasSubstr;

TEST(AggregateText, HasAFunctionAnArgumentAndACondition) {
  const auto text = parse_aggregate(" Sum( price * (2 + 1) )  FILTER (where kind = 'a) b' and \"od)d\" > 0 ) ");
  ASSERT_TRUE(text.ok()) << text.error().to_string();
  EXPECT_EQ(text->function, "sum");
  EXPECT_EQ(text->argument, "price * (2 + 1)");
  EXPECT_EQ(text->condition, "kind = 'a) b' and \"od)d\" > 0");
}

TEST(AggregateText, CountsRowsOrValues) {
  EXPECT_EQ(parse_aggregate("count(*)")->argument, "");
  EXPECT_EQ(parse_aggregate("count(a.b)")->argument, "a.b");
}

TEST(AggregateText, SaysWhatIsWrong) {
  const auto why = [](const char* text) { return parse_aggregate(text).error().message(); };
  EXPECT_THAT(why("suum(a)"), HasSubstr("did you mean 'sum'?"));
  EXPECT_THAT(why("sum"), HasSubstr("missing"));
  EXPECT_THAT(why("sum(a"), HasSubstr("not closed"));
  EXPECT_THAT(why("sum('a)"), HasSubstr("not closed"));
  EXPECT_THAT(why("sum()"), HasSubstr("empty"));
  EXPECT_THAT(why("sum(*)"), HasSubstr("only count takes *"));
  EXPECT_THAT(why("count(distinct a)"), HasSubstr("distinct"));
  EXPECT_THAT(why("sum(a) + 1"), HasSubstr("only filter"));
  EXPECT_THAT(why("sum(a) filter (a > 1)"), HasSubstr("only filter"));
  EXPECT_THAT(why("sum(a) filter (where)"), HasSubstr("only filter"));
  EXPECT_THAT(why("sum(a) filter (where a > 1) x"), HasSubstr("only filter"));
}

}  // namespace
}  // namespace weir::operators
