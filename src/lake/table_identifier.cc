#include "lake/table_identifier.h"

#include <algorithm>

namespace weir::lake {
namespace {

constexpr size_t kLengthMax = 255;

bool is_level(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

Result<TableIdentifier> TableIdentifier::parse(std::string_view text) {
  const size_t dot = text.rfind('.');
  const auto wrong = [&](const char* why) {
    return Error(ErrorKind::invalid_argument,
                 "'" + std::string(text.substr(0, kLengthMax)) + "' is not a table name: " + why);
  };
  if (dot == std::string_view::npos) return wrong("write NAMESPACE.TABLE, for example 'ops.flights'");
  if (text.size() > kLengthMax) return wrong("longer than 255 characters");
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('.'), rest.size());
    if (!is_level(rest.substr(0, end))) return wrong("each part must be letters, digits, '_' or '-'");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (text.ends_with('.')) return wrong("the last part is empty");
  return TableIdentifier{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

}  // namespace weir::lake
