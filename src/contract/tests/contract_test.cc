#include "contract/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Loaded {
  std::optional<Contract> contract;
  config::Diagnostics diagnostics;
  std::string errors() const { return diagnostics.render(); }
};

Loaded read(std::string_view text) {
  Loaded out;
  out.contract = load("c.yaml", text, config::References::none(), out.diagnostics);
  return out;
}

/// A contract with one more line of columns.
Loaded read_column(std::string_view column) {
  return read("contract: c\ncolumns:\n- {name: origin, type: string}\n- {name: delay, type: int}\n- " +
              std::string(column) + "\n");
}

/// A contract with some columns and one rule.
Loaded read_rule(std::string_view rule) {
  return read(R"y(contract: c
columns:
- {name: origin, type: string}
- {name: delay, type: int}
- {name: fare, type: "decimal(9, 2)"}
- {name: ratio, type: float}
- {name: day, type: date}
- {name: at, type: timestamptz}
- {name: id, type: uuid}
- {name: ok, type: boolean}
- {name: blob, type: binary}
- {name: tags, type: list, element: string}
- {name: geo, type: struct, fields: [{name: lat, type: double}]}
- {name: stops, type: list, element: {type: struct, fields: [{name: city, type: string}]}}
rules:
- )y" + std::string(rule) +
              "\n");
}

TEST(Contract, ReadsColumnsOfEveryType) {
  const Loaded l = read(R"y(
contract: flight
version: "1.2"
description: One flight leg.
tags: [ops]
columns:
  - {name: flight_id, type: string, required: true, description: "The leg", tags: [pii, key]}
  - {name: ts, type: timestamptz, format: epoch_ms}
  - {name: local, type: timestamp}
  - {name: payload, type: binary, format: hex}
  - {name: digest, type: "fixed[16]"}
  - {name: fare, type: "decimal(9, 2)"}
  - {name: geo, type: struct, fields: [{name: lat, type: double, from: latitude}, {name: raw, type: json}]}
  - {name: tags, type: list, element: string}
  - {name: stops, type: list, element: {type: timestamptz, format: epoch_s, required: true}}
  - {name: attributes, type: map, key: string, value: {type: long, required: true}}
  - {name: labels, type: map, value: string}
  - {name: off, type: long, from: $offset}
  - {name: part, type: int, from: $partition}
  - {name: topic, type: string, from: $topic}
  - {name: arrived, type: timestamptz, from: $timestamp}
  - {name: key, type: binary, from: $key}
  - {name: dep_delay, type: int, from: DepDelay}
  - {name: raw, type: json}
)y");
  ASSERT_TRUE(l.contract) << l.errors();
  const Contract& c = *l.contract;
  EXPECT_EQ(c.name, "flight");
  EXPECT_EQ(c.version, "1.2");
  EXPECT_EQ(c.schema->fields()[0], (Field{1, "flight_id", true, Type::primitive(TypeKind::string), "The leg"}));
  EXPECT_THAT(c.columns[0].tags, ElementsAre("pii", "key"));
  EXPECT_EQ(c.columns[1].format.timestamp, TimestampFormat::epoch_millis);
  EXPECT_EQ(c.columns[3].format.binary, BinaryFormat::hex);
  EXPECT_EQ(c.schema->find_by_path("geo.lat")->id, 19);  // ids: all columns first, then what is inside of them
  EXPECT_EQ(c.columns[6].format.children[0].source_name, "latitude");
  EXPECT_TRUE(c.columns[6].format.children[1].raw_json);
  EXPECT_EQ(c.schema->find_by_path("stops")->type->to_string(), "list<timestamptz>");
  EXPECT_TRUE(c.schema->find_by_path("stops.element")->required);
  EXPECT_EQ(c.columns[8].format.children[0].timestamp, TimestampFormat::epoch_seconds);
  EXPECT_EQ(c.schema->find_by_path("attributes")->type->to_string(), "map<string, long>");
  EXPECT_EQ(c.columns[11].format.origin, ColumnOrigin::offset);
  EXPECT_EQ(c.columns[12].format.origin, ColumnOrigin::partition);
  EXPECT_EQ(c.columns[13].format.origin, ColumnOrigin::topic);
  EXPECT_EQ(c.columns[14].format.origin, ColumnOrigin::timestamp);
  EXPECT_EQ(c.columns[15].format.origin, ColumnOrigin::key);
  EXPECT_EQ(c.columns[16].format.source_name, "DepDelay");
  EXPECT_TRUE(c.columns[17].format.raw_json);
  EXPECT_EQ(c.schema->field(17).type->kind(), TypeKind::string);
}

