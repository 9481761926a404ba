/// \file
/// The inner loops of the metrics collector: the smallest and the largest of many values.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "columnar/column.h"

namespace weir::iceberg {

/// Calls `visit(begin, end)` for runs of present rows, ascending; `validity` null means that all rows are present.
template <typename Visit>
void for_each_run(const uint8_t* validity, int64_t rows, Visit visit) {
  if (rows == 0) return;
  if (validity == nullptr) return visit(int64_t{0}, rows);
  for (int64_t base = 0; base < rows; base += 64) {
    const int64_t count = rows - base < 64 ? rows - base : 64;
    uint64_t word = 0;
    std::memcpy(&word, validity + base / 8, static_cast<size_t>((count + 7) / 8));
    if (count < 64) word &= (uint64_t{1} << count) - 1;
    for (int64_t at = base; word != 0;) {
      const int zeros = std::countr_zero(word);
      word >>= zeros;
      at += zeros;
      const int ones = std::countr_one(word);
      visit(at, at + ones);
      at += ones;
      word = ones == 64 ? 0 : word >> ones;
    }
  }
}

/// Reads value `i`; decimals need not be aligned.
template <typename T>
T load_value(const uint8_t* values, int64_t i) {
  T value;
  std::memcpy(&value, values + static_cast<size_t>(i) * sizeof(T), sizeof(T));
  return value;
}

/// Integers, dates, times, decimals.
template <typename T>
struct NumberRange {
  bool any = false;
  T lower{};
  T upper{};

  void add(const Column& column, const uint8_t* validity) {
    const uint8_t* values = column.values.data();
    for_each_run(validity, column.length, [&](int64_t begin, int64_t end) {
      T low = any ? lower : load_value<T>(values, begin);
      T high = any ? upper : low;
      for (int64_t i = begin; i < end; ++i) {
        const T value = load_value<T>(values, i);
        low = value < low ? value : low;
        high = value > high ? value : high;
      }
      lower = low;
      upper = high;
      any = true;
    });
  }
};

/// Floats: NaN is counted and stays out of the range.
template <typename T>
struct FloatRange {
  int64_t nans = 0;
  int64_t numbers = 0;
  T lower{};
  T upper{};

  void add(const Column& column, const uint8_t* validity) {
    const uint8_t* values = column.values.data();
    for_each_run(validity, column.length, [&](int64_t begin, int64_t end) {
      T low = numbers != 0 ? lower : std::numeric_limits<T>::infinity();
      T high = numbers != 0 ? upper : -std::numeric_limits<T>::infinity();
      int64_t run_nans = 0;
      for (int64_t i = begin; i < end; ++i) {
        const T value = load_value<T>(values, i);
        low = value < low ? value : low;  // false for NaN
        high = value > high ? value : high;
        run_nans += value != value ? 1 : 0;  // NOLINT(misc-redundant-expression): true for NaN, and vectorized
      }
      lower = low;
      upper = high;
      nans += run_nans;
      numbers += end - begin - run_nans;
    });
  }
};

struct BooleanRange {
  bool any_true = false;
  bool any_false = false;

  void add(const Column& column, const uint8_t* validity) {
    for_each_run(validity, column.length, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end && !(any_true && any_false); ++i)
        (column.boolean_at(i) ? any_true : any_false) = true;
    });
  }
};

/// Strings and other bytes, in unsigned order. Keeps the first `keep_bytes` bytes of a bound; what is longer is marked
/// as cut.
///
/// Almost every value is settled by comparing its first eight bytes, as one big-endian number, with those of the
/// bounds.
class BytesRange {
 public:
  explicit BytesRange(size_t keep_bytes) : keep_bytes_(keep_bytes) {}

  bool any() const { return any_; }
  const std::string& lower() const { return lower_; }
  const std::string& upper() const { return upper_; }
  bool lower_is_cut() const { return lower_is_cut_; }
  bool upper_is_cut() const { return upper_is_cut_; }

  void add(const Column& column, const uint8_t* validity) {
    const char* const end_of_values = reinterpret_cast<const char*>(column.values.data()) + column.values.size();
    const bool has_offsets = !column.offsets.empty();
    const auto width = has_offsets ? size_t{0} : static_cast<size_t>(column.type->width_bytes());
    const auto* base = reinterpret_cast<const char*>(column.values.data());
    const auto* offsets = reinterpret_cast<const int32_t*>(column.offsets.data());
    for_each_run(validity, column.length, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const std::string_view value =
            has_offsets ? std::string_view(base + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i]))
                        : std::string_view(base + static_cast<size_t>(i) * width, width);
        add_value(value, head_of(value, end_of_values));
      }
    });
  }

 private:
  /// The first eight bytes as a big-endian number, missing ones as zeros. `end`: up to where bytes may be read.
  static uint64_t head_of(std::string_view value, const char* end) {
    uint64_t head = 0;
    if (end - value.data() >= 8) {
      std::memcpy(&head, value.data(), 8);
      head = __builtin_bswap64(head);
      if (value.size() >= 8) return head;
      return value.empty() ? 0 : head & (~uint64_t{0} << (64 - 8 * value.size()));
    }
    for (size_t i = 0; i < value.size() && i < 8; ++i)
      head |= uint64_t{static_cast<unsigned char>(value[i])} << (56 - 8 * i);
    return head;
  }

  void add_value(std::string_view value, uint64_t head) {
    if (!any_) [[unlikely]] {
      any_ = true;
      set(value, head, lower_, lower_head_, lower_is_cut_);
      set(value, head, upper_, upper_head_, upper_is_cut_);
      return;
    }
    if (head < lower_head_ || (head == lower_head_ && is_below_lower(value)))
      set(value, head, lower_, lower_head_, lower_is_cut_);
    if (head > upper_head_ || (head == upper_head_ && is_above_upper(value)))
      set(value, head, upper_, upper_head_, upper_is_cut_);
  }
  // With equal heads. Of two values within their heads the longer is the larger, since it goes on with zeros: no call
  // for the many short values that equal a bound.
  bool is_below_lower(std::string_view value) const {
    if (value.size() <= sizeof(uint64_t) && lower_.size() <= sizeof(uint64_t)) return cut(value).size() < lower_.size();
    return cut(value) < lower_;
  }
  /// A value as long as the bound or longer, with the same kept bytes, only marks it as cut.
  bool is_above_upper(std::string_view value) {
    if (value.size() <= keep_bytes_ && value.size() <= sizeof(uint64_t) && upper_.size() <= sizeof(uint64_t))
      return value.size() > upper_.size();
    const int order = cut(value).compare(upper_);
    if (order == 0 && value.size() > upper_.size()) upper_is_cut_ = true;
    return order > 0;
  }
  std::string_view cut(std::string_view value) const { return value.substr(0, keep_bytes_); }
  void set(std::string_view value, uint64_t head, std::string& bound, uint64_t& bound_head, bool& is_cut) {
    bound.assign(cut(value));
    bound_head = head;
    is_cut = value.size() > keep_bytes_;
  }

  size_t keep_bytes_;
  bool any_ = false;
  bool lower_is_cut_ = false;
  bool upper_is_cut_ = false;
  std::string lower_;
  std::string upper_;
  uint64_t lower_head_ = 0;
  uint64_t upper_head_ = 0;
};

}  // namespace weir::iceberg
