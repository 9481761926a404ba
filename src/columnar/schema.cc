#include "columnar/schema.h"

#include <algorithm>

namespace weir {
namespace {

const Field* find_id(const std::vector<Field>& fields, int32_t id) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (const Field* inside = find_id(field.type->fields(), id)) return inside;
  }
  return nullptr;
}

const Field* find_path(const std::vector<Field>& fields, std::string_view path) {
  for (const Field& field : fields) {
    if (field.name == path) return &field;
  }
  for (const Field& field : fields) {
    if (path.size() > field.name.size() && path.starts_with(field.name) && path[field.name.size()] == '.') {
      if (const Field* inside = find_path(field.type->fields(), path.substr(field.name.size() + 1))) return inside;
    }
  }
  return nullptr;
}

int32_t max_id(const std::vector<Field>& fields) {
  int32_t highest = 0;
  for (const Field& field : fields) highest = std::max({highest, field.id, max_id(field.type->fields())});
  return highest;
}

TypePtr rebuild(const Type& type, std::vector<Field> fields) {
  switch (type.kind()) {
    case TypeKind::structure: return Type::structure(std::move(fields));
    case TypeKind::list: return Type::list(std::move(fields[0]));
    default: return Type::map(std::move(fields[0]), std::move(fields[1]));
  }
}

std::vector<Field> assign_level(std::span<const Field> fields, int32_t& next_id) {
  std::vector<Field> level(fields.begin(), fields.end());
  for (Field& field : level) field.id = next_id++;
  for (Field& field : level) {
    if (field.type->is_nested()) field.type = rebuild(*field.type, assign_level(field.type->fields(), next_id));
  }
  return level;
}

}  // namespace

Schema::Schema(std::vector<Field> fields, int32_t schema_id) : fields_(std::move(fields)), schema_id_(schema_id) {}

int Schema::find(std::string_view name) const {
  const auto at = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
  return at == fields_.end() ? -1 : static_cast<int>(at - fields_.begin());
}

const Field* Schema::find_by_id(int32_t id) const {
  return find_id(fields_, id);
}

const Field* Schema::find_by_path(std::string_view path) const {
  return find_path(fields_, path);
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> all;
  all.reserve(fields_.size());
  for (const Field& field : fields_) all.push_back(field.name);
  return all;
}

int32_t Schema::id_max() const {
  return max_id(fields_);
}

std::vector<Field> assign_ids(std::span<const Field> fields, int32_t first_id) {
  return assign_level(fields, first_id);
}

}  // namespace weir