TEST(Contract, ReadsRulesOfColumnsAndOfTheList) {
  const Loaded l = read(R"y(contract: flight
columns:
  - {name: origin, type: string, not_null: true, regex: "^[A-Z]{3}$", length: {min: 3, max: 3, action: warn}}
  - {name: delay, type: int, range: {min: -120, max: 3000, action: drop}}
  - {name: status, type: string, accepted_values: [planned, "on", flown]}
  - {name: geo, type: struct, fields: [{name: lat, type: double, range: {min: -90, max: 90}}]}
rules:
  - {name: sane, sql: "delay between -120 and 3000", action: fail}
  - {column: geo.lat, not_null: {action: warn}}
  - {name: codes, column: status, accepted_values: {values: [a, b], action: warn}}
  - {column: origin, accepted_values: [ATL], action: warn}
)y");
  ASSERT_TRUE(l.contract) << l.errors();
  const std::vector<Rule>& rules = l.contract->rules;
  std::vector<std::string> names;
  for (const Rule& rule : rules) names.push_back(rule.name + ":" + std::string(to_string(rule.action)));
  EXPECT_THAT(names, ElementsAre("origin_not_null:reject", "origin_regex:reject", "origin_length:warn",
                                 "delay_range:drop", "status_accepted_values:reject", "geo.lat_range:reject",
                                 "sane:fail", "geo.lat_not_null:warn", "codes:warn", "origin_accepted_values:warn"));
  EXPECT_EQ(std::get<int64_t>(*rules[3].min), -120);
  EXPECT_EQ(std::get<double>(*rules[5].max), 90.0);
  EXPECT_EQ(std::get<std::string>(rules[4].accepted[1]), "on");
  EXPECT_EQ(rules[6].sql, "delay between -120 and 3000");
  EXPECT_EQ(rules[6].location.at, (config::Position{8, 23}));
}

TEST(Contract, ReadsDefaultsAsTheJsonThatDecodersSee) {
  const Loaded l = read(R"y(contract: c
columns:
  - {name: a, type: int, default: 0x, from: A}
)y");
  EXPECT_THAT(l.errors(), HasSubstr("columns[0].default: expected a whole number (int), got the text '0x'"));
  const Loaded good = read(R"y(contract: c
columns:
  - {name: a, type: int, default: +7}
  - {name: b, type: string, default: "1"}
  - {name: c, type: boolean, default: True}
  - {name: d, type: double, default: .5}
  - {name: e, type: "decimal(9, 2)", default: 1.50}
  - {name: f, type: timestamptz, format: epoch_s, default: 1.5}
  - {name: g, type: date, default: 2017-11-16}
  - {name: h, type: list, element: int, default: [1, 2]}
  - {name: i, type: struct, fields: [{name: x, type: long, from: X}], default: {x: 1}}
  - {name: j, type: map, value: string, default: {"k\"": "v"}}
  - {name: k, type: json, default: {a: [1, yes, null, true, "2"]}}
  - {name: m, type: binary, format: hex, default: "00ff"}
)y");
  ASSERT_TRUE(good.contract) << good.errors();
  std::vector<std::string> defaults;
  for (const ColumnContract& column : good.contract->columns) defaults.push_back(*column.format.default_json);
  EXPECT_THAT(defaults, ElementsAre("7", "\"1\"", "true", "0.5", "1.50", "1.5", "\"2017-11-16\"", "[1,2]", "{\"X\":1}",
                                    "{\"k\\\"\":\"v\"}", "{\"a\":[1,\"yes\",null,true,\"2\"]}", "\"00ff\""));
}

