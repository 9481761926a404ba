#include "format/parquet/encoding/dictionary_gain.h"

#include <unordered_set>

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir::parquet {
namespace {

constexpr int64_t kPageValues = 65'536;
constexpr int64_t kSliceValues = 8'192;

/// What a page of values that `draw(i)` gives looks like, with its last slice looked at by itself.
template <typename Draw>
DictionarySample sample_of(Draw draw, int64_t values = kPageValues) {
  DictionarySample sample;
  sample.values = values;
  sample.values_before = values - kSliceValues;
  sample.plain_bytes = values * 8;
  std::unordered_set<uint64_t> seen;
  for (int64_t i = 0; i < values; ++i) {
    if (i == sample.values_before) sample.distinct_before = static_cast<int64_t>(seen.size());
    seen.insert(draw(static_cast<uint64_t>(i)));
  }
  sample.distinct = static_cast<int64_t>(seen.size());
  sample.dictionary_bytes = sample.distinct * 8;
  return sample;
}

TEST(DictionaryGain, ValuesDrawnAlikeRunOut) {
  SeededRandom random(1);
  for (const uint64_t all : {uint64_t{100}, uint64_t{5'000}, uint64_t{50'000}}) {
    const DictionarySample sample = sample_of([&](uint64_t) { return random.next_u64() % all; });
    const double expected = distinct_expected(sample, 4 * kPageValues);
    EXPECT_NEAR(expected, static_cast<double>(all), static_cast<double>(all) * 0.03) << all;
  }
}

TEST(DictionaryGain, ValuesThatDriftKeepComing) {
  const DictionarySample sample = sample_of([](uint64_t i) { return i / 3; });  // as times do
  const double expected = distinct_expected(sample, 4 * kPageValues);
  EXPECT_NEAR(expected, 4.0 * kPageValues / 3, kPageValues * 0.05);
}

TEST(DictionaryGain, ATimeThatDriftsGetsNoDictionaryThatWouldOverflow) {
  DictionarySample sample = sample_of([](uint64_t i) { return i / 2; });
  sample.values_expected = 4 * kPageValues;
  sample.plain_ratio = 0.5;
  EXPECT_TRUE(dictionary_overflows(sample));
  EXPECT_FALSE(dictionary_pays_surely(sample));
  EXPECT_FALSE(dictionary_pays(sample));
}

TEST(DictionaryGain, FewValuesPaySurely) {
  SeededRandom random(2);
  DictionarySample sample = sample_of([&](uint64_t) { return random.next_u64() % 200; });
  sample.values_expected = 4 * kPageValues;
  EXPECT_TRUE(dictionary_pays_surely(sample));
  EXPECT_FALSE(dictionary_overflows(sample));
}

TEST(DictionaryGain, ALargeDictionaryHasToGainClearly) {
  SeededRandom random(3);
  DictionarySample sample = sample_of([&](uint64_t) { return random.next_u64() % 100'000; });
  sample.values_expected = 4 * kPageValues;
  sample.dictionary_ratio = 0.6;
  sample.plain_ratio = 0.6;
  EXPECT_FALSE(dictionary_pays(sample)) << "it would save a fifth";
  sample.plain_ratio = 1;
  EXPECT_TRUE(dictionary_pays(sample));
}

}  // namespace
}  // namespace weir::parquet
