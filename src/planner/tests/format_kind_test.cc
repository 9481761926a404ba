#include "planner/pipeline_spec.h"
#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct RunesKeys {
  std::string alphabet = "futhark";
};

/// A format that only this test knows: for messages, with a key of its own.
codec::FormatKind runes_kind() {
  return {.name = "runes",
          .doc = "letters cut into stone",
          .fits_messages = true,
          .make_spec = [] { return std::make_shared<RunesKeys>(); },
          .describe =
              [](config::Description& place, void* spec) {
                place.field("alphabet", static_cast<RunesKeys*>(spec)->alphabet).doc("Runes: which letters there are.");
              },
          .given =
              [](const void* spec) {
                const bool is_given = static_cast<const RunesKeys*>(spec)->alphabet != RunesKeys().alphabet;
                return is_given ? std::vector<std::string_view>{"alphabet"} : std::vector<std::string_view>{};
              },
          .bind =
              [](const void* spec, const std::string& path, config::FileErrors& errors) {
                const std::string& alphabet = static_cast<const RunesKeys*>(spec)->alphabet;
                if (alphabet == "latin") errors.at_path(config::path_key(path, "alphabet"), "no runes in it");
                return codec::Format{
                    .make_decoder = [](const codec::DecoderSpec&) -> Result<std::unique_ptr<codec::Decoder>> {
                      return Error(ErrorKind::unsupported, "nobody reads runes");
                    }};
              }};
}

/// A program with one format more.
class FormatKindTest : public PlanTest {
 protected:
  FormatKindTest() { kinds_.formats.push_back(runes_kind()); }
  Texts errors_of(const std::string& source) {
    return errors("pipeline: p\nsource: {" + source + ", contract: flight.yaml}\nsink: {iceberg: a.b}\n");
  }
};

TEST_F(FormatKindTest, AKindThatIsRegisteredIsAllItTakes) {
  // Its decoder is asked whether it can read what the contract wants.
  EXPECT_THAT(errors_of("kafka: {brokers: 'b:1', topics: t, alphabet: elder}, format: runes"),
              ElementsAre("pipeline.yaml:2:88: source.contract: nobody reads runes"));
  const std::string schema = config::json_schema<PipelineSpec>("pipeline", kinds_.context());
  EXPECT_THAT(schema, HasSubstr("letters cut into stone"));
  EXPECT_THAT(schema, HasSubstr("Runes: which letters there are."));
}

TEST_F(FormatKindTest, ItsKeysStandWithTheSourceThatItFits) {
  EXPECT_THAT(errors_of("kafka: {brokers: 'b:1', topics: t, alphabet: elder}"),
              ElementsAre(HasSubstr("source.kafka.alphabet: 'alphabet' is for `format: runes`")));
  EXPECT_THAT(errors_of("files: {path: data, alphabet: elder}"),
              ElementsAre(HasSubstr("source.files: unknown key 'alphabet'")));
  EXPECT_THAT(errors_of("kafka: {brokers: 'b:1', topics: t, alphabet: latin}, format: runes"),
              testing::Contains(HasSubstr("source.kafka.alphabet: no runes in it")));
}

TEST_F(FormatKindTest, AFormatThatDoesNotFitTheSourceIsRefused) {
  EXPECT_THAT(
      errors_of("files: data, format: runes"),
      testing::Contains(HasSubstr("source.format: 'runes' is not for files, which are json or json_documents or csv")));
  EXPECT_THAT(errors_of("kafka: {brokers: 'b:1', topics: t}, format: csv"),
              ElementsAre(HasSubstr("source.format: 'csv' is not for Kafka messages, which are json or runes")));
}

TEST_F(FormatKindTest, FilesThatGrowAreForFormatsOfLines) {
  EXPECT_THAT(errors_of("files: {path: data, mode: append}, format: json_documents"),
              ElementsAre(HasSubstr("source.files.mode: `append` is for lines of json or csv in UTF-8")));
}

TEST_F(FormatKindTest, AnUnknownFormatIsNamedWithTheNearest) {
  EXPECT_THAT(errors_of("files: data, format: rune"),
              ElementsAre(HasSubstr("expected one of 'json', 'json_documents', 'csv' and 'runes', got the text 'rune'; "
                                    "did you mean 'runes'?")));
}

TEST_F(FormatKindTest, TheFirstKindIsTheOneOfASourceThatNamesNone) {
  EXPECT_TRUE(good_plan(kPipeline).sources[0].events.format.make_decoder);
}

}  // namespace
}  // namespace weir::planner
