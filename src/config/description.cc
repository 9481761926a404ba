#include "config/description.h"

#include <algorithm>

#include "base/check.h"

namespace weir::config {

FieldRef& FieldRef::doc(std::string_view text) {
  field_->doc = text;
  return *this;
}

FieldRef& FieldRef::required() {
  field_->required = true;
  return *this;
}

FieldRef& FieldRef::min(int64_t value) {
  field_->min = value;
  return *this;
}

FieldRef& FieldRef::max(int64_t value) {
  field_->max = value;
  return *this;
}

FieldRef& FieldRef::allowed(std::initializer_list<std::string_view> values) {
  field_->allowed.clear();
  for (const std::string_view value : values) field_->allowed.push_back({.text = std::string(value)});
  return *this;
}

FieldRef& FieldRef::allowed(std::vector<AllowedText> values) {
  field_->allowed = std::move(values);
  return *this;
}

FieldRef& FieldRef::example(std::string_view text) {
  field_->examples.emplace_back(text);
  return *this;
}

FieldRef& FieldRef::pattern(std::string_view regex, std::initializer_list<std::string_view> usual) {
  field_->pattern = regex;
  field_->usual.assign(usual.begin(), usual.end());
  return *this;
}

FieldRef& FieldRef::list_or_one() {
  field_->list_or_one = true;
  return *this;
}

FieldRef& FieldRef::not_empty() {
  field_->not_empty = true;
  return *this;
}

void Description::structure(std::string_view name, std::string_view doc) {
  name_ = name;
  doc_ = doc;
}

const FieldDescription* Description::find(std::string_view key) const {
  const auto at =
      std::find_if(fields_.begin(), fields_.end(), [&](const FieldDescription& field) { return field.key == key; });
  return at == fields_.end() ? nullptr : &*at;
}

FieldRef Description::add(std::string_view key, const TypeShape& shape, void* member) {
  WEIR_CHECK_MSG(find(key) == nullptr, key);
  FieldDescription& field = fields_.emplace_back();
  field.key = key;
  field.shape = &shape;
  field.member = member;
  return FieldRef(field);
}

}  // namespace weir::config
