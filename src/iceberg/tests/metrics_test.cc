#include "iceberg/value/metrics.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"
#include "iceberg/tests/naive_statistics.h"
#include "iceberg/value/bound_truncation.h"

namespace weir::iceberg {
namespace {

TypePtr type(std::string_view name) {
  return *Type::parse_primitive(name);
}

SchemaPtr one_column(TypePtr column_type) {
  return std::make_shared<const Schema>(std::vector<Field>{{.id = 1, .name = "c", .type = std::move(column_type)}});
}

/// What a writer that cuts bounds to what is needed makes of `values`.
ColumnMetrics metrics_of(const TypePtr& column_type, const std::vector<Value>& values,
                         const StringMap& properties = {}) {
  const SchemaPtr schema = one_column(column_type);
  const ColumnStatistics statistics =
      naive_statistics(1, *column_type, values, bound_bytes_needed(*schema, properties));
  return iceberg::metrics_of(*schema, properties, std::span(&statistics, 1));
}

std::vector<Value> strings(const std::vector<std::string>& texts) {
  std::vector<Value> values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.emplace_back(text);
  return values;
}

TEST(Metrics, CountsNullsAndNansApart) {
  const double nan = std::nan("");
  const ColumnMetrics metrics = metrics_of(type("double"), {Value(nan), Value(1.5), Value(), Value(-2.5), Value(nan)});
  EXPECT_EQ(*metrics.value_counts.find(1), 5);
  EXPECT_EQ(*metrics.null_value_counts.find(1), 1);
  EXPECT_EQ(*metrics.nan_value_counts.find(1), 2);
  EXPECT_EQ(*metrics.lower_bounds.find(1), value_to_bytes(*type("double"), Value(-2.5)));
  EXPECT_EQ(*metrics.upper_bounds.find(1), value_to_bytes(*type("double"), Value(1.5)));
}

TEST(Metrics, GivesNoBoundsWithoutValues) {
  for (const ColumnMetrics& metrics : {metrics_of(type("double"), {Value(std::nan("")), Value()}),
                                       metrics_of(type("string"), {Value(), Value()}), metrics_of(type("long"), {})}) {
    EXPECT_TRUE(metrics.lower_bounds.empty());
    EXPECT_TRUE(metrics.upper_bounds.empty());
    EXPECT_EQ(metrics.value_counts.size(), 1U);
  }
  EXPECT_TRUE(metrics_of(type("long"), {}).nan_value_counts.empty());
}

TEST(Metrics, WidensZerosToBothSigns) {
  for (const double zero : {0.0, -0.0}) {
    const ColumnMetrics metrics = metrics_of(type("double"), {Value(zero)});
    EXPECT_TRUE(std::signbit(value_from_bytes(*type("double"), *metrics.lower_bounds.find(1))->as<double>()));
    EXPECT_FALSE(std::signbit(value_from_bytes(*type("double"), *metrics.upper_bounds.find(1))->as<double>()));
  }
  const ColumnMetrics narrow = metrics_of(type("float"), {Value(0.0F), Value(3.0F)});
  EXPECT_TRUE(std::signbit(value_from_bytes(*type("float"), *narrow.lower_bounds.find(1))->as<float>()));
}

TEST(Metrics, BoundsInfinitiesThemselves) {
  const float inf = std::numeric_limits<float>::infinity();
  const ColumnMetrics metrics = metrics_of(type("float"), {Value(inf)});
  EXPECT_EQ(value_from_bytes(*type("float"), *metrics.lower_bounds.find(1))->as<float>(), inf);
  EXPECT_EQ(value_from_bytes(*type("float"), *metrics.upper_bounds.find(1))->as<float>(), inf);
}

TEST(Metrics, CutsStringsTo16CodePoints) {
  const ColumnMetrics metrics =
      metrics_of(type("string"), strings({"abcdefghijklmnopqrst", "zzzzzzzzzzzzzzzzzzzz", "m"}));
  EXPECT_EQ(*metrics.lower_bounds.find(1), "abcdefghijklmnop");
  EXPECT_EQ(*metrics.upper_bounds.find(1), "zzzzzzzzzzzzzzz{");
  const ColumnMetrics whole =
      metrics_of(type("string"), strings({"abcdefghijklmnopqrst"}), {{"write.metadata.metrics.default", "full"}});
  EXPECT_EQ(*whole.upper_bounds.find(1), "abcdefghijklmnopqrst");
}

TEST(Metrics, KeepsEmptyStringsAsBounds) {
  const ColumnMetrics metrics = metrics_of(type("string"), strings({""}));
  EXPECT_EQ(*metrics.lower_bounds.find(1), "");
  EXPECT_EQ(*metrics.upper_bounds.find(1), "");
}

TEST(Metrics, OmitsAnUpperBoundThatCannotBeRaised) {
  const std::string highest = "\xf4\x8f\xbf\xbf";
  std::string text;
  for (int i = 0; i < 20; ++i) text += highest;
  const ColumnMetrics metrics = metrics_of(type("string"), strings({text}));
  EXPECT_EQ(metrics.lower_bounds.find(1)->size(), 64U);
  EXPECT_EQ(metrics.upper_bounds.find(1), nullptr);
  EXPECT_EQ(metrics_of(type("binary"), strings({std::string(17, '\xff')})).upper_bounds.find(1), nullptr);
  EXPECT_EQ(*metrics_of(type("binary"), strings({std::string(16, '\xff')})).upper_bounds.find(1),
            std::string(16, '\xff'));
}

TEST(Metrics, OmitsAnUpperBoundOfLongBytesThatAreNoText) {
  const ColumnMetrics metrics = metrics_of(type("string"), strings({std::string(500, '\x80')}));
  EXPECT_EQ(metrics.upper_bounds.find(1), nullptr);
}

TEST(MetricsModes, FollowTheProperties) {
  std::vector<Field> fields = {{.name = "a", .type = type("string")},
                               {.name = "s", .type = Type::structure({{.name = "b", .type = type("string")}})},
                               {.name = "c", .type = type("long")}};
  const Schema schema(assign_ids(fields));
  const StringMap properties = {{"write.metadata.metrics.default", "counts"},
                                {"write.metadata.metrics.column.s.b", "truncate(4)"},
                                {"write.metadata.metrics.column.c", "nonsense"}};
  const IdMap<ColumnMetricsMode> modes = metrics_modes(schema, properties);
  EXPECT_EQ(modes.find(1)->mode, MetricsMode::counts);
  EXPECT_EQ(*modes.find(4), (ColumnMetricsMode{MetricsMode::truncate, 4}));
  EXPECT_EQ(modes.find(3)->mode, MetricsMode::counts);
  EXPECT_EQ(modes.find(2), nullptr);
  const IdMap<ColumnMetricsMode> limited =
      metrics_modes(schema, {{"write.metadata.metrics.max-inferred-column-defaults", "1"}});
  EXPECT_EQ(*limited.find(1), (ColumnMetricsMode{MetricsMode::truncate, 16}));
  EXPECT_EQ(limited.find(3)->mode, MetricsMode::none);
  ColumnMetricsMode mode;
  for (const char* text :
       {"truncate", "truncate()", "truncate(0)", "truncate(-1)", "truncate(1", "truncate(9999999999)", "Full", ""}) {
    EXPECT_FALSE(ColumnMetricsMode::parse(text, mode)) << text;
  }
}

TEST(MetricsModes, LeaveOutWhatIsNotAskedFor) {
  const ColumnMetrics none = metrics_of(type("double"), {Value(1.0)}, {{"write.metadata.metrics.default", "none"}});
  EXPECT_TRUE(none.value_counts.empty());
  const ColumnMetrics counts =
      metrics_of(type("double"), {Value(1.0), Value(std::nan(""))}, {{"write.metadata.metrics.default", "counts"}});
  EXPECT_EQ(*counts.nan_value_counts.find(1), 1);
  EXPECT_TRUE(counts.lower_bounds.empty());
}

TEST(BoundTruncation, RaisesTheLastCodePointThatCanBeRaised) {
  EXPECT_EQ(truncate_text_upper("abc", 3), "abc");
  EXPECT_EQ(truncate_text_upper("abcd", 3), "abd");
  EXPECT_EQ(truncate_text_upper("a\x7f"
                                "bc",
                                2),
            "a\xc2\x80");
  EXPECT_EQ(truncate_text_upper("aé"
                                "x",
                                2),
            "aê");
  EXPECT_EQ(truncate_text_upper("a\xf4\x8f\xbf\xbf"
                                "x",
                                2),
            "b");
  EXPECT_EQ(truncate_text_upper("\xed\x9f\xbf"
                                "x",
                                1),
            "\xee\x80\x80")
      << "U+D7FF is followed by U+E000";
  EXPECT_EQ(truncate_text_upper("\xf4\x8f\xbf\xbf"
                                "x",
                                1),
            std::nullopt);
  EXPECT_EQ(truncate_text_upper("\xff"
                                "x",
                                1),
            std::nullopt);
  EXPECT_EQ(truncate_text_lower("aéx", 2), "aé");
  EXPECT_EQ(truncate_bytes_upper("a\xff"
                                 "b",
                                 2),
            "b");
  EXPECT_EQ(truncate_bytes_upper("\xff\xff", 1), std::nullopt);
}

Value random_value(const TypePtr& column_type, SeededRandom& random) {
  const uint64_t bits = random.next_u64();
  if (bits % 7 == 0) return {};
  const int64_t number = static_cast<int64_t>(random.next_u64()) >> (random.next_u64() % 64);
  switch (column_type->kind()) {
    case TypeKind::boolean: return Value(bits % 2 == 0);
    case TypeKind::int32:
    case TypeKind::date: return Value(static_cast<int32_t>(number));
    case TypeKind::float32: return Value(bits % 11 == 1 ? std::nanf("") : std::ldexp(static_cast<float>(number), -20));
    case TypeKind::float64: return Value(bits % 11 == 1 ? std::nan("") : std::ldexp(static_cast<double>(number), -20));
    case TypeKind::decimal: return Value(Int128{number} * 1'000'003);
    case TypeKind::uuid:
    case TypeKind::fixed: {
      std::string bytes;
      while (bytes.size() < static_cast<size_t>(column_type->width_bytes()))
        bytes += static_cast<char>(random.next_u64() % 3 == 0 ? random.next_u64() : 0xff);
      return Value(bytes);
    }
    case TypeKind::binary: {
      std::string bytes;
      for (uint64_t i = random.next_u64() % 40; i > 0; --i)
        bytes += static_cast<char>(random.next_u64() % 3 == 0 ? random.next_u64() : 0xff);
      return Value(bytes);
    }
    case TypeKind::string: {
      static constexpr std::string_view kParts[] = {
          "a", "ab", "é", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf", "😀", std::string_view("\0", 1), "common-prefix-"};
      std::string text;
      for (uint64_t i = random.next_u64() % 30; i > 0; --i) text += kParts[random.next_u64() % std::size(kParts)];
      return Value(text);
    }
    default: return Value(number);
  }
}

TEST(Metrics, BoundsAlwaysContainTheData) {
  SeededRandom random(20);
  for (const char* name : {"boolean", "int", "long", "float", "double", "decimal(38, 2)", "date", "time", "timestamp",
                           "timestamptz", "string", "uuid", "fixed[20]", "binary"}) {
    const TypePtr column_type = type(name);
    for (int round = 0; round < 150; ++round) {
      const std::string mode = round % 3 == 0 ? "full" : "truncate(" + std::to_string(1 + random.next_u64() % 20) + ")";
      std::vector<Value> all;
      for (uint64_t i = random.next_u64() % 400; i > 0; --i) all.push_back(random_value(column_type, random));
      const ColumnMetrics metrics = metrics_of(column_type, all, {{"write.metadata.metrics.default", mode}});
      const std::string* lower = metrics.lower_bounds.find(1);
      const std::string* upper = metrics.upper_bounds.find(1);
      int64_t nulls = 0;
      int64_t nans = 0;
      for (const Value& value : all) {
        nulls += value.is_null();
        nans += is_nan(value);
        if (value.is_null() || is_nan(value)) continue;
        ASSERT_NE(lower, nullptr);
        ASSERT_TRUE(std::is_lteq(compare_values(*column_type, *value_from_bytes(*column_type, *lower), value)))
            << name << " " << mode;
        if (upper != nullptr) {
          ASSERT_TRUE(std::is_gteq(compare_values(*column_type, *value_from_bytes(*column_type, *upper), value)))
              << name << " " << mode;
        }
      }
      ASSERT_EQ(*metrics.value_counts.find(1), static_cast<int64_t>(all.size()));
      ASSERT_EQ(*metrics.null_value_counts.find(1), nulls);
      if (const int64_t* found = metrics.nan_value_counts.find(1)) {
        ASSERT_EQ(*found, nans);
      }
      if (round % 3 == 0 && lower != nullptr && upper != nullptr && column_type->kind() != TypeKind::float32 &&
          column_type->kind() != TypeKind::float64) {
        const auto is = [&](const std::string& bound) {
          return std::any_of(all.begin(), all.end(), [&](const Value& value) {
            return !value.is_null() && value_to_bytes(*column_type, value) == bound;
          });
        };
        ASSERT_TRUE(is(*lower) && is(*upper)) << "full bounds are values themselves";
      }
    }
  }
}

}  // namespace
}  // namespace weir::iceberg
