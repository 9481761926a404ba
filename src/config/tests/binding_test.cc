#include "config/binding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/tests/memory_files.h"

namespace weir::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

enum class Start { earliest, latest };

std::span<const EnumName> enum_names(Start) {
  static constexpr EnumName kNames[] = {
      {"earliest", static_cast<int64_t>(Start::earliest), "from the first event that is kept"},
      {"latest", static_cast<int64_t>(Start::latest)}};
  return kNames;
}

struct SaslSpec {
  std::string user;
  Secret password;
};
void describe(Description& d, SaslSpec& s) {
  d.structure("sasl", "Who we are to the broker.");
  d.field("user", s.user).required();
  d.field("password", s.password).required();
}

struct KafkaSpec {
  std::string brokers;
  std::vector<std::string> topics;
  Start start = Start::earliest;
  std::optional<SaslSpec> sasl;
  int32_t fetch_threads = 1;
};
void describe(Description& d, KafkaSpec& s) {
  d.structure("kafka", "Reads topics of a Kafka cluster.");
  d.field("brokers", s.brokers)
      .required()
      .not_empty()
      .doc("host:port, separated by commas. The first that answers is used.");
  d.field("topics", s.topics).required().list_or_one().not_empty();
  d.field("start", s.start);
  d.field("sasl", s.sasl);
  d.field("fetch_threads", s.fetch_threads).min(1).max(64);
}

struct FilesSpec {
  std::string path;
  bool watch = false;
  Duration poll_every = std::chrono::seconds(1);
};
void describe(Description& d, FilesSpec& s) {
  d.structure("files", "Reads records out of files.");
  d.shorthand("path");
  d.field("path", s.path).required().doc("Folder or glob.").example("data/*.ndjson");
  d.field("watch", s.watch);
  d.field("poll_every", s.poll_every).min(Duration(100)).max(std::chrono::hours(24));
}

struct SourceSpec {
  std::optional<KafkaSpec> kafka;
  std::optional<FilesSpec> files;
  std::string format = "json";
};
void describe(Description& d, SourceSpec& s) {
  d.structure("source", "Where events come from.");
  d.field("kafka", s.kafka);
  d.field("files", s.files);
  d.field("format", s.format).allowed({"json", "csv"});
  d.exactly_one({"kafka", "files"});
}

struct StepSpec {
  std::string name;
  Located<std::string> filter;
  std::vector<StepSpec> inner;
};
void describe(Description& d, StepSpec& s) {
  d.structure("step", "One operator.");
  d.field("name", s.name).required();
  d.field("filter", s.filter);
  d.field("inner", s.inner);
}

struct PipelineSpec {
  std::string pipeline;
  NamedList<SourceSpec> sources;
  std::vector<StepSpec> steps;
  ByteSize target{256'000'000};
  double ratio = 0.5;
  int64_t big = 0;
  std::optional<Node> anything;
};
void describe(Description& d, PipelineSpec& s) {
  d.structure("pipeline", "A pipeline file.");
  d.field("pipeline", s.pipeline).required();
  d.field("sources", s.sources);
  d.field("steps", s.steps);
  d.field("target", s.target).max(ByteSize{1LL << 40});
  d.field("ratio", s.ratio).min(0).max(1);
  d.field("big", s.big);
  d.field("anything", s.anything);
}

struct Bound {
  PipelineSpec spec;
  Diagnostics diagnostics;
  std::string errors() const { return diagnostics.render(); }
};

Bound read(std::string_view text, References references = References::none()) {
  Bound bound;
  if (const auto document = parse("p.yaml", text, bound.diagnostics))
    bind(*document, references, bound.spec, bound.diagnostics);
  return bound;
}

References with_environment(std::map<std::string, std::string> values) {
  References references;
  references.environment = [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional(at->second);
  };
  return references;
}

