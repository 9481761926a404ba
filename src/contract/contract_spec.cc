#include "contract/contract_spec_internal.h"

namespace weir::contract {
namespace {

constexpr std::string_view kActionDoc =
    "What becomes of a row that breaks the rule: reject (to the dead letter, the default), drop, warn or fail (stop "
    "the pipeline).";

constexpr std::string_view kTypePattern =
    "^(boolean|int|long|float|double|decimal\\(\\s*\\d+\\s*,\\s*\\d+\\s*\\)|date|time|timestamp|timestamptz|string|"
    "uuid|"
    "fixed\\[\\s*\\d+\\s*\\]|binary|struct|list|map|json)$";

void describe_type(config::Description& d, TypeSpec& s) {
  d.field("type", s.type)
      .required()
      .pattern(kTypePattern, {"boolean", "int", "long", "float", "double", "decimal(9, 2)", "date", "time", "timestamp",
                              "timestamptz", "string", "uuid", "fixed[16]", "binary", "struct", "list", "map", "json"})
      .doc(
          "boolean, int, long, float, double, decimal(p, s), date, time, timestamp (no zone), timestamptz (UTC), "
          "string, uuid, fixed[n], binary, "
          "struct, list, map, or json (any JSON value, kept as text).")
      .example("long")
      .example("decimal(9, 2)")
      .example("timestamptz");
  d.field("format", s.format)
      .pattern("^(rfc3339|epoch_s|epoch_ms|epoch_us|epoch_ns|epoch_d|base64|hex|.*%.*)$",
               {"rfc3339", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "epoch_d", "base64", "hex"})
      .doc(
          "How events write the value. timestamp, timestamptz: rfc3339 (default), epoch_s, epoch_ms, epoch_us, "
          "epoch_ns; date: rfc3339 or epoch_d (days since 1970); all of them and time: a pattern as strptime has it; "
          "binary, fixed: base64 (default), hex.")
      .example("%d/%m/%Y %H:%M");
  d.field("zone", s.zone)
      .not_empty()
      .doc("timestamptz by a pattern without %z: the offset that its times have, UTC or such as +01:00.")
      .example("UTC");
  d.field("finer", s.finer)
      .allowed({"reject", "truncate"})
      .doc("Times finer than a microsecond, the finest that a table keeps: reject (default) or truncate them.");
  d.field("accept", s.accept).allowed({"text"}).doc("text: a number may also stand in quotes.");
  d.field("decimal", s.decimal)
      .allowed({"point", "comma"})
      .doc("comma: numbers in CSV fields and in quotes have a comma in place of the decimal point.");
  d.field("fields", s.fields).not_empty().doc("Columns inside of a struct.");
  d.field("element", s.element).doc("What a list holds: a type, or a mapping.");
  d.field("key", s.key).doc("A map's key: a type, or a mapping. Default: string.");
  d.field("value", s.value).doc("A map's value: a type, or a mapping.");
}

void describe_rules(config::Description& d, NamedRules& s) {
  d.field("not_null", s.not_null).doc("The value must be there.");
  d.field("range", s.range).doc("Bounds of numbers, dates and times, inclusive.");
  d.field("accepted_values", s.accepted_values).doc("The only values that are accepted.");
  d.field("regex", s.regex).doc("RE2 pattern that text must match somewhere; anchor with ^ and $ for the whole text.");
  d.field("length", s.length).doc("Bounds of the characters of text, bytes of binary, elements of a list or map.");
}

}  // namespace

std::span<const config::EnumName> enum_names(RuleAction) {
  static constexpr config::EnumName kNames[] = {
      {"reject", static_cast<int64_t>(RuleAction::reject), "move the event to the dead letter"},
      {"drop", static_cast<int64_t>(RuleAction::drop), "leave the row out of the table, count it"},
      {"warn", static_cast<int64_t>(RuleAction::warn), "keep the row, count it"},
      {"fail", static_cast<int64_t>(RuleAction::fail), "stop the pipeline"},
  };
  return kNames;
}

void describe(config::Description& d, NotNullSpec& s) {
  d.structure("not_null", "The value must be there.");
  d.shorthand("enabled");
  d.field("enabled", s.enabled);
  d.field("action", s.action).doc(kActionDoc);
}

void describe(config::Description& d, RangeSpec& s) {
  d.structure("range", "Bounds, inclusive. Dates and times as RFC 3339 writes them.");
  d.field("min", s.min);
  d.field("max", s.max);
  d.field("action", s.action).doc(kActionDoc);
  d.at_least_one({"min", "max"});
}

void describe(config::Description& d, AcceptedValuesSpec& s) {
  d.structure("accepted_values", "The only values that are accepted.");
  d.shorthand("values");
  d.field("values", s.values).required().not_empty();
  d.field("action", s.action).doc(kActionDoc);
}

void describe(config::Description& d, RegexSpec& s) {
  d.structure("regex", "A pattern that text must match.");
  d.shorthand("pattern");
  d.field("pattern", s.pattern).required().not_empty().example("^[A-Z]{3}$");
  d.field("action", s.action).doc(kActionDoc);
}

void describe(config::Description& d, LengthSpec& s) {
  d.structure("length", "Bounds of a length, inclusive.");
  d.field("min", s.min).min(0);
  d.field("max", s.max).min(0);
  d.field("action", s.action).doc(kActionDoc);
  d.at_least_one({"min", "max"});
}

void describe(config::Description& d, ElementSpec& s) {
  d.structure("element", "A type inside of a list or map.");
  d.shorthand("type");
  describe_type(d, s.type);
  d.field("required", s.required).doc("Whether null is refused. A map's keys always are required.");
  d.field("description", s.description);
}

void describe(config::Description& d, ColumnSpec& s) {
  d.structure("column", "A column of the table and where events carry it.");
  d.field("name", s.name).required().not_empty().doc("Name of the column in the table.");
  describe_type(d, s.type);
  d.field("required", s.required).doc("Whether an event without the value is rejected.");
  d.field("description", s.description).doc("What the value means. It becomes the column's comment.");
  d.field("tags", s.tags).list_or_one().doc("Labels such as pii.");
  d.field("from", s.from)
      .not_empty()
      .doc(
          "Name of the field in the event when it is not the column's; a path into a JSON event ($.geo.points[0]); or "
          "what stands beside the event: $topic, $partition, $offset, $timestamp, $key, $headers, $header.NAME, $file, "
          "$line.")
      .example("$offset");
  d.field("default", s.default_value)
      .doc("Stands for the value when an event does not have the field. A null in the event stays null.");
  describe_rules(d, s.rules);
}

void describe(config::Description& d, RuleSpec& s) {
  d.structure("rule", "A rule over a column, or over the row as a SQL expression.");
  d.field("name", s.name)
      .doc(
          "Name in the dead letter, metrics and snapshot summaries. A sql rule needs one; others default to column and "
          "kind.");
  d.field("column", s.column).doc("The column, or a path into a struct (geo.lat).");
  d.field("action", s.action).doc(kActionDoc);
  describe_rules(d, s.rules);
  d.field("sql", s.sql)
      .not_empty()
      .doc("Boolean expression; false breaks the rule, null does not.")
      .example("dep_delay between -120 and 3000");
  d.exactly_one({"not_null", "range", "accepted_values", "regex", "length", "sql"});
}

void describe(config::Description& d, UnknownFieldsSpec& s) {
  d.structure("unknown_fields", "What becomes of the fields of an event that no column reads.");
  d.shorthand("policy");
  d.field("policy", s.policy).doc("warn (say each name once, the default), ignore, or reject the event.");
  d.field("keep", s.keep)
      .not_empty()
      .doc("A column of the type json that takes them, as one JSON object; null when an event has none.")
      .example("rest");
}

void describe(config::Description& d, ContractSpec& s) {
  d.structure("contract", "A data contract: columns and rules of the events of a source.");
  d.field("contract", s.contract).required().not_empty().doc("Name of the contract.").example("flight");
  d.field("version", s.version).doc("Version of the contract; it is written beside every reject.").example("1.2.0");
  d.field("description", s.description);
  d.field("tags", s.tags).list_or_one();
  d.field("columns", s.columns).required().not_empty();
  d.field("event_time", s.event_time)
      .doc("Column that says when the event happened: a timestamp or timestamptz. Rejects carry it where it is known.")
      .example("departed_at");
  d.field("unknown_fields", s.unknown_fields)
      .doc("What becomes of fields that no column reads: warn, ignore, reject, or {keep: COLUMN}.");
  d.field("rules", s.rules);
}

}  // namespace weir::contract

namespace weir {

std::span<const config::EnumName> enum_names(UnknownFields) {
  static constexpr config::EnumName kNames[] = {
      {"warn", static_cast<int64_t>(UnknownFields::warn), "leave them out, count them, say each name once"},
      {"ignore", static_cast<int64_t>(UnknownFields::ignore), "leave them out and count them"},
      {"reject", static_cast<int64_t>(UnknownFields::reject), "move the event to the dead letter"},
  };
  return kNames;
}

}  // namespace weir

namespace weir::contract {

std::string file_schema() {
  return config::json_schema<ContractSpec>("Weir data contract");
}

}  // namespace weir::contract
