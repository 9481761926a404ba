#include <cstdio>
#include <thread>

#include <gtest/gtest.h>
#include <malloc.h>

#include "expression/tests/batch_fixture.h"

namespace weir::expression {
namespace {

/// Resident bytes of this process.
int64_t resident_bytes() {
  long pages = 0;
  long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%ld %ld", &pages, &resident);
  std::fclose(file);
  return read == 2 ? resident * 4096 : 0;
}

SchemaPtr input() {
  return make_schema({{"n", type_of(TypeKind::int64)},
                      {"s", type_of(TypeKind::string)},
                      {"tags", Type::list(Field{.name = "element", .type = type_of(TypeKind::string)})}});
}

/// Freed memory stays resident for a while under the address sanitizer.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kMemoryCanBeMeasured = false;
#else
constexpr bool kMemoryCanBeMeasured = true;
#endif

TEST(Endurance, TenThousandExecutionsDoNotGrowMemory) {
  const Batch batch = random_batch(input(), 500, 1);
  auto condition = BooleanExpression::bind("n > 3 and s <> 'a'", input()).value();
  const std::vector<SelectItem> items = {
      {.sql = "n"}, {.sql = "s || s as twice"}, {.sql = "list_transform(tags, t -> upper(t)) as loud"}};
  auto projection = Projection::bind(items, input()).value();
  const std::vector<std::string> rule_texts = {"n > 0", "length(s) < 20", "try_cast(s as int) is null"};
  auto rules = RuleExpressions::bind(rule_texts, input()).value();
  auto failing = BooleanExpression::bind("cast(s as int) > 3", input()).value();
  const Batch few = random_batch(input(), 5, 2);
  const auto once = [&] {
    ASSERT_TRUE(condition->select(batch).ok());
    ASSERT_TRUE(projection->apply(batch).ok());
    ASSERT_TRUE(rules->evaluate(batch).ok());
    ASSERT_TRUE(failing->select(few).ok());
  };
  for (int i = 0; i < 500; ++i) once();
  malloc_trim(0);
  const int64_t before = resident_bytes();
  for (int i = 0; i < 2000; ++i) once();  // 2,000 x (3 + failures) executions
  malloc_trim(0);
  const int64_t grown = resident_bytes() - before;
  EXPECT_TRUE(!kMemoryCanBeMeasured || grown < (4 << 20)) << grown;
}

TEST(Endurance, BoundExpressionsGiveTheirMemoryBack) {
  const auto engine = Engine::shared().value();
  const auto once = [&] {
    auto condition = BooleanExpression::bind("n > 3 and s <> 'a'", input(), {.engine = engine});
    ASSERT_TRUE(condition.ok());
  };
  for (int i = 0; i < 100; ++i) once();
  malloc_trim(0);
  const int64_t before = resident_bytes();
  for (int i = 0; i < 500; ++i) once();
  malloc_trim(0);
  const int64_t grown = resident_bytes() - before;
  EXPECT_TRUE(!kMemoryCanBeMeasured || grown < (4 << 20)) << grown;
}

TEST(Endurance, ExpressionsOfOneEngineWorkOnTwoThreads) {
  const auto engine = Engine::open().value();
  const SchemaPtr schema = input();
  const auto work = [&](uint64_t seed) {
    SeededRandom random(seed);
    for (int round = 0; round < 20; ++round) {
      auto condition = BooleanExpression::bind("n % 7 = " + std::to_string(seed), schema, {.engine = engine});
      ASSERT_TRUE(condition.ok());
      for (int i = 0; i < 20; ++i) {
        const Batch batch = random_batch(schema, 3000, random.next_u64());
        const auto selected = (*condition)->select(batch);
        ASSERT_TRUE(selected.ok()) << selected.error().to_string();
        std::vector<int32_t> expected;
        const auto numbers = integers(batch.column(0));
        for (size_t row = 0; row < numbers.size(); ++row) {
          if (numbers[row] && *numbers[row] % 7 == static_cast<int64_t>(seed))
            expected.push_back(static_cast<int32_t>(row));
        }
        ASSERT_EQ(selected->rows, expected);
      }
    }
  };
  std::thread other(work, 1);
  work(2);
  other.join();
}

TEST(Endurance, TheSharedEngineLivesAsLongAsItsUsers) {
  std::weak_ptr<Engine> seen;
  auto condition = BooleanExpression::bind("n > 3", input()).value();
  {
    const auto first = Engine::shared().value();
    EXPECT_EQ(first, Engine::shared().value());
    seen = first;
  }
  EXPECT_FALSE(seen.expired());
  EXPECT_TRUE(condition->select(random_batch(input(), 10, 1)).ok());
}

}  // namespace
}  // namespace weir::expression
