#include "dataflow/counters.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Counters, AreStoredUnderNamesThatDoNotChange) {
  EXPECT_EQ(to_text({.kind = CounterKind::rule_broken, .name = "iata"}), "rule.iata.broken");
  EXPECT_EQ(to_text({.kind = CounterKind::rows_dropped}), "rows.dropped");
  EXPECT_EQ(to_text({.kind = CounterKind::filter_removed, .name = "late"}), "filter.late.removed");
  EXPECT_EQ(to_text({.kind = CounterKind::dedupe_removed, .name = "once"}), "dedupe.once.removed");
  EXPECT_EQ(to_text({.kind = CounterKind::late, .name = "minutes"}), "late.minutes");
  EXPECT_EQ(to_text({.kind = CounterKind::unknown_field, .name = "a.b"}), "unknown.a.b");
  EXPECT_EQ(to_text({.kind = CounterKind::rejected, .reject_class = RejectClass::malformed}), "reject.malformed");
  EXPECT_EQ(to_text({.kind = CounterKind::rejected, .name = "iata", .reject_class = RejectClass::rule}),
            "reject.rule.iata");
}

TEST(Counters, StandInTheOrderOfTheirTexts) {
  Counters counters;
  for (const std::string name : {"b", "a", ""}) {
    for (const CounterKind kind : {CounterKind::unknown_field, CounterKind::rule_broken, CounterKind::late,
                                   CounterKind::filter_removed, CounterKind::dedupe_removed})
      counters[{.kind = kind, .name = name}] = 1;
    for (const RejectClass reject_class : {RejectClass::rule, RejectClass::malformed, RejectClass::expression})
      counters[{.kind = CounterKind::rejected, .name = name, .reject_class = reject_class}] = 1;
  }
  counters[{.kind = CounterKind::rows_dropped}] = 1;
  std::vector<std::string> texts;
  for (const auto& [counter, value] : counters) texts.push_back(to_text(counter));
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end())) << testing::PrintToString(texts);
  EXPECT_EQ(texts.size(), 25U);
  EXPECT_EQ(to_texts(counters).size(), 25U);
}

TEST(Counters, AreAddedByWhatTheyCount) {
  Counters counters{{{.kind = CounterKind::late, .name = "a"}, 2}};
  add_counters(counters,
               {{{.kind = CounterKind::late, .name = "a"}, 3}, {{.kind = CounterKind::late, .name = "b"}, 1}});
  EXPECT_THAT(to_texts(counters), ElementsAre(Pair("late.a", 5), Pair("late.b", 1)));
}

TEST(Counters, SayWhyForPeople) {
  EXPECT_EQ(reject_reason({.kind = CounterKind::rejected, .reject_class = RejectClass::too_deep}), "too_deep");
  EXPECT_EQ(reject_reason({.kind = CounterKind::rejected, .name = "a.b", .reject_class = RejectClass::expression}),
            "expression a.b");
}

}  // namespace
}  // namespace weir
