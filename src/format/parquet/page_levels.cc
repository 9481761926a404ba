#include "format/parquet/page_levels.h"

#include <algorithm>
#include <cstring>

namespace weir::parquet {
namespace {

constexpr size_t kLengthBytes = sizeof(uint32_t);

/// Appends `count` bits of `from`, which begin at bit `from_begin`, to `to`, which holds `to_count` bits.
void append_bits(const uint8_t* from, int64_t from_begin, int64_t count, Bytes& to, int64_t to_count) {
  if ((from_begin & 7) == 0 && (to_count & 7) == 0) {
    to.append(from + from_begin / 8, static_cast<size_t>((count + 7) / 8));
    const int rest = static_cast<int>(count & 7);
    if (rest != 0) to.back() = static_cast<uint8_t>(to.back() & ((1U << rest) - 1));
    return;
  }
  to.append_zeros(static_cast<size_t>((to_count + count + 7) / 8) - to.size());
  uint8_t* const bytes = to.data();
  for (int64_t i = 0; i < count; ++i) {
    const unsigned bit = (from[(from_begin + i) >> 3] >> ((from_begin + i) & 7)) & 1U;
    const int64_t at = to_count + i;
    bytes[at >> 3] = static_cast<uint8_t>(bytes[at >> 3] | bit << (at & 7));
  }
}

void append_ones(int64_t count, Bytes& to, int64_t to_count) {
  if (count == 0) return;  // of nothing there may be no address either
  to.append_zeros(static_cast<size_t>((to_count + count + 7) / 8) - to.size());
  uint8_t* const bytes = to.data();
  int64_t at = to_count;
  for (; count > 0 && (at & 7) != 0; --count, ++at)
    bytes[at >> 3] = static_cast<uint8_t>(bytes[at >> 3] | 1U << (at & 7));
  std::memset(bytes + at / 8, 0xff, static_cast<size_t>(count / 8));
  at += count & ~int64_t{7};
  if ((count & 7) != 0) bytes[at >> 3] = static_cast<uint8_t>((1U << (count & 7)) - 1);
}

/// Calls `encode` to append something, with its length in front.
template <typename Encode>
void append_sized(Bytes& out, Encode encode) {
  const size_t at = out.size();
  out.append_zeros(kLengthBytes);
  encode();
  const auto size = static_cast<uint32_t>(out.size() - at - kLengthBytes);
  std::memcpy(out.data() + at, &size, sizeof size);
}

void add_levels(std::span<const uint8_t> levels, Bytes& to, std::vector<int64_t>& histogram) {
  to.append(levels.data(), levels.size());
  for (const uint8_t level : levels) ++histogram[level];
}

}  // namespace

PageLevels::PageLevels(const Leaf& leaf)
    : definition_max_(leaf.definition_max),
      repetition_max_(leaf.repetition_max),
      definition_histogram_(static_cast<size_t>(leaf.definition_max) + 1),
      repetition_histogram_(static_cast<size_t>(leaf.repetition_max) + 1) {}

void PageLevels::add(const LeafRows& rows) {
  if (repetition_max_ > 0 || definition_max_ > 1) {
    add_levels(rows.definition, definition_, definition_histogram_);
    if (repetition_max_ > 0)
      add_levels(rows.repetition, repetition_, repetition_histogram_);
    else
      repetition_histogram_[0] += rows.level_count;
  } else {
    if (definition_max_ == 1) add_validity(rows);
    definition_histogram_.back() += rows.present_count;
    definition_histogram_.front() += definition_max_ == 1 ? rows.level_count - rows.present_count : 0;
    repetition_histogram_[0] += rows.level_count;
  }
  count_ += rows.level_count;
}

void PageLevels::add_validity(const LeafRows& rows) {
  const bool all_present = rows.present_count == rows.level_count;
  if (all_present && validity_.size() == 0) return;
  if (validity_.size() == 0) append_ones(count_, validity_, 0);
  if (all_present)
    append_ones(rows.level_count, validity_, count_);
  else
    append_bits(rows.validity, rows.validity_begin, rows.level_count, validity_, count_);
}

void PageLevels::end_page(Bytes& out) {
  if (repetition_max_ > 0)
    append_sized(out, [&] {
      encode_hybrid({repetition_.data(), repetition_.size()}, bit_width(static_cast<uint64_t>(repetition_max_)), out);
    });
  if (definition_max_ > 0) {
    append_sized(out, [&] {
      const int width = bit_width(static_cast<uint64_t>(definition_max_));
      if (definition_histogram_.back() == count_)
        encode_constant(static_cast<uint64_t>(count_), static_cast<uint32_t>(definition_max_), width, out);
      else if (definition_max_ == 1 && repetition_max_ == 0)
        encode_hybrid_bits(validity_.data(), count_, out);
      else
        encode_hybrid({definition_.data(), definition_.size()}, width, out);
    });
  }
  count_ = 0;
  validity_.truncate(0);
  definition_.truncate(0);
  repetition_.truncate(0);
  std::fill(definition_histogram_.begin(), definition_histogram_.end(), 0);
  std::fill(repetition_histogram_.begin(), repetition_histogram_.end(), 0);
}

}  // namespace weir::parquet
