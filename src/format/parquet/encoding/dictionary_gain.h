/// \file
/// Whether a dictionary pays.
#pragma once

#include <cstdint>

namespace weir::parquet {

/// What is known of a chunk that is being encoded.
struct DictionarySample {
  int64_t values = 0;
  int64_t distinct = 0;
  int64_t values_before = 0;     ///< those in front of the last part of `values`; 0: not known
  int64_t distinct_before = 0;   ///< of these
  int64_t plain_bytes = 0;       ///< of all values, plain
  int64_t dictionary_bytes = 0;  ///< of the distinct ones
  int64_t values_expected = 0;   ///< in the whole chunk, >= values
  /// What encoding without a dictionary and compression leave of plain_bytes, and compression of dictionary_bytes.
  double plain_ratio = 1;
  double dictionary_ratio = 1;
};

/// How many distinct values `count` values have when `values` of them, drawn alike, had `distinct`.
double distinct_expected(int64_t values, int64_t distinct, int64_t count);

/// The same of a sample whose last values are looked at by themselves: when they bring more new ones than values drawn
/// alike would, as times and counters do, it goes on like that.
double distinct_expected(const DictionarySample& sample, int64_t count);

/// True when few enough values differ that a dictionary pays whatever compression does: the ratios need not be known.
bool dictionary_pays_surely(const DictionarySample& sample);

/// True when the whole chunk is expected to become smaller by a dictionary than plain, both after compression: clearly
/// smaller when the dictionary will be too large for a core's cache.
bool dictionary_pays(const DictionarySample& sample);

/// True when a few full pages, which is what `values_expected` is here, will hold more than a dictionary takes: then
/// looking on is time wasted.
bool dictionary_overflows(const DictionarySample& sample);

/// True when so many values of a sample differ that looking on is time wasted.
bool is_nearly_unique(int64_t values, int64_t distinct);

}  // namespace weir::parquet
