#include "columnar/type.h"

#include <array>
#include <charconv>

#include "base/decimal.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 17> kNames = {
    "boolean",     "int",    "long", "float", "double", "decimal", "date", "time", "timestamp",
    "timestamptz", "string", "uuid", "fixed", "binary", "struct",  "list", "map"};

/// Parses "NAME(a, b)" style parameters: digits between `open` and `close`, separated by commas. Returns false on any
/// other text.
bool parse_parameters(std::string_view text, char open, char close, std::vector<int>& values) {
  if (text.size() < 3 || text.front() != open || text.back() != close) return false;
  text = text.substr(1, text.size() - 2);
  while (true) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    values.push_back(value);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty()) return true;
    if (text.front() != ',') return false;
    text.remove_prefix(1);
  }
}

}  // namespace

std::string_view to_string(TypeKind kind) {
  return kNames[static_cast<size_t>(kind)];
}

TypePtr Type::primitive(TypeKind kind) {
  WEIR_CHECK(kind < TypeKind::structure && kind != TypeKind::decimal && kind != TypeKind::fixed);
  static const auto kShared = [] {
    std::array<TypePtr, kNames.size()> types;
    for (size_t i = 0; i < types.size(); ++i) types[i] = TypePtr(new Type(static_cast<TypeKind>(i)));
    return types;
  }();
  return kShared[static_cast<size_t>(kind)];
}

TypePtr Type::decimal(int precision, int scale) {
  WEIR_CHECK(precision >= 1 && precision <= kDecimalPrecisionMax && scale >= 0 && scale <= precision);
  auto* type = new Type(TypeKind::decimal);
  type->precision_ = precision;
  type->scale_ = scale;
  return TypePtr(type);
}

TypePtr Type::fixed(int length_bytes) {
  WEIR_CHECK(length_bytes >= 1);
  auto* type = new Type(TypeKind::fixed);
  type->scale_ = length_bytes;
  return TypePtr(type);
}

TypePtr Type::structure(std::vector<Field> fields) {
  auto* type = new Type(TypeKind::structure);
  type->fields_ = std::move(fields);
  return TypePtr(type);
}

TypePtr Type::list(Field element) {
  auto* type = new Type(TypeKind::list);
  element.name = "element";
  type->fields_ = {std::move(element)};
  return TypePtr(type);
}

TypePtr Type::map(Field key, Field value) {
  auto* type = new Type(TypeKind::map);
  key.name = "key";
  key.required = true;
  value.name = "value";
  type->fields_ = {std::move(key), std::move(value)};
  return TypePtr(type);
}

Result<TypePtr> Type::parse_primitive(std::string_view text) {
  std::vector<int> parameters;
  if (text.starts_with("decimal") && parse_parameters(text.substr(7), '(', ')', parameters) && parameters.size() == 2) {
    const int precision = parameters[0];
    const int scale = parameters[1];
    if (precision < 1 || precision > kDecimalPrecisionMax || scale < 0 || scale > precision) {
      return Error(ErrorKind::invalid_argument,
                   "'" + std::string(text) + "': precision must be 1 to 38 and scale 0 to precision");
    }
    return decimal(precision, scale);
  }
  if (text.starts_with("fixed") && parse_parameters(text.substr(5), '[', ']', parameters) && parameters.size() == 1) {
    if (parameters[0] < 1 || parameters[0] > 1'048'576) {
      return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "': length must be 1 to 1048576");
    }
    return fixed(parameters[0]);
  }
  for (size_t i = 0; i < static_cast<size_t>(TypeKind::structure); ++i) {
    const auto kind = static_cast<TypeKind>(i);
    if (kNames[i] == text && kind != TypeKind::decimal && kind != TypeKind::fixed) return primitive(kind);
  }
  return Error(ErrorKind::invalid_argument, "'" + std::string(text.substr(0, 64)) + "' is not a type");
}

int Type::width_bytes() const {
  switch (kind_) {
    case TypeKind::int32:
    case TypeKind::float32:
    case TypeKind::date: return 4;
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return 8;
    case TypeKind::decimal:
    case TypeKind::uuid: return 16;
    case TypeKind::fixed: return scale_;
    default: return 0;
  }
}

std::string Type::to_string() const {
  switch (kind_) {
    case TypeKind::decimal: return "decimal(" + std::to_string(precision_) + ", " + std::to_string(scale_) + ")";
    case TypeKind::fixed: return "fixed[" + std::to_string(scale_) + "]";
    case TypeKind::list: return "list<" + element().type->to_string() + ">";
    case TypeKind::map: return "map<" + key().type->to_string() + ", " + value().type->to_string() + ">";
    case TypeKind::structure: {
      std::string text = "struct<";
      for (const Field& field : fields_) {
        if (text.size() > 7) text += ", ";
        text += field.name + ": " + field.type->to_string();
      }
      return text + ">";
    }
    default: return std::string(weir::to_string(kind_));
  }
}

bool operator==(const Type& a, const Type& b) {
  return a.kind_ == b.kind_ && a.precision_ == b.precision_ && a.scale_ == b.scale_ && a.fields_ == b.fields_;
}

bool operator==(const Field& a, const Field& b) {
  return a.id == b.id && a.name == b.name && a.required == b.required && *a.type == *b.type && a.doc == b.doc;
}

}  // namespace weir
