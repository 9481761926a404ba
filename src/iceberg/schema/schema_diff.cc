#include "iceberg/schema/schema_diff.h"

#include <algorithm>

namespace weir::iceberg {
namespace {

class Comparison {
 public:
  void compare_fields(const std::vector<Field>& wanted, const std::vector<Field>& table, const std::string& parent) {
    for (const Field& field : wanted) {
      const std::string path = join(parent, field.name);
      const Field* found = find_name(table, field.name);
      if (found == nullptr) {
        add(path, "is not in the table (" + field.type->to_string() + ")", true);
      } else {
        compare_field(field, *found, path);
      }
    }
    for (const Field& field : table) {
      if (find_name(wanted, field.name) != nullptr) continue;
      if (field.required) {
        add(join(parent, field.name), "is required in the table and missing here", true);
      } else {
        add(join(parent, field.name), "is only in the table and will be null", false);
        diff_.differences.back().is_unwritten = true;
      }
    }
  }

  SchemaDiff finish() {
    const bool blocked =
        std::any_of(diff_.differences.begin(), diff_.differences.end(), [](const auto& item) { return item.blocks; });
    diff_.fit = blocked ? SchemaFit::differs : diff_.differences.empty() ? SchemaFit::equal : SchemaFit::fits;
    return std::move(diff_);
  }

 private:
  static std::string join(const std::string& parent, const std::string& name) {
    return parent.empty() ? name : parent + "." + name;
  }

  void add(std::string path, std::string text, bool blocks) {
    diff_.differences.push_back({.path = std::move(path), .text = std::move(text), .blocks = blocks});
  }

  void compare_field(const Field& wanted, const Field& table, const std::string& path) {
    if (table.required && !wanted.required) add(path, "is required in the table and may be null here", true);
    if (!table.required && wanted.required) add(path, "may be null in the table and is required here", false);
    const Type& ours = *wanted.type;
    const Type& theirs = *table.type;
    if (ours.is_nested() && ours.kind() == theirs.kind()) return compare_fields(ours.fields(), theirs.fields(), path);
    if (!ours.is_nested() && ours == theirs) return;
    add(path, "is " + theirs.to_string() + " in the table and " + ours.to_string() + " here", !widens_to(ours, theirs));
  }

  SchemaDiff diff_;
};

bool fields_keep_required(const std::vector<Field>& written, const std::vector<Field>& current) {
  return std::all_of(current.begin(), current.end(), [&](const Field& field) {
    const auto old =
        std::find_if(written.begin(), written.end(), [&](const Field& other) { return other.id == field.id; });
    if (old == written.end()) return !field.required;
    if (field.required && !old->required) return false;
    if (!field.type->is_nested() || field.type->kind() != old->type->kind()) return true;
    return fields_keep_required(old->type->fields(), field.type->fields());
  });
}

}  // namespace

const Field* find_name(const std::vector<Field>& fields, const std::string& name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

bool widens_to(const Type& from, const Type& to) {
  if (from.kind() == TypeKind::int32) return to.kind() == TypeKind::int64;
  if (from.kind() == TypeKind::float32) return to.kind() == TypeKind::float64;
  return from.kind() == TypeKind::decimal && to.kind() == TypeKind::decimal && from.scale() == to.scale() &&
         from.precision() <= to.precision();
}

bool keeps_required(const Schema& written, const Schema& current) {
  return fields_keep_required(written.fields(), current.fields());
}

SchemaDiff compare_schemas(const Schema& wanted, const Schema& table) {
  Comparison comparison;
  comparison.compare_fields(wanted.fields(), table.fields(), "");
  return comparison.finish();
}

}  // namespace weir::iceberg
