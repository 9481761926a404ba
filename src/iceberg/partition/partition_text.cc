#include "iceberg/partition/partition_text.h"

#include <algorithm>
#include <charconv>

#include "base/suggest.h"

namespace weir::iceberg {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Call {
  std::string function;  ///< "identity" for a plain column
  std::string parameter;
  std::string column;
};

Result<Call> split_call(std::string_view text) {
  text = trim(text);
  const size_t open = text.find('(');
  if (open == std::string_view::npos) return Call{"identity", "", std::string(text)};
  if (!text.ends_with(')'))
    return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "': the closing ')' is missing");
  const std::string function(trim(text.substr(0, open)));
  const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  const size_t comma = inside.find(',');
  if (comma == std::string_view::npos) return Call{function, "", std::string(trim(inside))};
  std::string first(trim(inside.substr(0, comma)));
  std::string second(trim(inside.substr(comma + 1)));
  // bucket(16, id) and bucket(id, 16) are both in use.
  if (!first.empty() && (first.front() < '0' || first.front() > '9')) std::swap(first, second);
  return Call{function, std::move(first), std::move(second)};
}

bool is_positive_number(const std::string& text) {
  int32_t value = 0;
  const char* end = text.data() + text.size();
  return std::from_chars(text.data(), end, value) == std::from_chars_result{end, std::errc()} && value > 0;
}

bool takes_parameter(std::string_view function) {
  return function == "bucket" || function == "truncate";
}

Result<Transform> transform_of(const Call& call) {
  static const std::vector<std::string> kFunctions = {"identity", "bucket", "truncate", "year", "month", "day", "hour"};
  if (std::find(kFunctions.begin(), kFunctions.end(), call.function) == kFunctions.end()) {
    return Error(ErrorKind::invalid_argument,
                 "there is no partition transform '" + call.function + "'" + did_you_mean(call.function, kFunctions) +
                     " (transforms: a plain column, bucket(N, x), truncate(N, x), year(x), month(x), day(x), hour(x))");
  }
  if (takes_parameter(call.function) == call.parameter.empty()) {
    return Error(ErrorKind::invalid_argument,
                 call.parameter.empty()
                     ? "'" + call.function + "' needs a number: " + call.function + "(16, " + call.column + ")"
                     : "'" + call.function + "' takes a column only: " + call.function + "(" + call.column + ")");
  }
  if (takes_parameter(call.function) && !is_positive_number(call.parameter)) {
    return Error(ErrorKind::invalid_argument, "'" + call.function + "' needs a number from 1 to 2147483647, not '" +
                                                  call.parameter + "': " + call.function + "(16, " + call.column + ")");
  }
  return Transform::parse(call.parameter.empty() ? call.function : call.function + "[" + call.parameter + "]");
}

}  // namespace

Result<PartitionField> parse_partition_field(std::string_view text, const Schema& schema) {
  WEIR_ASSIGN(const Call call, split_call(text));
  WEIR_ASSIGN(const Transform transform, transform_of(call));
  const Field* source = schema.find_by_path(call.column);
  if (source == nullptr) {
    return Error(ErrorKind::invalid_argument,
                 "there is no column '" + call.column + "'" + did_you_mean(call.column, schema.names()));
  }
  Result<TypePtr> result = transform.result_type(source->type);
  if (!result.ok())
    return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "': " + result.error().message());
  return PartitionField{.source_id = source->id,
                        .field_id = 0,
                        .name = default_partition_name(call.column, transform),
                        .transform = transform};
}

std::string partition_field_text(const PartitionField& field, const Schema& schema) {
  const Field* source = schema.find_by_id(field.source_id);
  std::string column = source == nullptr ? "column " + std::to_string(field.source_id) : source->name;
  const std::string transform = field.transform.to_string();
  if (transform == "identity") return column;
  const size_t bracket = transform.find('[');
  if (bracket == std::string::npos) return transform + "(" + column + ")";
  return transform.substr(0, bracket) + "(" + transform.substr(bracket + 1, transform.size() - bracket - 2) + ", " +
         column + ")";
}

}  // namespace weir::iceberg
