#include "dataflow/counter_names.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using Kind = CounterName::Kind;

TEST(CounterNames, AreStable) {
  EXPECT_EQ(rule_broken_counter("iata"), "rule.iata.broken");
  EXPECT_EQ(filter_removed_counter("late"), "filter.late.removed");
  EXPECT_EQ(dedupe_removed_counter("once"), "dedupe.once.removed");
  EXPECT_EQ(late_counter("minutes"), "late.minutes");
  EXPECT_EQ(rejected_counter(RejectClass::malformed), "reject.malformed");
  EXPECT_EQ(rejected_counter(RejectClass::rule, "iata"), "reject.rule.iata");
  EXPECT_EQ(kRowsDroppedCounter, "rows.dropped");
}

TEST(CounterNames, ReadBackWhatWasMadeDotsInNamesIncluded) {
  for (const std::string name : {"iata", "a.b", "x.broken", ".removed"}) {
    const std::string broken = rule_broken_counter(name);
    ASSERT_TRUE(parse_counter(broken));
    EXPECT_EQ(parse_counter(broken)->kind, Kind::rule_broken);
    EXPECT_EQ(parse_counter(broken)->name, name);

    const std::string removed = filter_removed_counter(name);
    ASSERT_TRUE(parse_counter(removed));
    EXPECT_EQ(parse_counter(removed)->kind, Kind::filter_removed);
    EXPECT_EQ(parse_counter(removed)->name, name);

    const std::string known = dedupe_removed_counter(name);
    ASSERT_TRUE(parse_counter(known));
    EXPECT_EQ(parse_counter(known)->kind, Kind::dedupe_removed);
    EXPECT_EQ(parse_counter(known)->name, name);

    const std::string late = late_counter(name);
    ASSERT_TRUE(parse_counter(late));
    EXPECT_EQ(parse_counter(late)->kind, Kind::late);
    EXPECT_EQ(parse_counter(late)->name, name);

    const std::string rejected = rejected_counter(RejectClass::expression, name);
    ASSERT_TRUE(parse_counter(rejected));
    EXPECT_EQ(parse_counter(rejected)->kind, Kind::rejected);
    EXPECT_EQ(parse_counter(rejected)->reject_class, "expression");
    EXPECT_EQ(parse_counter(rejected)->name, name);
  }
  EXPECT_EQ(parse_counter("reject.too_large")->reject_class, "too_large");
  EXPECT_EQ(parse_counter("reject.too_large")->name, "");
  EXPECT_EQ(parse_counter(kRowsDroppedCounter)->kind, Kind::rows_dropped);
}

TEST(CounterNames, NothingElseIsRead) {
  for (const char* text : {"", "rule", "rule.broken", "rule.a", "filter.removed", "filter.a.broken", "rows", "reject"})
    EXPECT_FALSE(parse_counter(text)) << text;
}

}  // namespace
}  // namespace weir
