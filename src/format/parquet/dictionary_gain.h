/// \file
/// Whether a dictionary pays.
#pragma once

#include <cstdint>

namespace weir::parquet {

/// What compression leaves of plain values that repeat, and of floats whose bytes were split: measured on events.
inline constexpr double kPlainRatio = 0.5;
inline constexpr double kSplitRatio = 0.6;

/// What is known of a chunk that is being encoded.
struct DictionarySample {
  int64_t values = 0;
  int64_t distinct = 0;
  int64_t plain_bytes = 0;           ///< of all values, plain
  int64_t dictionary_bytes = 0;      ///< of the distinct ones
  int64_t values_expected = 0;       ///< in the whole chunk, >= values
  double plain_ratio = kPlainRatio;  ///< what encoding without a dictionary and compression leave of plain_bytes
};

/// How many distinct values `count` values have when `values` of them, drawn alike, had `distinct`.
double distinct_expected(int64_t values, int64_t distinct, int64_t count);

/// True when the whole chunk is expected to become smaller by a dictionary than plain, both after compression.
bool dictionary_pays(const DictionarySample& sample);

/// True when so many values of a sample differ that looking on is time wasted.
bool is_nearly_unique(int64_t values, int64_t distinct);

}  // namespace weir::parquet
