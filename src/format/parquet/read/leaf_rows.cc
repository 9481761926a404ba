#include "format/parquet/read/leaf_rows.h"

#include <bit>
#include <cstring>

#include "base/check.h"

namespace weir::parquet {
namespace {

/// 64 bits from bit `at` on, of which `count` are wanted; the others are 0.
uint64_t load_bits(const uint8_t* bits, int64_t at, int64_t count) {
  const int shift = static_cast<int>(at & 7);
  const auto bytes = static_cast<size_t>((shift + count + 7) / 8);
  uint64_t word = 0;
  std::memcpy(&word, bits + at / 8, bytes < 8 ? bytes : 8);
  word >>= shift;
  if (bytes > 8) word |= uint64_t{bits[at / 8 + 8]} << (64 - shift);
  return count < 64 ? word & ((uint64_t{1} << count) - 1) : word;
}

const Column& leaf_column(const Leaf& leaf, std::span<const ColumnPtr> columns) {
  const Column* column = columns[leaf.nodes[0].place].get();
  for (size_t depth = 1; depth < leaf.nodes.size(); ++depth) column = column->children[leaf.nodes[depth].place].get();
  return *column;
}

}  // namespace

const LeafRows& LeafLocator::locate(const Leaf& leaf, std::span<const ColumnPtr> columns, int64_t begin, int64_t end) {
  leaf_ = &leaf;
  rows_ = {};
  runs_.clear();
  definition_.clear();
  repetition_.clear();
  rows_.column = &leaf_column(leaf, columns);
  if (leaf_->repetition_max > 0) {
    locate_repeated(columns, begin, end);
  } else if (leaf_->definition_max > 1) {
    locate_structs(columns, begin, end);
  } else {
    locate_validity(columns, begin, end);
  }
  rows_.present = runs_;
  return rows_;
}

void LeafLocator::locate_validity(std::span<const ColumnPtr> columns, int64_t begin, int64_t end) {
  rows_.level_count = end - begin;
  rows_.validity_begin = begin;
  const Column* column = columns[leaf_->nodes[0].place].get();
  for (size_t depth = 0; depth < leaf_->nodes.size(); ++depth) {
    if (depth > 0) column = column->children[leaf_->nodes[depth].place].get();
    if (leaf_->nodes[depth].is_optional && column->null_count != 0) rows_.validity = column->validity.data();
  }
  if (begin == end) return;
  if (rows_.validity == nullptr) {
    runs_.push_back({begin, end});
    rows_.present_count = end - begin;
    return;
  }
  for (int64_t base = begin; base < end; base += 64) {
    uint64_t word = load_bits(rows_.validity, base, std::min<int64_t>(end - base, 64));
    rows_.present_count += std::popcount(word);
    for (int64_t at = base; word != 0;) {
      const int zeros = std::countr_zero(word);
      word >>= zeros;
      at += zeros;
      const int ones = std::countr_one(word);
      if (!runs_.empty() && runs_.back().end == at)
        runs_.back().end += ones;
      else
        runs_.push_back({at, at + ones});
      at += ones;
      word = ones == 64 ? 0 : word >> ones;
    }
  }
}

void LeafLocator::locate_structs(std::span<const ColumnPtr> columns, int64_t begin, int64_t end) {
  rows_.level_count = end - begin;
  definition_.assign(static_cast<size_t>(end - begin), 0);
  const Column* column = nullptr;
  int level = 0;
  for (const PathNode& node : leaf_->nodes) {
    column = column == nullptr ? columns[node.place].get() : column->children[node.place].get();
    if (!node.is_optional) continue;
    for (int64_t i = begin; i < end; ++i) {
      uint8_t& definition = definition_[static_cast<size_t>(i - begin)];
      definition = static_cast<uint8_t>(definition + (definition == level && !column->is_null(i) ? 1 : 0));
    }
    ++level;
  }
  for (int64_t i = begin; i < end; ++i) {
    if (definition_[static_cast<size_t>(i - begin)] == leaf_->definition_max) add_present(i);
  }
  rows_.definition = definition_;
}

void LeafLocator::locate_repeated(std::span<const ColumnPtr> columns, int64_t begin, int64_t end) {
  const Column& top = *columns[leaf_->nodes[0].place];
  for (int64_t i = begin; i < end; ++i) add_node(0, top, i, 0, 0, 0);
  rows_.level_count = static_cast<int64_t>(definition_.size());
  rows_.definition = definition_;
  rows_.repetition = repetition_;
}

/// Adds value `i` of the node at `depth`. `repetition`: the level of the first entry it makes; `repetition_here`: how
/// many lists and maps are above.
void LeafLocator::add_node(size_t depth, const Column& column, int64_t i, int repetition, int repetition_here,
                           int definition) {
  const PathNode& node = leaf_->nodes[depth];
  if (node.is_optional) {
    if (column.is_null(i)) return add_level(repetition, definition);
    ++definition;
  }
  if (depth + 1 == leaf_->nodes.size()) {
    add_level(repetition, definition);
    return add_present(i);
  }
  const Column& child = *column.children[leaf_->nodes[depth + 1].place];
  if (node.kind == TypeKind::structure) return add_node(depth + 1, child, i, repetition, repetition_here, definition);
  const std::span<const int32_t> offsets = column.offsets_span();
  const int32_t first = offsets[static_cast<size_t>(i)];
  const int32_t last = offsets[static_cast<size_t>(i) + 1];
  if (first == last) return add_level(repetition, definition);
  ++repetition_here;
  for (int32_t e = first; e < last; ++e)
    add_node(depth + 1, child, e, e == first ? repetition : repetition_here, repetition_here, definition + 1);
}

}  // namespace weir::parquet