TEST(Binding, ReadsNestedSpecsListsMapsUnionsAndShortForms) {
  const Bound b = read(R"(
pipeline: flights
sources:
  feed: {kafka: {brokers: "a:9092,b:9092", topics: flights.v1, start: latest, fetch_threads: 4}, format: csv}
  old: {files: data/*.json}
  older:
    files: {path: x, watch: true, poll_every: 5m}
steps:
  - name: live
    filter: cancelled = false
    inner: [{name: a}, {name: b, inner: [{name: c}]}]
target: 64MiB
ratio: 1
big: -9223372036854775808
)");
  ASSERT_TRUE(b.diagnostics.ok()) << b.errors();
  ASSERT_EQ(b.spec.sources.size(), 3U);
  EXPECT_EQ(b.spec.sources[0].first, "feed");
  const KafkaSpec& kafka = *b.spec.sources[0].second.kafka;
  EXPECT_EQ(kafka.brokers, "a:9092,b:9092");
  EXPECT_EQ(kafka.topics, std::vector<std::string>{"flights.v1"});
  EXPECT_EQ(kafka.start, Start::latest);
  EXPECT_EQ(kafka.fetch_threads, 4);
  EXPECT_EQ(b.spec.sources[0].second.format, "csv");
  EXPECT_EQ(b.spec.sources[1].second.files->path, "data/*.json");
  EXPECT_EQ(b.spec.sources[2].second.files->poll_every, std::chrono::minutes(5));
  EXPECT_EQ(b.spec.steps[0].inner[1].inner[0].name, "c");
  EXPECT_EQ(*b.spec.steps[0].filter, "cancelled = false");
  EXPECT_EQ(b.spec.steps[0].filter.location.path, "steps[0].filter");
  EXPECT_EQ(b.spec.steps[0].filter.location.at, (Position{10, 13}));
  EXPECT_EQ(b.spec.target.bytes, 64 * 1024 * 1024);
  EXPECT_EQ(b.spec.big, INT64_MIN);
}

TEST(Binding, ReportsEveryErrorAtOnceInOrder) {
  const Bound b = read(R"(piepline: flights
sources:
  feed:
    kafka: {brokers: "", topics: [], start: erliest}
    files: 7
  none: {format: xml}
steps:
  - filter: [1]
target: 12
ratio: 1.5
big: 9223372036854775808
)");
  EXPECT_EQ(b.errors(), R"(p.yaml:1:1: unknown key 'piepline'; did you mean 'pipeline'?
  1 | piepline: flights
    | ^
p.yaml:4:5: sources.feed: 'kafka' and 'files' exclude each other; keep one
  4 |     kafka: {brokers: "", topics: [], start: erliest}
    |     ^
p.yaml:4:22: sources.feed.kafka.brokers: empty text; write a value
  4 |     kafka: {brokers: "", topics: [], start: erliest}
    |                      ^
p.yaml:4:34: sources.feed.kafka.topics: an empty list; write at least one value
  4 |     kafka: {brokers: "", topics: [], start: erliest}
    |                                  ^
p.yaml:4:45: sources.feed.kafka.start: expected one of 'earliest' and 'latest', got the text 'erliest'; did you mean 'earliest'?
  4 |     kafka: {brokers: "", topics: [], start: erliest}
    |                                             ^
p.yaml:5:12: sources.feed.files: expected text, got the number 7; put it in quotes if it is meant to be text
  5 |     files: 7
    |            ^
p.yaml:6:9: sources.none: one of 'kafka' or 'files' is needed
  6 |   none: {format: xml}
    |         ^
p.yaml:6:18: sources.none.format: expected one of 'json' and 'csv', got the text 'xml'
  6 |   none: {format: xml}
    |                  ^
p.yaml:8:5: steps[0]: the key 'name' is missing
  8 |   - filter: [1]
    |     ^
p.yaml:8:13: steps[0].filter: expected text, got a list
  8 |   - filter: [1]
    |             ^
p.yaml:9:9: target: expected a size such as 512KB, 256MB, 64MiB or 1GiB, got the number 12; write its unit (B for bytes)
  9 | target: 12
    |         ^
p.yaml:10:8: ratio: expected at most 1, got the number 1.5
  10 | ratio: 1.5
     |        ^
p.yaml:11:6: big: expected a whole number, got the number 9223372036854775808; it does not fit into 64 bits
  11 | big: 9223372036854775808
     |      ^
)");
}

struct BadScalar {
  std::string_view yaml;
  std::string_view says;
};

class BindingRefuses : public ::testing::TestWithParam<BadScalar> {};

TEST_P(BindingRefuses, WithAHint) {
  const Bound b = read("pipeline: p\nsources: {s: {files: {path: x, " + std::string(GetParam().yaml) + "}}}\n");
  EXPECT_THAT(b.errors(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Booleans, BindingRefuses,
    ::testing::Values(BadScalar{"watch: yes",
                                "expected true or false, got the text 'yes'; YAML 1.2 reads that as text"},
                      BadScalar{"watch: On", "write true or false"}, BadScalar{"watch: n", "write true or false"},
                      BadScalar{"watch: \"true\"", "remove the quotes"}, BadScalar{"watch: 1", "got the number 1"},
                      BadScalar{"watch: ", "no value; write true or false, or remove the key"},
                      BadScalar{"watch: tRue", "got the text 'tRue'"}, BadScalar{"watch: {}", "got a mapping"}));
INSTANTIATE_TEST_SUITE_P(Durations, BindingRefuses,
                         ::testing::Values(BadScalar{"poll_every: 10", "got the number 10; write its unit"},
                                           BadScalar{"poll_every: 10 s", "expected a duration"},
                                           BadScalar{"poll_every: 1.5h", "expected a duration"},
                                           BadScalar{"poll_every: -1s", "expected a duration"},
                                           BadScalar{"poll_every: 50ms", "at least 100ms"},
                                           BadScalar{"poll_every: 2d", "at most 1d"},
                                           BadScalar{"poll_every: 99999999999999999999d", "expected a duration"},
                                           BadScalar{"poll_every: 9223372036854775807d", "expected a duration"}));

class IntegersRefused : public ::testing::TestWithParam<BadScalar> {};

TEST_P(IntegersRefused, WithAHint) {
  const Bound b =
      read("pipeline: p\nsources: {s: {kafka: {brokers: b, topics: t, fetch_threads: " + std::string(GetParam().yaml) +
           "}}}\n");
  EXPECT_THAT(b.errors(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, IntegersRefused,
    ::testing::Values(BadScalar{"0x10", "decimal digits only"}, BadScalar{"0o17", "decimal digits only"},
                      BadScalar{"1_000", "decimal digits only"}, BadScalar{"017", "leading 0"},
                      BadScalar{"1.0", "decimal digits only"}, BadScalar{"1e3", "decimal digits only"},
                      BadScalar{"'3'", "remove the quotes"}, BadScalar{"65", "at most 64"},
                      BadScalar{"0", "at least 1"}, BadScalar{"+-1", "decimal digits only"},
                      BadScalar{"2147483648", "32 bits"}, BadScalar{"99999999999999999999999", "32 bits"},
                      BadScalar{".inf", "decimal digits only"}));

TEST(Binding, TextIsTakenAsWrittenAndYaml11BooleansAreText) {
  const Bound b = read("pipeline: no\nsources: {a: {files: 2017-11-16}, b: {files: \"1.10\"}, c: {files: 0xZZ}}\n");
  ASSERT_TRUE(b.diagnostics.ok()) << b.errors();
  EXPECT_EQ(b.spec.pipeline, "no");
  EXPECT_EQ(b.spec.sources[0].second.files->path, "2017-11-16");
  EXPECT_EQ(b.spec.sources[1].second.files->path, "1.10");
}

TEST(Binding, ResolvesReferencesInTextNumbersAndDurations) {
  const Bound b =
      read(R"(
pipeline: "${TEAM}-flights-${STAGE:dev}"
sources:
  s: {kafka: {brokers: "${BROKERS}", topics: "$${literal}", fetch_threads: "${THREADS}", sasl: {user: u, password: "${PASSWORD}"}}}
target: "${SIZE:1MB}"
)",
           with_environment({{"TEAM", "ops"}, {"BROKERS", "k:1"}, {"THREADS", "7"}, {"PASSWORD", "hunter2"}}));
  ASSERT_TRUE(b.diagnostics.ok()) << b.errors();
  EXPECT_EQ(b.spec.pipeline, "ops-flights-dev");
  const KafkaSpec& kafka = *b.spec.sources[0].second.kafka;
  EXPECT_EQ(kafka.brokers, "k:1");
  EXPECT_EQ(kafka.topics[0], "${literal}");
  EXPECT_EQ(kafka.fetch_threads, 7);
  EXPECT_EQ(kafka.sasl->password.reveal(), "hunter2");
  EXPECT_EQ(b.spec.target.bytes, 1'000'000);
}

TEST(Binding, NeverShowsTheValueOfAReference) {
  const Bound b =
      read("pipeline: p\ntarget: \"${SIZE}\"\nbig: \"${BIG}\"\nsources: {s: {files: a, format: \"${FORMAT}\"}}\n",
           with_environment({{"SIZE", "hunter2"}, {"BIG", "hunter2"}, {"FORMAT", "hunter2"}}));
  EXPECT_EQ(b.diagnostics.error_count(), 3U);
  EXPECT_THAT(b.errors(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(b.errors(), HasSubstr("got the value of '${SIZE}'"));
  EXPECT_THAT(b.diagnostics.to_json(), Not(HasSubstr("hunter2")));
}

TEST(Binding, ASecretMustBeAReferenceAndIsNeverShown) {
  for (const std::string secret : {"hunter2", "\"hunter2\"", "\"${P:hunter2}\"", "\"x${P:}hunter2\"", "[hunter2]",
                                   "\"${hunter2\"", "${hunter2/}", "{a: hunter2}"}) {
    const Bound b = read(
        "pipeline: p\nsources: {s: {kafka: {brokers: b, topics: t, unknwon: 1, sasl: {user: u, password: " + secret +
        "}}}}\n");
    EXPECT_FALSE(b.diagnostics.ok()) << secret;
    EXPECT_THAT(b.errors(), Not(HasSubstr("hunter2"))) << secret;
  }
  const Bound typo =
      read("pipeline: p\nsources: {s: {kafka: {brokers: b, topics: t, sasl: {user: u, passwrod: hunter2}}}}\n");
  EXPECT_THAT(typo.errors(), HasSubstr("did you mean 'password'?"));
  EXPECT_THAT(typo.errors(), Not(HasSubstr("hunter2")));
  const Bound shape =
      read("pipeline: p\nsources: {s: {kafka: {brokers: b, topics: t, sasl: hunter2}}}\npassword: hunter2\n");
  EXPECT_THAT(shape.errors(), HasSubstr("sasl: expected a mapping with the keys 'user', 'password'"));
  EXPECT_THAT(shape.errors(), Not(HasSubstr("hunter2")));
}

TEST(Binding, TellsEverySecretAndNothingElse) {
  std::vector<std::string> told;
  References references = References::none();
  references.environment = [](const std::string& name) { return std::optional<std::string>("value of " + name); };
  references.on_secret = [&](std::string_view value) { told.emplace_back(value); };
  const Bound b = read(
      "pipeline: \"${PLAIN}\"\nsources: {s: {kafka: {brokers: b, topics: t, sasl: {user: \"${USER}\", password: "
      "\"${PASSWORD}\"}}}}\n",
      references);
  EXPECT_TRUE(b.diagnostics.ok()) << b.errors();
  EXPECT_THAT(told, ElementsAre("value of PASSWORD"));
}

TEST(Binding, TellsEachVariableOfASecretThatIsMadeOfSeveral) {
  std::vector<std::string> told;
  References references = References::none();
  references.environment = [](const std::string& name) { return std::optional<std::string>("<" + name + ">"); };
  references.on_secret = [&](std::string_view value) { told.emplace_back(value); };
  const Bound b =
      read("pipeline: p\nsources: {s: {kafka: {brokers: b, topics: t, sasl: {user: u, password: \"${A}${B}\"}}}}\n",
           references);
  EXPECT_TRUE(b.diagnostics.ok()) << b.errors();
  EXPECT_THAT(told, ElementsAre("<A><B>", "<A>", "<B>"));
}

TEST(Binding, AMissingVariableOrFileIsAnErrorWithPosition) {
  References references = References::none();
  test::MemoryFiles files(
      {{"conf/ok", "secret\n"}, {"conf/big", std::string(kReferencedFileBytesMax + 1, 'x')}, {"conf/bin", "\xff"}});
  references.files = &files;
  references.base_directory = "conf";
  const Bound good = read("pipeline: \"${file:ok}\"\n", references);
  EXPECT_EQ(good.spec.pipeline, "secret");
  EXPECT_THAT(read("pipeline: \"${NOPE}\"\n", references).errors(),
              HasSubstr("p.yaml:1:11: pipeline: the environment variable NOPE is not set"));
  EXPECT_THAT(read("pipeline: \"${file:nope}\"\n", references).errors(), HasSubstr("${file:nope}"));
  EXPECT_FALSE(read("pipeline: \"${file:big}\"\n", references).diagnostics.ok());
  EXPECT_THAT(read("pipeline: \"${file:bin}\"\n", references).errors(), HasSubstr("not UTF-8"));
  EXPECT_THAT(read("pipeline: \"${A\"\n", references).errors(), HasSubstr("without '}'"));
  EXPECT_THAT(read("pipeline: \"${A:${B}}\"\n", references).errors(), HasSubstr("reference inside of a reference"));
  EXPECT_THAT(read("pipeline: \"${a-b}\"\n", references).errors(), HasSubstr("is not a reference"));
  EXPECT_THAT(read("anything: \"${A}\"\npipeline: p\n", references).errors(),
              HasSubstr("references (${...}) cannot be used here"));
}

TEST(Binding, ARootThatIsNoMappingIsOneError) {
  for (const std::string_view text : {"", "# nothing\n", "[]", "text", "12", "~"}) {
    const Bound b = read(text);
    EXPECT_EQ(b.diagnostics.error_count(), 1U) << text;
    EXPECT_THAT(b.errors(), HasSubstr("expected a mapping with the keys 'pipeline'")) << text;
  }
}

TEST(Secret, PrintsAsStars) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "***");
}

TEST(JsonSchema, ComesFromTheSameDescription) {
  const std::string schema = json_schema<PipelineSpec>("Weir pipeline");
  for (const std::string_view part :
       {"\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"", "\"title\": \"Weir pipeline\"",
        "\"additionalProperties\": false", "\"oneOf\"", "\"const\": \"earliest\"", "from the first event that is kept",
        "\"default\": \"1s\"", "\"default\": \"256MB\"", "\"$ref\": \"#/$defs/step\"", "\"minimum\": 1", "\"enum\"",
        "Folder or glob."}) {
    EXPECT_THAT(schema, HasSubstr(part));
  }
}

struct ShapedSpec {
  std::string path;
  std::string type;
};
void describe(Description& d, ShapedSpec& s) {
  d.structure("shaped", "");
  d.field("path", s.path).required().doc("A folder, or a glob with * ? [...] and **. It may be far away.");
  d.field("type", s.type).required().pattern("^(int|fixed\\[\\d+\\])$", {"int", "fixed[16]"}).doc("What it holds.");
}

TEST(JsonSchema, EditorsAreToldWhatTextLooksLike) {
  const std::string schema = json_schema<ShapedSpec>("Shaped");
  EXPECT_THAT(schema, HasSubstr(R"("pattern": "^(int|fixed\\[\\d+\\])$")"));
  EXPECT_THAT(schema, HasSubstr(R"("fixed[16]")"));
}

/// Its keys are those that the context names, each with a companion.
struct OpenSpec {
  std::map<std::string, std::optional<std::string>> values;
};
void describe(Description& d, OpenSpec& s) {
  d.structure("open", "");
  for (const std::string& key : d.context<std::vector<std::string>>()) {
    for (const std::string& name : {key, key + "_more"}) d.field(name, s.values[name]);
    d.goes_with(key + "_more", key);
  }
}

TEST(Binding, WhatThereIsMayComeFromTheCaller) {
  const std::vector<std::string> keys = {"a", "b"};
  const auto errors_of = [&](const std::string& text) {
    Diagnostics diagnostics;
    const std::optional<Document> document = parse("s.yaml", text, diagnostics);
    OpenSpec spec;
    bind(*document, References::none(), spec, diagnostics, DescriptionContext(keys));
    return diagnostics.ok() ? "" : diagnostics.sorted().front().message;
  };
  EXPECT_EQ(errors_of("{a: x, a_more: y, b: z}\n"), "");
  EXPECT_EQ(errors_of("{b: x, a_more: y}\n"), "'a_more' says more about 'a', which is missing here");
  EXPECT_THAT(errors_of("{c: x}\n"), HasSubstr("unknown key 'c'"));
  EXPECT_THAT(json_schema<OpenSpec>("Open", DescriptionContext(keys)), HasSubstr("\"dependentRequired\""));
}

TEST(Binding, AMissingKeyIsExplainedByTheFirstSentenceOfItsDoc) {
  Diagnostics diagnostics;
  const std::optional<Document> document = parse("s.yaml", "{}\n", diagnostics);
  ShapedSpec spec;
  bind(*document, References::none(), spec, diagnostics);
  const std::string errors = diagnostics.render();
  EXPECT_THAT(errors, HasSubstr("'path' is missing (A folder, or a glob with * ? [...] and **)\n"));
  EXPECT_THAT(errors, HasSubstr("'type' is missing (What it holds)\n"));
}

}  // namespace
}  // namespace weir::config
