/// \file
/// The smallest and the largest of many values, page after page.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::parquet {

/// Integers in signed order; floats without NaNs, which are counted.
template <typename T>
struct NumberRange {
  int64_t nans = 0;
  bool any = false;
  T lower = std::numeric_limits<T>::max();
  T upper = std::numeric_limits<T>::lowest();

  void add(std::span<const T> values) {
    if constexpr (std::is_floating_point_v<T>) {
      T low = any ? lower : std::numeric_limits<T>::infinity();
      T high = any ? upper : -std::numeric_limits<T>::infinity();
      int64_t found_nans = 0;
      for (const T value : values) {
        low = value < low ? value : low;  // false for NaN
        high = value > high ? value : high;
        found_nans += value != value ? 1 : 0;  // NOLINT(misc-redundant-expression): true for NaN
      }
      nans += found_nans;
      if (found_nans == static_cast<int64_t>(values.size())) return;
      set(low, high);
    } else {
      if (values.empty()) return;
      T low = lower;
      T high = upper;
      for (const T value : values) {
        low = value < low ? value : low;
        high = value > high ? value : high;
      }
      set(low, high);
    }
  }
  void merge(const NumberRange& other) {
    nans += other.nans;
    if (!other.any) return;
    set(any && lower < other.lower ? lower : other.lower, any && upper > other.upper ? upper : other.upper);
  }

 private:
  /// Zeros of both signs are one value to the loops, but readers order them.
  void set(T low, T high) {
    any = true;
    lower = low == T{0} ? -T{0} : low;
    upper = high == T{0} ? T{0} : high;
  }
};

/// Bytes in unsigned order; `is_signed`: big-endian two's complement of one length, in the order of the numbers. Keeps
/// the first `keep_bytes` bytes of a bound; what is longer is marked as cut.
///
/// Almost every value is settled by comparing its first eight bytes, as one big-endian number, with those of the
/// bounds.
class BytesRange {
 public:
  explicit BytesRange(size_t keep_bytes, bool is_signed = false)
      : keep_bytes_(keep_bytes), flip_(is_signed ? uint64_t{1} << 63 : 0) {}

  bool any() const { return any_; }
  const std::string& lower() const { return lower_.bytes; }
  const std::string& upper() const { return upper_.bytes; }
  bool lower_is_cut() const { return lower_.is_cut; }
  bool upper_is_cut() const { return upper_.is_cut; }
  void clear() { any_ = false; }
  int64_t memory_bytes() const { return static_cast<int64_t>(lower_.bytes.capacity() + upper_.bytes.capacity()); }

  /// `end`: up to where bytes may be read.
  void add(std::string_view value, const char* end) {
    const uint64_t head = head_of(value, end) ^ flip_;
    if (any_ && head > lower_.head && head < upper_.head) return;
    add_value(value, head, false);
  }
  void merge(const BytesRange& other) {
    if (!other.any_) return;
    add_value(other.lower_.bytes, other.lower_.head, other.lower_.is_cut);
    add_value(other.upper_.bytes, other.upper_.head, other.upper_.is_cut);
  }
  /// Orders a bound's kept bytes.
  bool lower_is_below(const BytesRange& other) const { return is_below(lower_, other.lower_); }
  bool upper_is_below(const BytesRange& other) const { return is_below(upper_, other.upper_); }

 private:
  struct Bound {
    std::string bytes;
    uint64_t head = 0;
    bool is_cut = false;
  };

  static bool is_below(const Bound& a, const Bound& b) {
    return a.head != b.head ? a.head < b.head : std::string_view(a.bytes) < std::string_view(b.bytes);
  }

  /// The first eight bytes as a big-endian number, missing ones as zeros.
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

  void add_value(std::string_view value, uint64_t head, bool was_cut) {
    if (!any_) {
      any_ = true;
      set(value, head, was_cut, lower_);
      set(value, head, was_cut, upper_);
      return;
    }
    const std::string_view kept = value.substr(0, keep_bytes_);
    if (head < lower_.head || (head == lower_.head && kept < lower_.bytes)) set(value, head, was_cut, lower_);
    if (head < upper_.head) return;
    // A value with the bound's kept bytes that goes on only marks it as cut.
    const int order = head > upper_.head ? 1 : kept.compare(upper_.bytes);
    if (order > 0) set(value, head, was_cut, upper_);
    if (order == 0 && (was_cut || value.size() > upper_.bytes.size())) upper_.is_cut = true;
  }
  void set(std::string_view value, uint64_t head, bool was_cut, Bound& bound) {
    bound.bytes.assign(value.substr(0, keep_bytes_));
    bound.head = head;
    bound.is_cut = was_cut || value.size() > keep_bytes_;
  }

  size_t keep_bytes_;
  uint64_t flip_;
  bool any_ = false;
  Bound lower_;
  Bound upper_;
};

/// Shortens a bound of a file's statistics to at most `size` bytes; text stays UTF-8 if it was. The upper bound grows
/// in its last character that can; false when none can: then there is no bound.
std::string shortened_lower(std::string_view bytes, size_t size, bool is_text);
bool shortened_upper(std::string_view bytes, size_t size, bool is_text, std::string& shortened);

}  // namespace weir::parquet
