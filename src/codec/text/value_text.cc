#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "codec/text/number_text_internal.h"
#include "codec/text/value_text_internal.h"

namespace weir::codec {
namespace {

/// "expected long, got 'x', which is not a number".
bool fail_value(const ColumnNode& node, RejectClass reject_class, std::string_view text, std::string_view why,
                RowFailure& failure) {
  std::string message = node.expected;
  const bool is_number = is_json_number(text);
  message.append(is_number ? ", got " : ", got '").append(excerpt(text)).append(is_number ? "" : "'");
  message.append(", which ").append(why);
  return failure.fail(reject_class, std::move(message));
}

bool fail_literal(std::string_view token, RowFailure& failure) {
  return failure.fail(RejectClass::malformed, "'" + excerpt(token) + "' is not a JSON value");
}

bool fail_number(const ColumnNode& node, NumberParse outcome, std::string_view token, RowFailure& failure) {
  switch (outcome) {
    case NumberParse::not_integer:
      return fail_value(node, RejectClass::wrong_type, token, "is written with a fraction or an exponent", failure);
    case NumberParse::out_of_range:
      return fail_value(node, RejectClass::out_of_range, token, "is outside the range of the type", failure);
    default: return fail_literal(token, failure);
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

std::string digits_text(int count) {
  return std::to_string(count) + (count == 1 ? " digit" : " digits");
}

bool append_decimal(const ColumnNode& node, std::string_view text, RejectClass malformed, RowFailure& failure) {
  Int128 unscaled = 0;
  switch (parse_decimal(text, node.type->precision(), node.type->scale(), unscaled)) {
    case DecimalParse::ok: node.as<FixedBuilder<Int128>>().append(unscaled); return true;
    case DecimalParse::malformed: return fail_value(node, malformed, text, "is not a number", failure);
    case DecimalParse::out_of_range:
      return fail_value(
          node, RejectClass::out_of_range, text,
          "has more than " + digits_text(node.type->precision() - node.type->scale()) + " before the point", failure);
    case DecimalParse::inexact:
      return fail_value(node, RejectClass::inexact, text,
                        "has more than " + digits_text(node.type->scale()) + " after the point", failure);
  }
  return false;
}

bool fail_years(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  return fail_value(node, RejectClass::out_of_range, token,
                    "is outside the years 1 to 9999; the unit may be another one", failure);
}

bool fail_finer(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  return fail_value(node, RejectClass::inexact, text, "is finer than a microsecond (`finer: truncate` cuts it)",
                    failure);
}

/// An epoch number with digits beyond the microsecond, which are cut where the column says so.
bool append_cut_epoch(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  const size_t point = token.find('.');
  if (!node.truncate_finer || point == std::string_view::npos || token.find_first_of("eE") != std::string_view::npos)
    return fail_finer(node, token, failure);
  Int128 micros = 0;
  const std::string_view cut = token.substr(0, point + 1 + static_cast<size_t>(node.epoch_digits));
  const bool is_whole = cut.back() == '.';
  if (parse_decimal(is_whole ? cut.substr(0, point) : cut, kDecimalPrecisionMax, node.epoch_digits, micros) !=
      DecimalParse::ok)
    return fail_years(node, token, failure);
  if (token.front() == '-') --micros;  // what was cut is not zero, and earlier is lower
  if (micros < kInstantMin || micros >= kInstantEnd) return fail_years(node, token, failure);
  node.as<FixedBuilder<int64_t>>().append(static_cast<int64_t>(micros));
  return true;
}

/// A count of seconds, milliseconds or microseconds since 1970, exact to the microsecond. Only years 1 to 9999 are
/// instants: that also catches most confusions of units.
bool append_epoch(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  Int128 micros = 0;
  switch (parse_decimal(token, kDecimalPrecisionMax, node.epoch_digits, micros)) {
    case DecimalParse::ok: break;
    case DecimalParse::malformed: return fail_literal(token, failure);
    case DecimalParse::inexact: return append_cut_epoch(node, token, failure);
    case DecimalParse::out_of_range: micros = kInstantEnd; break;
  }
  if (micros < kInstantMin || micros >= kInstantEnd) return fail_years(node, token, failure);
  node.as<FixedBuilder<int64_t>>().append(static_cast<int64_t>(micros));
  return true;
}

/// A count of nanoseconds since 1970.
bool append_nanos(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  Int128 nanos = 0;
  switch (parse_decimal(token, kDecimalPrecisionMax, 0, nanos)) {
    case DecimalParse::ok: break;
    case DecimalParse::malformed: return fail_literal(token, failure);
    case DecimalParse::inexact: return fail_finer(node, token, failure);
    case DecimalParse::out_of_range: return fail_years(node, token, failure);
  }
  constexpr Int128 kNanosPerMicro = 1000;
  if (nanos < kInstantMin * kNanosPerMicro || nanos >= kInstantEnd * kNanosPerMicro)
    return fail_years(node, token, failure);
  const Int128 rest = (nanos % kNanosPerMicro + kNanosPerMicro) % kNanosPerMicro;
  if (rest != 0 && !node.truncate_finer) return fail_finer(node, token, failure);
  node.as<FixedBuilder<int64_t>>().append(static_cast<int64_t>((nanos - rest) / kNanosPerMicro));
  return true;
}

/// A count of days since 1970.
bool append_days(const ColumnNode& node, std::string_view token, RowFailure& failure) {
  int32_t days = 0;
  const NumberParse outcome = parse_int32(token, days);
  if (outcome == NumberParse::malformed || outcome == NumberParse::not_integer)
    return fail_number(node, outcome, token, failure);
  if (outcome == NumberParse::out_of_range || days < kDayMin || days >= kDayEnd)
    return fail_years(node, token, failure);
  node.as<FixedBuilder<int32_t>>().append(days);
  return true;
}

bool append_by_pattern(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  PatternTime time;
  switch (node.pattern->parse(text, time)) {
    case TimeParse::ok: break;
    case TimeParse::out_of_range: return fail_value(node, RejectClass::out_of_range, text, "does not exist", failure);
    case TimeParse::malformed:
      return fail_value(node, RejectClass::bad_format, text, "is not written like " + node.pattern->example(), failure);
  }
  if (time.is_cut && !node.truncate_finer) return fail_finer(node, text, failure);
  if (node.type->kind() == TypeKind::date) {
    node.as<FixedBuilder<int32_t>>().append(time.days);
    return true;
  }
  int64_t micros = time.micros;
  if (node.type->kind() != TypeKind::time) micros += time.days * kMicrosPerDay;
  if (node.type->kind() == TypeKind::timestamptz) {
    const int32_t minutes = node.pattern->parts().offset ? time.offset_minutes : node.offset_minutes;
    micros -= minutes * int64_t{60} * kMicrosPerSecond;
    if (micros < kInstantMin || micros >= kInstantEnd)
      return fail_value(node, RejectClass::out_of_range, text, "is outside the years 1 to 9999 in UTC", failure);
  }
  node.as<FixedBuilder<int64_t>>().append(micros);
  return true;
}

/// `text` without the digits after the sixth of a fraction of a second.
std::string cut_fraction(std::string_view text) {
  const size_t point = text.find('.');
  const size_t keep = std::min(point + 7, text.size());
  const size_t end = std::min(text.find_first_not_of("0123456789", keep), text.size());
  return std::string(text.substr(0, keep)).append(text.substr(end));
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
    case TimeParse::out_of_range: return fail_value(node, RejectClass::out_of_range, text, "does not exist", failure);
    case TimeParse::malformed: break;
  }
  if (is_finer_than_micros(text)) {
    if (!node.truncate_finer) return fail_finer(node, text, failure);
    return append_time(node, cut_fraction(text), parse, shape, failure);
  }
  return fail_value(node, RejectClass::bad_format, text, "is not written like " + std::string(shape), failure);
}

bool append_uuid(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  Uuid uuid;
  if (!Uuid::try_parse(text, uuid))
    return fail_value(node, RejectClass::bad_format, text, "is not 8-4-4-4-12 hex digits", failure);
  node.as<FixedBytesBuilder>().append({reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()});
  return true;
}

bool append_encoded(const ColumnNode& node, std::string_view text, bool hex, RowFailure& failure) {
  std::string bytes;
  if (!(hex ? hex_decode(text, bytes) : base64_decode(text, bytes))) {
    return fail_value(node, RejectClass::bad_format, text, hex ? "is not hex digits" : "is not base64", failure);
  }
  if (node.type->kind() == TypeKind::binary) {
    node.as<BytesBuilder>().append(bytes);
    return true;
  }
  if (bytes.size() != static_cast<size_t>(node.type->width_bytes())) {
    return fail_value(node, RejectClass::bad_format, text, "holds " + std::to_string(bytes.size()) + " bytes", failure);
  }
  node.as<FixedBytesBuilder>().append(bytes);
  return true;
}

bool is_number_op(ValueOp op) {
  switch (op) {
    case ValueOp::int32:
    case ValueOp::int64:
    case ValueOp::float32:
    case ValueOp::float64:
    case ValueOp::decimal:
    case ValueOp::epoch:
    case ValueOp::epoch_nanos:
    case ValueOp::epoch_days: return true;
    default: return false;
  }
}

/// A number in text that is not JSON's: a CSV field, or a string where the column accepts that.
bool append_number_text(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  std::string with_point;
  std::string_view number = text;
  if (node.decimal_comma) {
    with_point = text;
    const size_t comma = text.find(',');
    if (comma != std::string_view::npos) with_point[comma] = '.';
    if (text.find('.') != std::string_view::npos) with_point.clear();  // 1.234 may be meant as 1234
    number = with_point;
  }
  if (!is_json_number(number))
    return fail_value(node, RejectClass::wrong_type, text,
                      node.decimal_comma ? "is not a number with a decimal comma" : "is not a number", failure);
  return append_number(node, number, failure);
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
  return failure.fail(RejectClass::wrong_type, std::string(node.expected).append(", got ").append(found));
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
    case ValueOp::epoch_nanos: return append_nanos(node, token, failure);
    case ValueOp::epoch_days: return append_days(node, token, failure);
    default: break;
  }
  if (!is_json_number(token)) return fail_number(node, NumberParse::malformed, token, failure);
  if (node.op != ValueOp::raw_json) return fail_type(node, "the number " + excerpt(token), failure);
  node.as<BytesBuilder>().append(token);
  return true;
}

bool append_text(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  if (node.accept_text && is_number_op(node.op)) return append_number_text(node, text, failure);
  switch (node.op) {
    case ValueOp::time_pattern: return append_by_pattern(node, text, failure);
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
    default: return fail_type(node, "the text '" + excerpt(text) + "'", failure);
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
  if (node.required)
    return failure.fail(RejectClass::missing_required, "the value is null, but the column is required");
  node.builder->append_null();
  return true;
}

bool append_absent(const ColumnNode& node, RowFailure& failure) {
  if (is_path(node.op)) {
    for (const ColumnNode& child : node.children) {
      if (!append_absent(child, failure)) return failure.inside(child.name);
    }
    return true;
  }
  if (node.default_value) {
    node.builder->append_from(*node.default_value, 0);
    return true;
  }
  if (node.required)
    return failure.fail(RejectClass::missing_required, "the event has no such field, but the column is required");
  node.builder->append_null();
  return true;
}

const ColumnNode* child_at(const ColumnNode& path_list, int index) {
  for (const ColumnNode& child : path_list.children) {
    if (child.step.index == index) return &child;
  }
  return nullptr;
}

bool append_missing(const ColumnNode& path_list, int count, RowFailure& failure) {
  for (const ColumnNode& child : path_list.children) {
    if (child.step.index >= count && !append_absent(child, failure)) return failure.inside(child.name);
  }
  return true;
}

bool append_map_key(const ColumnNode& node, std::string_view key, RowFailure& failure) {
  if (node.op == ValueOp::string || node.op == ValueOp::date) return append_text(node, key, failure);
  // "-0" would be a second way to write the key 0.
  if (key != "-0" && append_number(node, key, failure)) return true;
  return failure.fail(RejectClass::bad_format, node.expected + ", got the key '" + excerpt(key) + "'");
}

bool append_csv_field(const ColumnNode& node, std::string_view text, RowFailure& failure) {
  if (is_number_op(node.op)) return append_number_text(node, text, failure);
  switch (node.op) {
    case ValueOp::boolean: {
      const bool is_true = equals_ignoring_case(text, "true");
      if (!is_true && !equals_ignoring_case(text, "false"))
        return fail_value(node, RejectClass::wrong_type, text, "is neither true nor false", failure);
      node.as<BooleanBuilder>().append(is_true);
      return true;
    }
    default: return append_text(node, text, failure);
  }
}

}  // namespace weir::codec
