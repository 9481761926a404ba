#include "lake/partition_groups.h"

#include <map>

#include <gtest/gtest.h>

#include "base/random.h"
#include "columnar/column_builder.h"

namespace weir::lake {
namespace {

/// Two columns with values below the bounds; every seventh value of the second is null.
Batch random_rows(int64_t count, uint64_t number_bound, uint64_t text_bound) {
  SeededRandom random(7);
  FixedBuilder<int64_t> numbers(Type::primitive(TypeKind::int64));
  BytesBuilder texts(Type::primitive(TypeKind::string));
  for (int64_t i = 0; i < count; ++i) {
    numbers.append(static_cast<int64_t>(random.next_u64() % number_bound));
    if (random.next_u64() % 7 == 0)
      texts.append_null();
    else
      texts.append(std::to_string(random.next_u64() % text_bound));
  }
  const auto schema = std::make_shared<const Schema>(
      assign_ids(std::vector<Field>{{.name = "number", .required = true, .type = Type::primitive(TypeKind::int64)},
                                    {.name = "text", .type = Type::primitive(TypeKind::string)}}));
  return Batch(schema, {numbers.finish(), texts.finish()}, count, nullptr);
}

iceberg::PartitionSpec by_both() {
  const iceberg::Transform identity = *iceberg::Transform::parse("identity");
  return {.spec_id = 0,
          .fields = {{.source_id = 1, .field_id = 1000, .name = "number", .transform = identity},
                     {.source_id = 2, .field_id = 1001, .name = "text", .transform = identity}}};
}

std::string key_of(const Batch& batch, int32_t row) {
  const Column& text = batch.column(1);
  return std::to_string(batch.column(0).values_as<int64_t>()[static_cast<size_t>(row)]) +
         (text.is_null(row) ? "" : " " + std::string(text.bytes_at(row)));
}

/// Few values, many values, and so many pairs that no table holds them.
class PartitionGroups : public testing::TestWithParam<std::pair<uint64_t, uint64_t>> {};

TEST_P(PartitionGroups, HoldEachRowOnceWithItsEqualsInOrderOfAppearance) {
  const Batch batch = random_rows(5000, GetParam().first, GetParam().second);
  std::vector<std::string> order;
  std::map<std::string, std::vector<int32_t>> expected;
  for (int32_t row = 0; row < batch.rows(); ++row) {
    std::vector<int32_t>& rows = expected[key_of(batch, row)];
    if (rows.empty()) order.push_back(key_of(batch, row));
    rows.push_back(row);
  }
  const std::vector<PartitionGroup> groups = PartitionSplitter(batch.schema(), by_both()).split(batch);
  ASSERT_EQ(groups.size(), order.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].rows, expected[order[i]]);
    EXPECT_EQ(groups[i].partition.size(), 2U);
    EXPECT_EQ(groups[i].partition[1].is_null(), batch.column(1).is_null(groups[i].rows[0]));
  }
}
INSTANTIATE_TEST_SUITE_P(Bounds, PartitionGroups,
                         testing::Values(std::pair<uint64_t, uint64_t>{1, 1}, std::pair<uint64_t, uint64_t>{24, 16},
                                         std::pair<uint64_t, uint64_t>{40, 300},
                                         std::pair<uint64_t, uint64_t>{2000, 1000}));

}  // namespace
}  // namespace weir::lake
