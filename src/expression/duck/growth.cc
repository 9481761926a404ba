#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "expression/duck/growth_internal.h"
#include "expression/sql/function_catalog_internal.h"

namespace weir::expression {
namespace {

constexpr int64_t kSizeMax = 10'000;
/// Twice that, as range(-n, n) has 2n elements.
constexpr int64_t kGrowthMax = 2 * kSizeMax;

/// Functions that make much out of little, and which of their arguments say how much.
struct Growing {
  std::string_view name;
  size_t first_count;
  size_t last_count;
  bool multiplies;  ///< what it is given, instead of making it up to a size
};
constexpr std::array<Growing, 8> kGrowing = {{{"repeat", 1, 1, true},
                                              {"lpad", 1, 1, false},
                                              {"rpad", 1, 1, false},
                                              {"list_resize", 1, 1, false},
                                              {"array_resize", 1, 1, false},
                                              {"bar", 3, 3, false},
                                              {"range", 0, 2, false},
                                              {"generate_series", 0, 2, false}}};

/// The literal integer that a node is, or -1.
int64_t literal_count(const JsonValue& node) {
  if (node.text_of("class") == "CAST") {
    const JsonValue* child = node.find("child");
    return child == nullptr ? -1 : literal_count(*child);
  }
  if (node.text_of("class") != "CONSTANT") return -1;
  const JsonValue* value = node.find("value");
  const JsonValue* number = value == nullptr ? nullptr : value->find("value");
  if (number == nullptr || number->kind != JsonValue::Kind::number) return -1;
  const std::string_view digits = std::string_view(number->text).substr(number->text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return -1;
  return digits.size() > 9 ? kSizeMax + 1 : std::strtoll(std::string(digits).c_str(), nullptr, 10);
}

/// A width in a format string makes as much text as it says.
bool is_wide_format(const JsonValue* arguments) {
  if (arguments == nullptr || arguments->items.empty() || arguments->items[0].text_of("class") != "CONSTANT")
    return true;
  const std::string format = literal_text(arguments->items[0]);
  if (format.find('*') != std::string::npos || format.find(":{") != std::string::npos) return true;
  int digits = 0;
  for (const char c : format) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 3) return true;
  }
  return false;
}

Error too_much(const std::string& name) {
  return Error(ErrorKind::unsupported,
               "the size in " + name +
                   "() must be written out as a number, and such sizes inside each other multiplied may not exceed " +
                   std::to_string(kSizeMax) + ": it decides how much memory a row needs");
}

/// What `name` makes of arguments that grow by `inside`.
Result<int64_t> growth_of_call(const std::string& name, const JsonValue& node, int64_t inside) {
  const JsonValue* arguments = node.find("children");
  const size_t count = arguments == nullptr ? 0 : arguments->items.size();
  if ((name == "format" || name == "printf") && is_wide_format(arguments)) {
    return Error(ErrorKind::unsupported,
                 "the format of " + name +
                     "() must be written out as text, with widths below 1000: it decides how much memory a row needs");
  }
  for (const Growing& growing : kGrowing) {
    if (growing.name != name) continue;
    int64_t size = 1;
    for (size_t i = growing.first_count; i <= growing.last_count && i < count; ++i) {
      const int64_t argument = literal_count(arguments->items[i]);
      if (argument < 0 || argument > kSizeMax) return too_much(name);
      size = std::max(size, argument);
    }
    if (name == "range" || name == "generate_series") size *= 2;
    const int64_t whole = growing.multiplies ? size * inside : std::max(size, inside);
    if (whole > kGrowthMax) return too_much(name);
    return whole;
  }
  if (inside > kGrowthMax) return too_much(name);
  return inside;
}

}  // namespace

std::string literal_text(const JsonValue& node) {
  if (node.text_of("class") != "CONSTANT") return {};
  const JsonValue* value = node.find("value");
  return value == nullptr ? std::string() : std::string(value->text_of("value"));
}

Result<int64_t> growth_of(const JsonValue& node, const JsonValue*& culprit) {
  int64_t largest = 1;
  int64_t product = 1;
  bool has_lambda = false;
  for (const JsonValue& item : node.items) {
    if (item.kind != JsonValue::Kind::object && item.kind != JsonValue::Kind::array) continue;
    WEIR_ASSIGN(const int64_t inside, growth_of(item, culprit));
    has_lambda |= item.text_of("class") == "LAMBDA";
    largest = std::max(largest, inside);
    product = std::min(product * inside, 100 * kGrowthMax);
  }
  // A lambda is evaluated for each of the elements beside it.
  const int64_t inside = has_lambda ? product : largest;
  const std::string name =
      node.text_of("class") == "FUNCTION" ? to_lower(node.text_of("function_name")) : std::string();
  if (name.empty()) return inside;
  Result<int64_t> growth = growth_of_call(name, node, inside);
  if (!growth.ok()) culprit = &node;
  return growth;
}

}  // namespace weir::expression