TEST(Contract, ReportsEveryErrorAtOnce) {
  const Loaded l = read(R"y(contract: flight
colums: []
columns:
  - {name: a, type: strin, regex: "["}
  - {name: b, type: string, regex: "["}
  - {name: b, type: int, range: {min: 5, max: 1}}
  - {name: c, type: int, accepted_values: [1, x, 1], required: true, default: null}
  - {type: int}
rules:
  - {column: bb, not_null: true}
  - {column: a, not_null: true}
  - {sql: "1 = 1"}
  - {column: c, range: {min: 0}, regex: x}
)y");
  EXPECT_FALSE(l.contract);
  EXPECT_EQ(l.diagnostics.error_count(), 14U) << l.errors();
  for (const std::string_view part :
       {"c.yaml:2:1: unknown key 'colums'; did you mean 'columns'?",
        "c.yaml:4:21: columns[0].type: 'strin' is not a type; did you mean 'string'?",
        "columns[0].regex: bad pattern: missing ]: [", "c.yaml:5:36: columns[1].regex: bad pattern: missing ]: [",
        "c.yaml:6:12: columns[2].name: two columns are called 'b'",
        "c.yaml:6:33: columns[2].range: min 5 lies above max 1",
        "columns[3].accepted_values: expected a whole number (int), got the text 'x'",
        "columns[3].accepted_values: the value 1 is there twice", "columns[3].default: null for a required value",
        "columns[4]: the key 'name' is missing", "rules[0].column: there is no column 'bb'",
        "rules[2]: a sql rule needs a 'name'", "rules[3]: 'range' and 'regex' exclude each other",
        "rules[3].regex: a regex is for text; 'c' is of the type int"}) {
    EXPECT_THAT(l.errors(), HasSubstr(part));
  }
}

struct Bad {
  std::string_view yaml;
  std::string_view says;
};

