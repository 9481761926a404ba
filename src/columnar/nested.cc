#include "columnar/nested.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

namespace weir {
namespace {

bool find_id(const std::vector<Field>& fields, int32_t id, FieldPath& path) {
  for (size_t i = 0; i < fields.size(); ++i) {
    path.push_back(static_cast<int>(i));
    if (fields[i].id == id) return true;
    if (fields[i].type->kind() == TypeKind::structure && find_id(fields[i].type->fields(), id, path)) return true;
    path.pop_back();
  }
  return false;
}

bool find_names(const std::vector<Field>& fields, std::string_view names, FieldPath& path) {
  const auto whole = std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == names; });
  if (whole != fields.end()) {
    path.push_back(static_cast<int>(whole - fields.begin()));
    return true;
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string& name = fields[i].name;
    if (fields[i].type->kind() != TypeKind::structure) continue;
    if (names.size() <= name.size() || !names.starts_with(name) || names[name.size()] != '.') continue;
    path.push_back(static_cast<int>(i));
    if (find_names(fields[i].type->fields(), names.substr(name.size() + 1), path)) return true;
    path.pop_back();
  }
  return false;
}

}  // namespace

std::optional<FieldPath> find_field_path(const std::vector<Field>& fields, int32_t id) {
  FieldPath path;
  return find_id(fields, id, path) ? std::optional(std::move(path)) : std::nullopt;
}

std::optional<FieldPath> find_field_path(const std::vector<Field>& fields, std::string_view names) {
  FieldPath path;
  return find_names(fields, names, path) ? std::optional(std::move(path)) : std::nullopt;
}

const Field& field_at(const std::vector<Field>& fields, std::span<const int> path) {
  const Field* field = &fields[static_cast<size_t>(path.front())];
  for (const int inside : path.subspan(1)) field = &field->type->fields()[static_cast<size_t>(inside)];
  return *field;
}

NestedColumn::NestedColumn(const Batch& batch, std::span<const int> path) {
  step_into(batch.columns()[static_cast<size_t>(path.front())]);
  for (const int field : path.subspan(1)) step_into((*column_)->children[static_cast<size_t>(field)]);
}

void NestedColumn::step_into(const ColumnPtr& column) {
  column_ = &column;
  if (column->null_count == 0) return;
  WEIR_CHECK(nullable_ < kDepthMax);
  bits_[nullable_++] = column->validity.data();
}

ColumnPtr column_at(const Batch& batch, std::span<const int> path) {
  const NestedColumn nested(batch, path);
  const ColumnPtr& column = nested.column();
  if (!nested.is_masked()) return column;
  std::vector<uint8_t> bits(static_cast<size_t>((column->length + 7) / 8));
  int64_t present = 0;
  for (int64_t block = 0; block * 64 < column->length; ++block) {
    const uint64_t word = nested.present(block);
    const size_t at = static_cast<size_t>(block) * 8;
    std::memcpy(bits.data() + at, &word, std::min<size_t>(8, bits.size() - at));
    present += std::popcount(word);
  }
  auto masked = std::make_shared<Column>(*column);
  masked->null_count = column->length - present;
  masked->validity = Buffer::adopt(std::move(bits));
  return masked;
}

}  // namespace weir
