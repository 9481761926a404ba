/// The JSONTestSuite corpus (tests/corpora/json-conformance) through the decoder.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> corpus(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry :
       fs::directory_iterator(std::string(WEIR_SOURCE_DIR) + "/tests/corpora/json-conformance/" + folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    files[entry.path().filename().string()] = bytes.str();
  }
  return files;
}

/// Names that must be accepted by the suite and are rejected by our policy: an object names a key twice.
bool has_duplicate_keys(const std::string& name) {
  return name == "y_object_duplicated_key.json" || name == "y_object_duplicated_key_and_value.json";
}

bool is_object(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{';
}

DecoderSpec raw_json_spec() {
  DecoderSpec spec{.schema = schema_of({optional_field("v", primitive(TypeKind::string))})};
  spec.formats = {raw_json_format()};
  spec.limits.depth = kDecodeDepthMax;
  return spec;
}

DecoderSpec unknown_field_spec() {
  TextFormat rest = origin_format(ColumnOrigin::unknown);
  rest.raw_json = true;
  return {.schema = schema_of({optional_field("other", primitive(TypeKind::int64)),
                               optional_field("rest", primitive(TypeKind::string))}),
          .formats = {{}, rest}};
}

void expect_verdict(const std::string& name, const Outcome& outcome) {
  const bool accepted = outcome.rows.size() == 1;
  const std::string why = outcome.rejects.empty() ? "" : outcome.rejects[0];
  if (has_duplicate_keys(name)) {
    EXPECT_EQ(outcome.faults(), std::vector<std::string>{"duplicate_key"}) << name;
  } else if (name[0] == 'y') {
    EXPECT_TRUE(accepted) << name << " " << why;
  } else if (name[0] == 'n') {
    EXPECT_FALSE(accepted) << name;
  }
}

TEST(JsonConformance, RawJsonColumnAcceptsAndRejectsAsTheSuiteSays) {
  const auto files = corpus("parsing");
  ASSERT_EQ(files.size(), 318U);
  for (const auto& [name, text] : files) {
    // {"v": followed by nothing or by a second value is no longer what the suite judges.
    Outcome outcome = decode_json(raw_json_spec(), {"{\"v\":" + text + "}"});
    for (Reject& reject : outcome.decoded.rejects) reject.column.clear();
    expect_verdict(name, outcome);
  }
}

TEST(JsonConformance, UnknownFieldsAreValidatedInFull) {
  for (const auto& [name, text] : corpus("parsing")) {
    expect_verdict(name, decode_json(unknown_field_spec(), {"{\"v\":" + text + "}"}));
    expect_verdict(name, decode_json(unknown_field_spec(), {"{\"a\":[{\"v\":" + text + "\n}]}"}));
  }
}

TEST(JsonConformance, WholeEventsAreObjects) {
  for (const auto& [name, text] : corpus("parsing")) {
    const Outcome outcome = decode_json(unknown_field_spec(), {text});
    if (is_object(text) || name[0] == 'n') {
      expect_verdict(name, outcome);
    } else if (name[0] == 'y') {
      EXPECT_EQ(outcome.faults(), std::vector<std::string>{"not_an_object"}) << name;
    }
  }
}

TEST(JsonConformance, AllFilesInOneBatchKeepTheirOrder) {
  std::vector<std::string> events;
  for (const auto& [name, text] : corpus("parsing")) events.push_back(text);
  decode_json(unknown_field_spec(), events);
}

TEST(JsonConformance, TransformFilesNeverChangeAValueSilently) {
  std::map<std::string, std::string> outcome_of;
  for (const auto& [name, text] : corpus("transform")) {
    const Outcome outcome = decode_json(raw_json_spec(), {"{\"v\":" + text + "}"});
    outcome_of[name] = outcome.rows.empty() ? outcome.faults()[0] : outcome.rows[0];
  }
  ASSERT_EQ(outcome_of.size(), 22U);
  EXPECT_EQ(outcome_of["number_10000000000000000999.json"], "v='[10000000000000000999]'");
  EXPECT_EQ(outcome_of["number_1.000000000000000005.json"], "v='[1.000000000000000005]'");
  EXPECT_EQ(outcome_of["number_-9223372036854775809.json"], "v='[-9223372036854775809]'");
  EXPECT_EQ(outcome_of["object_same_key_different_values.json"], "duplicate_key v");
  EXPECT_EQ(outcome_of["object_same_key_same_value.json"], "duplicate_key v");
  EXPECT_EQ(outcome_of["object_same_key_unclear_values.json"], "duplicate_key v");
  EXPECT_EQ(outcome_of["string_1_escaped_invalid_codepoint.json"], "malformed v");
  EXPECT_EQ(outcome_of["string_1_invalid_codepoint.json"], "invalid_utf8");
  // Keys that differ only in normalisation are two keys.
  EXPECT_THAT(outcome_of["object_key_nfc_nfd.json"], testing::StartsWith("v='{"));
}

}  // namespace
}  // namespace weir::codec
