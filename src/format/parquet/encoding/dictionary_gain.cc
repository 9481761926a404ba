#include "format/parquet/encoding/dictionary_gain.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::parquet {
namespace {

/// A little below the limit of a dictionary: one that overflows costs its bytes and gains nothing for later pages.
constexpr double kDictionaryBytesExpectedMax = 0.9 * 1024 * 1024;
/// Index bits of a byte of plain values, at most, and values that each entry stands for, at least, when it pays surely.
constexpr double kSureIndexBits = 2;
constexpr double kSureRepeats = 16;
/// A dictionary of more entries costs more time than encoding plain does, and has to gain so much for it.
constexpr double kCachedEntriesMax = 32 * 1024;
constexpr double kLargeDictionaryGain = 0.75;
constexpr int64_t kSampleValues = 4096;
/// The last values bring so many times as many new ones as drawn alike, and so much more, when a column drifts.
constexpr double kDriftRatio = 1.5;
constexpr double kDriftShareMin = 0.02;

/// Of how many values `values` were drawn when `distinct` of them, fewer, are seen: of D values drawn n times,
/// D (1 - exp(-n / D)) are, solved for D by halving.
double drawn_from(int64_t values, int64_t distinct) {
  const auto n = static_cast<double>(values);
  const auto seen = static_cast<double>(distinct);
  double low = seen;
  double high = n * n;
  for (int step = 0; step < 40 && high > low * 1.01; ++step) {
    const double middle = std::sqrt(low * high);
    if (middle * -std::expm1(-n / middle) < seen)
      low = middle;
    else
      high = middle;
  }
  return high;
}

}  // namespace

double distinct_expected(int64_t values, int64_t distinct, int64_t count) {
  if (distinct >= values) return static_cast<double>(count);
  const double all = drawn_from(values, distinct);
  return all * -std::expm1(-static_cast<double>(count) / all);
}

double distinct_expected(const DictionarySample& sample, int64_t count) {
  const double alike = distinct_expected(sample.values, sample.distinct, count);
  const int64_t last = sample.values - sample.values_before;
  if (sample.values_before == 0 || last == 0 || sample.distinct >= sample.values) return alike;
  const double all = drawn_from(sample.values, sample.distinct);
  const double new_share = static_cast<double>(sample.distinct - sample.distinct_before) / static_cast<double>(last);
  const double before_share = std::exp(-static_cast<double>(sample.values_before) / all);
  if (new_share < kDriftRatio * before_share + kDriftShareMin) return alike;
  // As a power of the number of values (Heaps' law), which is a straight line when all new ones keep coming.
  const auto seen = static_cast<double>(sample.distinct);
  const double exponent = std::min(1.0, new_share * static_cast<double>(sample.values) / seen);
  return seen * std::pow(static_cast<double>(count) / static_cast<double>(sample.values), exponent);
}

bool dictionary_pays_surely(const DictionarySample& sample) {
  if (sample.values == 0) return false;
  const int64_t count = std::max(sample.values, sample.values_expected);
  const double distinct = distinct_expected(sample, count);
  const double bits = 64 - std::countl_zero(static_cast<uint64_t>(distinct));
  const double plain_bytes = static_cast<double>(sample.plain_bytes) / static_cast<double>(sample.values);
  return distinct * kSureRepeats < static_cast<double>(count) && bits < plain_bytes * kSureIndexBits &&
         distinct < kCachedEntriesMax;
}

bool dictionary_pays(const DictionarySample& sample) {
  if (sample.values == 0) return false;
  const int64_t count = std::max(sample.values, sample.values_expected);
  const double distinct = distinct_expected(sample, count);
  const double value_bytes = static_cast<double>(sample.dictionary_bytes) / static_cast<double>(sample.distinct);
  const double plain_bytes = static_cast<double>(sample.plain_bytes) / static_cast<double>(sample.values);
  if (distinct * value_bytes > kDictionaryBytesExpectedMax) return false;
  const int bits = 64 - std::countl_zero(static_cast<uint64_t>(distinct));
  const double rows = static_cast<double>(count);
  const double gain = distinct > kCachedEntriesMax ? kLargeDictionaryGain : 1;
  return distinct * value_bytes * sample.dictionary_ratio + rows * bits / 8 <
         rows * plain_bytes * sample.plain_ratio * gain;
}

bool dictionary_overflows(const DictionarySample& sample) {
  if (sample.values < kSampleValues || sample.distinct == 0) return false;
  const double value_bytes = static_cast<double>(sample.dictionary_bytes) / static_cast<double>(sample.distinct);
  return distinct_expected(sample, std::max(sample.values, sample.values_expected)) * value_bytes >
         kDictionaryBytesExpectedMax;
}

bool is_nearly_unique(int64_t values, int64_t distinct) {
  return values >= kSampleValues && distinct * 100 > values * 97;
}

}  // namespace weir::parquet
