#include <algorithm>
#include <cctype>

#include "base/suggest.h"
#include "operator/aggregate_text_internal.h"

namespace weir::operators {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trim(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Takes a word off the front.
std::string take_word(std::string_view& text) {
  text = trim(text);
  size_t size = 0;
  while (size < text.size() && (std::isalnum(static_cast<unsigned char>(text[size])) != 0 || text[size] == '_')) ++size;
  std::string word = lower(text.substr(0, size));
  text = trim(text.substr(size));
  return word;
}

/// Takes "( ... )" off the front and gives what is between; false when the parentheses do not close. Quoted text and
/// names may hold any.
bool take_parenthesized(std::string_view& text, std::string_view& inner) {
  if (!text.starts_with('(')) return false;
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;  // a doubled quote opens again at once
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0) {
      inner = trim(text.substr(1, i - 1));
      text = trim(text.substr(i + 1));
      return true;
    }
  }
  return false;
}

Error expected(std::string_view text, const std::string& why) {
  return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "': " + why +
                                                "; an aggregate is written as sum(price), count(*) or "
                                                "avg(delay) filter (where delay > 0)");
}

}  // namespace

Result<AggregateText> parse_aggregate(std::string_view text) {
  const std::string kFunctions[] = {"count", "sum", "avg", "min", "max"};
  std::string_view rest = trim(text);
  AggregateText aggregate{.function = take_word(rest), .argument = {}, .condition = {}};
  if (std::ranges::find(kFunctions, aggregate.function) == std::end(kFunctions)) {
    const std::string hint = did_you_mean(aggregate.function, kFunctions);
    const std::string why = "'" + aggregate.function + "' is none of count, sum, avg, min and max" + hint;
    return hint.empty() ? expected(text, why) : Error(ErrorKind::invalid_argument, why);
  }
  std::string_view argument;
  if (!take_parenthesized(rest, argument)) return expected(text, "its argument is missing or not closed");
  if (argument.empty()) return expected(text, "its argument is empty");
  if (argument == "*" && aggregate.function != "count") return expected(text, "only count takes *");
  std::string_view words = argument;
  if (take_word(words) == "distinct") return expected(text, "distinct aggregates are not supported in a window");
  if (argument != "*") aggregate.argument = argument;
  if (rest.empty()) return aggregate;
  std::string_view condition;
  if (take_word(rest) != "filter" || !take_parenthesized(rest, condition) || !rest.empty() ||
      take_word(condition) != "where" || condition.empty()) {
    return expected(text, "only filter (where ...) may follow");
  }
  aggregate.condition = condition;
  return aggregate;
}

}  // namespace weir::operators
