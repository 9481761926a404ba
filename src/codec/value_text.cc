#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "codec/number_text_internal.h"
#include "codec/value_text_internal.h"

namespace weir::codec {
namespace {

bool fail_value(const ColumnNode& node, RejectClass reject_class, std::string_view what, std::string_view text,
                RowFailure& failure) {
  std::string message = node.expected;
  message.append(what).append(" '").append(excerpt(text)).append("'");
  return failure.fail(reject_class, std::move(message));
}

/// "... found 'x', which is not a number".
bool fail_unlike(const ColumnNode& node, RejectClass reject_class, std::string_view what, std::string_view text,
                 RowFailure& failure) {
  std::string message = node.expected;
  message.append("'").append(excerpt(text)).append("', which is not ").append(what);
  return failure.fail(reject_class, std::move(message));
}

bool fail_number(const ColumnNode& node, NumberParse outcome, std::string_view token, RowFailure& failure) {
  switch (outcome) {
    case NumberParse::not_integer:
      return fail_value(node, RejectClass::wrong_type, "a number with a fraction or exponent", token, failure);
    case NumberParse::out_of_range:
      return fail_value(node, RejectClass::out_of_range, "a number out of its range", token, failure);
    default: return failure.fail(RejectClass::malformed, "'" + excerpt(token) + "' is not a JSON value");
  }
}

template <typename T>
bool append_parsed(const ColumnNode& node, std::string_view token, NumberParse (*parse)(std::string_view, T&),
                   RowFailure& failure) {
  T value{};
  if (const NumberParse outcome = parse(token, value); outcome != NumberParse::ok)
    return fail_number(node, outcome, token, failure);
  node.as<FixedBuilder<T>>().append(value);
  return true;
}

bool append_decimal(const ColumnNode& node, std::string_view text, RejectClass malformed, RowFailure& failure) {
  Int128 unscaled = 0;
  switch (parse_decimal(text, node.type->precision(), node.type->scale(), unscaled)) {
    case DecimalParse::ok: node.as<FixedBuilder<Int128>>().append(unscaled); return true;
    case DecimalParse::malformed: return fail_unlike(node, malformed, "a number", text, failure);
    case DecimalParse::out_of_range:
      return fail_value(node, RejectClass::out_of_range, "a number with too many digits before the point", text,
                        failure);
    case DecimalParse::inexact:
      return fail_value(node, RejectClass::inexact, "a number with too many digits after the point", text, failure);
  }
  return false;
}

/// A count of seconds, milliseconds or microseconds since 1970, exact to the microsecond. Only years 0 to 9999 are
/// instants: that also catches most confusions of units.
bool append_epoch(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  Int128 micros = 0;
  switch (parse_decimal(token, kDecimalPrecisionMax, node.epoch_digits, micros)) {
    case DecimalParse::ok: break;
    case DecimalParse::malformed:
      return failure.fail(RejectClass::malformed, "'" + excerpt(token) + "' is not a JSON value");
    case DecimalParse::inexact:
      return fail_value(node, RejectClass::inexact, "a number finer than a microsecond", token, failure);
    case DecimalParse::out_of_range: micros = kInstantEnd; break;
  }
  if (micros < kInstantMin || micros >= kInstantEnd) {
    return fail_value(node, RejectClass::out_of_range, "an instant outside of the years 0 to 9999", token, failure);
  }
  node.as<FixedBuilder<int64_t>>().append(static_cast<int64_t>(micros));
  return true;
}

/// True when a fraction of a second in `text` has a digit other than zero after the sixth.
bool is_finer_than_micros(std::string_view text) {
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return false;
  const std::string_view fraction = text.substr(point + 1);
  const size_t digits = std::min(fraction.find_first_not_of("0123456789"), fraction.size());
  return fraction.substr(0, digits).find_first_not_of('0', 6) != std::string_view::npos;
}

template <typename T>
bool append_time(const ColumnNode& node, std::string_view text, TimeParse (*parse)(std::string_view, T&),
                 std::string_view shape, RowFailure& failure) {
  T value{};
  switch (parse(text, value)) {
    case TimeParse::ok: node.as<FixedBuilder<T>>().append(value); return true;
    case TimeParse::out_of_range:
      return fail_value(node, RejectClass::out_of_range, "a date or time that does not exist:", text, failure);
    case TimeParse::malformed: break;
  }
  if (is_finer_than_micros(text))
    return fail_value(node, RejectClass::inexact, "a time finer than a microsecond:", text, failure);
  return fail_unlike(node, RejectClass::bad_format, "like " + std::string(shape), text, failure);
}

bool append_uuid(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  Uuid uuid;
  if (!Uuid::try_parse(text, uuid))
    return fail_unlike(node, RejectClass::bad_format, "8-4-4-4-12 hex digits", text, failure);
  node.as<FixedBytesBuilder>().append({reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()});
  return true;
}

bool append_encoded(const ColumnNode& node, std::string_view text, bool hex, RowFailure& failure) {
  std::string bytes;
  if (!(hex ? hex_decode(text, bytes) : base64_decode(text, bytes))) {
    return fail_unlike(node, RejectClass::bad_format, hex ? "hex digits" : "base64", text, failure);
  }
  if (node.type->kind() == TypeKind::binary) {
    node.as<BytesBuilder>().append(bytes);
    return true;
  }
  if (bytes.size() != static_cast<size_t>(node.type->width_bytes())) {
    return fail_value(node, RejectClass::bad_format, std::to_string(bytes.size()) + " bytes:", text, failure);
  }
  node.as<FixedBytesBuilder>().append(bytes);
  return true;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

}  // namespace

bool fail_type(const ColumnNode& node, std::string_view found, RowFailure& failure) {
  return failure.fail(RejectClass::wrong_type, std::string(node.expected).append(found));
}

bool fail_duplicate(std::string_view key, RowFailure& failure) {
  return failure.fail(RejectClass::duplicate_key, "the key '" + excerpt(key) + "' appears twice in an object");
}

bool fail_invalid_json(RowFailure& failure) {
  return failure.fail(RejectClass::malformed, "the event is not valid JSON");
}

bool append_number(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  switch (node.op) {
    case ValueOp::int32: return append_parsed<int32_t>(node, token, parse_int32, failure);
    case ValueOp::int64: return append_parsed<int64_t>(node, token, parse_int64, failure);
    case ValueOp::float32: return append_parsed<float>(node, token, parse_float32, failure);
    case ValueOp::float64: return append_parsed<double>(node, token, parse_float64, failure);
    case ValueOp::decimal: return append_decimal(node, token, RejectClass::malformed, failure);
    case ValueOp::epoch: return append_epoch(node, token, failure);
    default: break;
  }
  if (!is_json_number(token)) return fail_number(node, NumberParse::malformed, token, failure);
  if (node.op != ValueOp::raw_json) return fail_type(node, "number '" + excerpt(token) + "'", failure);
  node.as<BytesBuilder>().append(token);
  return true;
}

bool append_text(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  switch (node.op) {
    case ValueOp::string: node.as<BytesBuilder>().append(text); return true;
    case ValueOp::decimal: return append_decimal(node, text, RejectClass::bad_format, failure);
    case ValueOp::date: return append_time<int32_t>(node, text, parse_date, "2017-11-16", failure);
    case ValueOp::time: return append_time<int64_t>(node, text, parse_time, "22:31:08.123456", failure);
    case ValueOp::local_time_text:
      return append_time<int64_t>(node, text, parse_local_datetime, "2017-11-16T22:31:08", failure);
    case ValueOp::instant_text: return append_time<int64_t>(node, text, parse_instant, "2017-11-16T22:31:08Z", failure);
    case ValueOp::uuid: return append_uuid(node, text, failure);
    case ValueOp::fixed_base64:
    case ValueOp::binary_base64: return append_encoded(node, text, false, failure);
    case ValueOp::fixed_hex:
    case ValueOp::binary_hex: return append_encoded(node, text, true, failure);
    default: return fail_type(node, "string '" + excerpt(text) + "'", failure);
  }
}

bool append_boolean(const ColumnNode& node, bool value, RowFailure& failure) {
  if (node.op == ValueOp::raw_json) {
    node.as<BytesBuilder>().append(value ? "true" : "false");
    return true;
  }
  if (node.op != ValueOp::boolean) return fail_type(node, value ? "true" : "false", failure);
  node.as<BooleanBuilder>().append(value);
  return true;
}

bool append_null(const ColumnNode& node, RowFailure& failure) {
  if (node.required) return failure.fail(RejectClass::missing_required, node.expected + "null in a required column");
  node.builder->append_null();
  return true;
}

bool append_absent(const ColumnNode& node, RowFailure& failure) {
  if (node.default_value) {
    node.builder->append_from(*node.default_value, 0);
    return true;
  }
  if (node.required)
    return failure.fail(RejectClass::missing_required, node.expected + "nothing for a required column");
  node.builder->append_null();
  return true;
}

bool append_map_key(const ColumnNode& node, std::string_view key, RowFailure& failure) {
  if (node.op == ValueOp::string || node.op == ValueOp::date) return append_text(node, key, failure);
  // "-0" would be a second way to write the key 0.
  if (key != "-0" && append_number(node, key, failure)) return true;
  return fail_value(node, RejectClass::bad_format, "the key", key, failure);
}

bool append_csv_field(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  switch (node.op) {
    case ValueOp::boolean: {
      const bool is_true = equals_ignoring_case(text, "true");
      if (!is_true && !equals_ignoring_case(text, "false"))
        return fail_value(node, RejectClass::wrong_type, "neither true nor false:", text, failure);
      node.as<BooleanBuilder>().append(is_true);
      return true;
    }
    case ValueOp::int32:
    case ValueOp::int64:
    case ValueOp::float32:
    case ValueOp::float64:
    case ValueOp::decimal:
    case ValueOp::epoch:
      if (!is_json_number(text)) return fail_unlike(node, RejectClass::wrong_type, "a number", text, failure);
      return append_number(node, text, failure);
    default: return append_text(node, text, failure);
  }
}

}  // namespace weir::codec