class ColumnRefused : public ::testing::TestWithParam<Bad> {};
TEST_P(ColumnRefused, WithAHint) {
  EXPECT_THAT(read_column(GetParam().yaml).errors(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Types, ColumnRefused,
    ::testing::Values(
        Bad{"{name: x, type: integer}", "'integer' is not a type; write int or long"},
        Bad{"{name: x, type: varchar(10)}", "write string"}, Bad{"{name: x, type: decimal}", "write decimal(p, s)"},
        Bad{"{name: x, type: \"decimal(39, 0)\"}", "precision must be 1 to 38"},
        Bad{"{name: x, type: \"decimal(5, 6)\"}", "scale 0 to precision"},
        Bad{"{name: x, type: \"fixed[0]\"}", "length must be"},
        Bad{"{name: x, type: tiemstamp}", "did you mean 'timestamp'?"},
        Bad{"{name: x, type: 7}", "expected text, got the number 7"},
        Bad{"{name: x, type: struct}", "a struct needs 'fields'"},
        Bad{"{name: x, type: struct, fields: []}", "an empty list"},
        Bad{"{name: x, type: list}", "a list needs 'element'"}, Bad{"{name: x, type: map}", "a map needs 'value'"},
        Bad{"{name: x, type: list, element: strng}",
            "columns[2].element.type: 'strng' is not a type; did you mean 'string'?"},
        Bad{"{name: x, type: map, key: double, value: int}",
            "key: a map's key must be of the type string, int, long or date"},
        Bad{"{name: x, type: map, key: uuid, value: int}", "must be of the type string, int, long or date"},
        Bad{"{name: x, type: map, key: \"decimal(9, 2)\", value: int}",
            "must be of the type string, int, long or date"},
        Bad{"{name: x, type: map, key: {type: list, element: int}, value: int}", "a map's key must be of the type"},
        Bad{"{name: x, type: int, element: int}", "'element' does not belong to the type int"},
        Bad{"{name: x, type: list, element: int, value: int}", "'value' does not belong to the type list"}));
INSTANTIATE_TEST_SUITE_P(
    Names, ColumnRefused,
    ::testing::Values(
        Bad{"{name: origin, type: int}", "two columns are called 'origin'"},
        Bad{"{name: ORIGIN, type: int}", "differ in case only"},
        Bad{"{name: a.b, type: int}", "a dot in the column's name 'a.b'"},
        Bad{"{name: _pos, type: int}", "Iceberg reserves the name '_pos'"}, Bad{"{name: \" x\", type: int}", "a blank"},
        Bad{"{name: \"a\\tb\", type: int}", "a control character"}, Bad{"{name: \"\", type: int}", "empty text"},
        Bad{"{name: x, type: int, from: delay}", "'delay' and 'x' both read 'delay'"},
        Bad{"{name: x, type: struct, fields: [{name: a, type: int}, {name: A, type: int}]}", "differ in case only"}));
INSTANTIATE_TEST_SUITE_P(
    Sources, ColumnRefused,
    ::testing::Values(Bad{"{name: x, type: int, from: $offset}", "'$offset' is of the type long"},
                      Bad{"{name: x, type: long, from: $ofset}", "did you mean '$offset'?"},
                      Bad{"{name: x, type: json, from: $key}", "'$key' is of the type string or binary"},
                      Bad{"{name: x, type: long, from: $offset, default: 1}",
                          "a default for a value that always comes with the event"},
                      Bad{"{name: x, type: timestamptz, format: epoch_ms, from: $timestamp}",
                          "a format for a value that always comes with"},
                      Bad{"{name: x, type: struct, fields: [{name: a, type: long, from: $offset}]}", "is for columns"},
                      Bad{"{name: x, type: int, format: hex}",
                          "a format is for dates, times and bytes, not for the type int"},
                      Bad{"{name: x, type: date, format: epoch_s}",
                          "'epoch_s' is not a format of the type date; its formats are rfc3339, epoch_d, and patterns"},
                      Bad{"{name: x, type: binary, format: epoch_s}", "its formats are base64 and hex"},
                      Bad{"{name: x, type: timestamp, format: base64}", "its formats are rfc3339"},
                      Bad{"{name: x, type: timestamp, format: unix}", "'unix' is not a format of the type timestamp"}));
INSTANTIATE_TEST_SUITE_P(
    Defaults, ColumnRefused,
    ::testing::Values(Bad{"{name: x, type: int, default: 2147483648}", "does not fit into the type int"},
                      Bad{"{name: x, type: int, default: \"1\"}", "got the text '1'"},
                      Bad{"{name: x, type: int, default: null}", "default: null is not a default"},
                      Bad{"{name: x, type: json, default: null}", "default: null is not a default"},
                      Bad{"{name: x, type: struct, fields: [{name: y, type: int, default: null}]}",
                          "fields[0].default: null is not a default"},
                      Bad{"{name: x, type: string, default: 1}", "put it in quotes"},
                      Bad{"{name: x, type: boolean, default: yes}", "expected true or false"},
                      Bad{"{name: x, type: \"decimal(4, 2)\", default: 1.234}", "more fraction digits"},
                      Bad{"{name: x, type: \"decimal(4, 2)\", default: 123}", "does not fit"},
                      Bad{"{name: x, type: date, default: 2017-02-30}", "there is no date 2017-02-30"},
                      Bad{"{name: x, type: timestamptz, default: 2017-02-03T00:00:00}", "such as 2017-11-16T22:31:08Z"},
                      Bad{"{name: x, type: timestamp, default: 2017-02-03T00:00:00Z}", "such as 2017-11-16T22:31:08"},
                      Bad{"{name: x, type: timestamp, format: epoch_ms, default: 1.5}", "a whole number of units"},
                      Bad{"{name: x, type: float, default: 1e39}", "does not fit"},
                      Bad{"{name: x, type: double, default: .inf}", "expected a number"},
                      Bad{"{name: x, type: double, default: .nan}", "expected a number"},
                      Bad{"{name: x, type: uuid, default: abc}", "a UUID such as"},
                      Bad{"{name: x, type: binary, default: \"a\"}", "base64"},
                      Bad{"{name: x, type: \"fixed[2]\", format: hex, default: \"00\"}", "expected 2 bytes, got 1"},
                      Bad{"{name: x, type: list, element: int, default: [a]}", "expected a whole number"},
                      Bad{"{name: x, type: list, element: int, default: 1}", "expected a list"},
                      Bad{"{name: x, type: struct, fields: [{name: a, type: int}], default: {b: 1}}",
                          "the struct has no field 'b'"},
                      Bad{"{name: x, type: struct, fields: [{name: a, type: int, required: true}], default: {}}",
                          "the required field 'a' is missing"},
                      Bad{"{name: x, type: string, required: true, default: }", "null for a required value"},
                      Bad{"{name: x, type: string, default: \"${HOME}\"}", "references (${...}) cannot be used here"}));
INSTANTIATE_TEST_SUITE_P(
    Rules, ColumnRefused,
    ::testing::Values(
        Bad{"{name: x, type: list, element: {type: struct, fields: [{name: a, type: int, not_null: true}]}}",
            "a rule inside of a list or map"},
        Bad{"{name: x, type: int, regex: a}", "a regex is for text"},
        Bad{"{name: x, type: string, range: {min: a}}", "a range is for numbers"},
        Bad{"{name: x, type: boolean, range: {min: true}}", "a range is for numbers"},
        Bad{"{name: x, type: int, length: {min: 1}}", "a length is for text"},
        Bad{"{name: x, type: string, length: {min: -1}}", "expected at least 0"},
        Bad{"{name: x, type: string, length: {min: 3, max: 2}}", "no value could pass"},
        Bad{"{name: x, type: int, range: {}}", "one of 'min' or 'max' is needed"},
        Bad{"{name: x, type: int, range: [1, 2]}", "expected a mapping"},
        Bad{"{name: x, type: int, accepted_values: []}", "an empty list"},
        Bad{"{name: x, type: double, accepted_values: [1]}", "accepted values are for"},
        Bad{"{name: x, type: int, accepted_values: [~]}", "null passes every rule"},
        Bad{"{name: x, type: string, accepted_values: [a, 1]}", "put it in quotes"},
        Bad{"{name: x, type: int, not_null: maybe}", "expected true or false"},
        Bad{"{name: x, type: int, not_null: {action: ignore}}", "expected one of 'reject'"},
        Bad{"{name: x, type: string, regex: \"(?=a)\"}", "no look-around"},
        Bad{"{name: x, type: string, regex: \"(a)\\\\1\"}", "bad pattern"},
        Bad{"{name: x, type: string, regex: \"((a{1000}){1000}){1000}\"}", "bad pattern"}));

class RuleRefused : public ::testing::TestWithParam<Bad> {};
TEST_P(RuleRefused, WithAHint) {
  EXPECT_THAT(read_rule(GetParam().yaml).errors(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, RuleRefused,
    ::testing::Values(Bad{"{column: orgin, not_null: true}", "there is no column 'orgin'; did you mean 'origin'?"},
                      Bad{"{column: geo.lng, not_null: true}", "did you mean 'geo.lat'?"},
                      Bad{"{column: origin.x, not_null: true}", "'origin.x' leads into a string"},
                      Bad{"{column: tags.element, length: {min: 1}}", "leads into a list<string>"},
                      Bad{"{column: stops.element.city, not_null: true}", "leads into a list"},
                      Bad{"{column: \"\", not_null: true}", "there is no column ''"},
                      Bad{"{column: geo., not_null: true}", "there is no column 'geo.'"},
                      Bad{"{column: origin}", "one of 'not_null', 'range'"},
                      Bad{"{not_null: true}", "the rule needs a 'column'"},
                      Bad{"{name: n, sql: a, column: origin}", "remove 'column'"},
                      Bad{"{column: delay, range: {min: 1, action: warn}, action: drop}", "the action is given twice"},
                      Bad{"{column: delay, range: {min: 1.5}}", "expected a whole number (int)"},
                      Bad{"{column: fare, range: {min: 0.005}}", "more fraction digits"},
                      Bad{"{column: day, range: {min: 2017}}", "expected a date such as"},
                      Bad{"{column: at, range: {max: 2017-01-01}}", "expected a timestamptz such as"},
                      Bad{"{column: id, accepted_values: [a]}", "a UUID such as"},
                      Bad{"{column: ok, accepted_values: [\"true\"]}", "expected true or false"},
                      Bad{"{column: blob, accepted_values: [a]}", "accepted values are for"},
                      Bad{"{column: fare, range: {min: 2, max: 1}}", "no value could pass"},
                      Bad{"{column: ratio, range: {min: 1, max: 0.5}}", "no value could pass"},
                      Bad{"{name: origin_regex, column: delay, not_null: true, }\n- {column: origin, regex: a}",
                          "two rules are called 'origin_regex'; give this one a name"},
                      Bad{"{name: \"a\\nb\", column: delay, not_null: true}", "no control characters"},
                      Bad{"{name: s, sql: \"\"}", "empty text"}));

TEST(Contract, HasLimits) {
  std::string columns = "contract: c\ncolumns:\n";
  for (size_t i = 0; i <= kColumnsMax; ++i) columns += "- {name: c" + std::to_string(i) + ", type: int}\n";
  EXPECT_THAT(read(columns).errors(), HasSubstr("columns[10000]: more than 10000 columns"));
  std::string rules = "contract: c\ncolumns: [{name: a, type: string}]\nrules:\n";
  for (size_t i = 0; i <= kRulesMax; ++i) rules += "- {name: r" + std::to_string(i) + ", column: a, not_null: true}\n";
  EXPECT_THAT(read(rules).errors(), HasSubstr("rules[2000].not_null: more than 2000 rules"));
  std::string regexes = "contract: c\ncolumns: [{name: a, type: string}]\nrules:\n";
  for (size_t i = 0; i <= kRegexRulesMax; ++i) regexes += "- {name: r" + std::to_string(i) + ", column: a, regex: a}\n";
  EXPECT_THAT(read(regexes).errors(), HasSubstr("rules[256].regex: more than 256 regex rules"));
  EXPECT_TRUE(read_column("{name: x, type: string, regex: \"^[\\\\p{L}\\\\p{N}]{1,64}$\"}").contract);
}

TEST(Contract, ManyErrorsAreFoundInBoundedTime) {
  std::string text = "contract: c\ncolumns:\n";
  for (int i = 0; i < 9000; ++i) text += "- {name: column_number_" + std::to_string(i) + ", type: int}\n";
  text += "rules:\n";
  for (int i = 0; i < 9000; ++i) text += "- {column: colunm_numbr_" + std::to_string(i) + ", not_null: true}\n";
  EXPECT_EQ(read(text).diagnostics.error_count(), 9000U);
}

TEST(Contract, ADescriptionOfTheFileExists) {
  const std::string schema = file_schema();
  for (const std::string_view part : {"\"title\": \"Weir data contract\"", "accepted_values", "\"const\": \"reject\"",
                                      "\"#/$defs/column\"", "rfc3339"}) {
    EXPECT_THAT(schema, HasSubstr(part));
  }
}

TEST(Contract, AWarningForANotNullRuleThatNeverFires) {
  const Loaded l = read_column("{name: x, type: int, required: true, not_null: true}");
  EXPECT_TRUE(l.contract);
  EXPECT_THAT(l.errors(), HasSubstr("warning: columns[2].not_null: the column is required"));
}

TEST(ContractEventTime, IsAColumnOfTimestamps) {
  const auto columns = [](const std::string& event_time) {
    return "contract: c\nevent_time: " + event_time +
           "\ncolumns:\n"
           "  - {name: id, type: long}\n"
           "  - {name: at, type: timestamptz}\n"
           "  - {name: inside, type: struct, fields: [{name: at, type: timestamp}]}\n";
  };
  config::Diagnostics good;
  const auto contract = load("c.yaml", columns("at"), config::References::none(), good);
  ASSERT_TRUE(contract.has_value()) << good.render();
  EXPECT_EQ(contract->event_time, 1U);
  for (const auto& [name, complaint] : {std::pair("att", "did you mean 'at'?"), std::pair("id", "is a long"),
                                        std::pair("inside.at", "not a field of a struct")}) {
    config::Diagnostics diagnostics;
    EXPECT_FALSE(load("c.yaml", columns(name), config::References::none(), diagnostics).has_value());
    EXPECT_NE(diagnostics.render().find("c.yaml:2:13"), std::string::npos) << diagnostics.render();
    EXPECT_NE(diagnostics.render().find(complaint), std::string::npos) << diagnostics.render();
  }
}

}  // namespace
}  // namespace weir::contract
