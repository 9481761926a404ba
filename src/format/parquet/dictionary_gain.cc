#include "format/parquet/dictionary_gain.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::parquet {
namespace {

/// A little below the limit of a dictionary: one that overflows costs its bytes and gains nothing for later pages.
constexpr double kDictionaryBytesExpectedMax = 0.9 * 1024 * 1024;
constexpr double kDictionaryRatio = 0.6;  // what compression leaves of a dictionary
constexpr int64_t kSampleValues = 4096;

}  // namespace

double distinct_expected(int64_t values, int64_t distinct, int64_t count) {
  if (distinct >= values) return static_cast<double>(count);
  // Of D values drawn n times, D (1 - exp(-n / D)) are seen: solved for D by halving.
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
  return high * -std::expm1(-static_cast<double>(count) / high);
}

bool dictionary_pays(const DictionarySample& sample) {
  if (sample.values == 0) return false;
  const int64_t count = std::max(sample.values, sample.values_expected);
  const double distinct = distinct_expected(sample.values, sample.distinct, count);
  const double value_bytes = static_cast<double>(sample.dictionary_bytes) / static_cast<double>(sample.distinct);
  const double plain_bytes = static_cast<double>(sample.plain_bytes) / static_cast<double>(sample.values);
  if (distinct * value_bytes > kDictionaryBytesExpectedMax) return false;
  const int bits = 64 - std::countl_zero(static_cast<uint64_t>(distinct));
  const double rows = static_cast<double>(count);
  return distinct * value_bytes * kDictionaryRatio + rows * bits / 8 < rows * plain_bytes * sample.plain_ratio;
}

bool is_nearly_unique(int64_t values, int64_t distinct) {
  return values >= kSampleValues && distinct * 100 > values * 97;
}

}  // namespace weir::parquet
