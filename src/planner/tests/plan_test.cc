#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

TEST_F(PlanTest, TheSmallestPipelineHasDefaultsForTheRest) {
  const Plan plan = good_plan(kPipeline);
  EXPECT_EQ(plan.pipeline, "flights");
  ASSERT_THAT(plan.sources, SizeIs(1));
  EXPECT_EQ(plan.sources[0].name, "source");
  EXPECT_EQ(plan.sources[0].events.bytes_max, 1 << 20);
  EXPECT_EQ(plan.sources[0].contract->name, "flight");
  ASSERT_THAT(plan.sinks, SizeIs(1));
  EXPECT_EQ(plan.sinks[0].name, "sink");
  EXPECT_EQ(plan.sinks[0].input.from, "source");
  EXPECT_EQ(plan.sinks[0].definition.table.to_string(), "ops.flights");
  EXPECT_TRUE(plan.sinks[0].definition.spec.is_unpartitioned());
  EXPECT_EQ(plan.dead_letter.table.to_string(), "ops.flights_dead_letter");
  EXPECT_EQ(plan.catalog.warehouse, "/home/warehouse");
  EXPECT_EQ(plan.catalog.name, "weir");
  EXPECT_EQ(plan.state_directory, "/home/warehouse/.weir/flights");
  EXPECT_EQ(plan.commit.every.count(), 10'000);
  EXPECT_EQ(plan.resources.tasks, 1);
}

TEST_F(PlanTest, RelativePathsStartAtThePipelineFile) {
  files_["/home/sub/flight.yaml"] = kContract;
  files_["/home/sub/tests.yaml"] = "";
  const auto made = plan(kPipeline + "catalog: {sqlite: ../wh}\nstate: st\ntests: tests.yaml\n", "sub/pipeline.yaml");
  ASSERT_TRUE(made.has_value()) << diagnostics_.render();
  EXPECT_EQ(made->folder, "/home/sub");
  EXPECT_EQ(made->sources[0].bound.files->pattern, "/home/sub/data");
  EXPECT_EQ(made->catalog.warehouse, "/home/wh");
  EXPECT_EQ(made->state_directory, "/home/sub/st");
  EXPECT_THAT(made->tests, ElementsAre("/home/sub/tests.yaml"));
}

TEST_F(PlanTest, StepsFollowTheOneAboveOrTheOneThatFromNames) {
  const Plan plan = good_plan(
      "pipeline: flights\n"
      "source: {files: data, contract: flight.yaml}\n"
      "steps:\n"
      "  - {name: late, filter: delay > 0}\n"
      "  - {name: shaped, select: [id, \"delay / 60.0 as hours\"]}\n"
      "  - {name: other, from: late, select: [origin]}\n"
      "sinks:\n"
      "  all: {from: source, iceberg: ops.everything}\n"
      "  hours: {from: shaped, iceberg: ops.hours}\n"
      "  last: {iceberg: ops.origins}\n"
      "dead_letter: ops.bad\n");
  ASSERT_THAT(plan.steps, SizeIs(3));
  EXPECT_EQ(plan.steps[0].operators[0].inputs[0].from, "source");
  EXPECT_EQ(plan.steps[0].operators[0].bound.outputs[0].schema, plan.sources[0].contract->schema);
  EXPECT_EQ(plan.steps[1].operators[0].inputs[0].from, "late");
  EXPECT_THAT(plan.steps[1].operators.back().bound.outputs[0].schema->names(), ElementsAre("id", "hours"));
  EXPECT_EQ(plan.steps[2].operators[0].inputs[0].from, "late");
  ASSERT_THAT(plan.sinks, SizeIs(3));
  EXPECT_THAT(plan.sinks[0].input.schema->names(), ElementsAre("id", "origin", "delay", "seen"));
  EXPECT_THAT(plan.sinks[1].input.schema->names(), ElementsAre("id", "hours"));
  EXPECT_EQ(plan.sinks[2].input.from, "other");
  EXPECT_EQ(plan.dead_letter.table.to_string(), "ops.bad");
}

TEST_F(PlanTest, ColumnsAndPartitionFieldsOfATableGetIdsOfTheirOwn) {
  const Plan plan = good_plan(
      "pipeline: p\n"
      "source: {files: data, contract: flight.yaml}\n"
      "sink: {iceberg: {table: ops.f, partition: [day(seen), \"bucket(4, id)\", origin], properties: {k: v}}}\n");
  const lake::TableDefinition& table = plan.sinks[0].definition;
  EXPECT_EQ(table.schema->field(0).id, 1);
  EXPECT_EQ(table.schema->field(3).id, 4);
  ASSERT_THAT(table.spec.fields, SizeIs(3));
  EXPECT_EQ(table.spec.fields[0].field_id, 1000);
  EXPECT_EQ(table.spec.fields[0].source_id, 4);
  EXPECT_EQ(table.spec.fields[0].name, "seen_day");
  EXPECT_EQ(table.spec.fields[2].field_id, 1002);
  EXPECT_EQ(table.properties.at("k"), "v");
}

TEST_F(PlanTest, ErrorsOfThePipelineAndOfItsContractsAreReportedTogether) {
  files_["/home/flight.yaml"] = "contract: flight\ncolumns:\n  - {name: id, type: lng}\n";
  EXPECT_THAT(
      errors("pipeline: a b\nsource: {files: data, contract: flight.yaml, formt: json}\nsnk: {iceberg: ops.f}\n"),
      ElementsAre(StartsWith("flight.yaml:3:22: columns[0].type: 'lng' is not a type; did you mean 'long'?"),
                  StartsWith("pipeline.yaml:1:11: pipeline: a pipeline's name is"),
                  StartsWith("pipeline.yaml:2:46: source: unknown key 'formt'; did you mean 'format'?"),
                  StartsWith("pipeline.yaml:3:1: unknown key 'snk'; did you mean 'sink'?")));
}

TEST_F(PlanTest, FilesAreCalledAsTheyStandBesideThePathThatWasGiven) {
  files_["/home/sub/flight.yaml"] = "contract: flight\ncolumns: []\n";
  EXPECT_THAT(errors(kPipeline, "sub/pipeline.yaml"), ElementsAre(StartsWith("sub/flight.yaml:2:10: columns: ")));
  EXPECT_THAT(errors(kPipeline, "/home/sub/pipeline.yaml"), ElementsAre(StartsWith("/home/sub/flight.yaml:2:10: ")));
  files_["/abs.yaml"] = "contract: flight\ncolumns: []\n";
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: /abs.yaml}\nsink: {iceberg: a.b}\n"),
              ElementsAre(StartsWith("/abs.yaml:2:10: ")));
}

TEST_F(PlanTest, MissingFilesAreErrorsWhereTheyAreNamed) {
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: no.yaml}\nsink: {iceberg: a.b}\ntests: [t.yaml]\n"),
              ElementsAre(AllOf(StartsWith("pipeline.yaml:2:33: source.contract: "), HasSubstr("/home/no.yaml")),
                          AllOf(StartsWith("pipeline.yaml:4:9: tests[0]: "), HasSubstr("/home/t.yaml"))));
  diagnostics_ = {};
  EXPECT_FALSE(make_plan("nowhere.yaml", environment(), diagnostics_).has_value());
  EXPECT_THAT(messages(), ElementsAre(AllOf(StartsWith("nowhere.yaml:0:0: "), HasSubstr("/home/nowhere.yaml"))));
}

TEST_F(PlanTest, ErrorsInSqlArePlacedInsideOfItsText) {
  EXPECT_THAT(
      errors("pipeline: p\n"
             "source: {files: data, contract: flight.yaml}\n"
             "steps:\n"
             "  - {name: a, filter: \"delay > 0 and orgin = 'x'\"}\n"
             "  - name: b\n"
             "    from: source\n"
             "    select: [id, \"upper(dest) as d\"]\n"
             "sinks: {x: {from: a, iceberg: ops.f}, y: {iceberg: ops.g}}\n"),
      ElementsAre(StartsWith("pipeline.yaml:4:38: steps[0].filter: there is no column 'orgin'; did you mean 'origin'?"),
                  StartsWith("pipeline.yaml:7:25: steps[1].select[1]: there is no column 'dest'")));
}

TEST_F(PlanTest, SqlRulesAreBoundAndTheirErrorsPlacedInTheContract) {
  files_["/home/flight.yaml"] =
      kContract +
      "rules:\n  - {name: fine, sql: \"delay > 0\"}\n  - {name: wrong, sql: \"delay > 0 or dely < 0\"}\n"
      "  - name: folded\n    sql: |\n      delay > 0 and\n      idd > 1\n";
  EXPECT_THAT(
      errors(kPipeline),
      ElementsAre(StartsWith("flight.yaml:10:38: rules[1].sql: there is no column 'dely'; did you mean 'delay'?"),
                  StartsWith("flight.yaml:14:7: rules[2].sql: there is no column 'idd'; did you mean 'id'?")));
}

TEST_F(PlanTest, EveryWrongItemOfASelectListIsSaid) {
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: flight.yaml}\n"
                     "steps: [{name: s, select: [\"idd as a\", id, \"upper(orgin) as b\"]}]\nsink: {iceberg: t.a}\n"),
              ElementsAre(StartsWith("pipeline.yaml:3:29: steps[0].select[0]: there is no column 'idd'"),
                          StartsWith("pipeline.yaml:3:51: steps[0].select[2]: there is no column 'orgin'")));
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: flight.yaml}\n"
                     "steps: [{name: s, select: [id, \"delay as id\"]}]\nsink: {iceberg: t.a}\n"),
              ElementsAre(HasSubstr("steps[0].select[1]: two columns are called 'id'")));
}

TEST_F(PlanTest, ColumnsOfASelectListHaveNamesThatATableCanHave) {
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: flight.yaml}\nsteps:\n  - name: s\n    select:\n"
                     "      - 'id as \"a.b\"'\n      - 'delay + 1 as \" c\"'\n      - id as _file\n"
                     "      - 'struct_pack(\"x.y\" := id) as st'\n      - \"*\"\nsink: {iceberg: t.a}\n"),
              ElementsAre(HasSubstr("6:9: steps[0].select[0]: a dot in the column's name 'a.b'"),
                          HasSubstr("7:9: steps[0].select[1]: a blank at the end of the column's name ' c'"),
                          HasSubstr("8:9: steps[0].select[2]: Iceberg reserves the name '_file'"),
                          HasSubstr("9:9: steps[0].select[3]: a dot in the column's name 'x.y'")));
}

TEST_F(PlanTest, ASecondStatementInASelectListIsNoExpression) {
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: flight.yaml}\n"
                     "steps: [{name: s, select: [\"id; drop table x\"]}]\nsink: {iceberg: t.a}\n"),
              ElementsAre(HasSubstr("several statements; one expression is wanted")));
}

TEST_F(PlanTest, AContractOfSeveralSourcesIsReadOnceAndItsErrorsAreSaidOnce) {
  const std::string sources =
      "pipeline: p\nsources: {a: {files: data, contract: flight.yaml}, b: {files: data, contract: ./flight.yaml}}\n"
      "sinks: {x: {from: a, iceberg: t.a}, y: {from: b, iceberg: t.b}}\n";
  const Plan plan = good_plan(sources);
  EXPECT_EQ(plan.sources[0].contract, plan.sources[1].contract);
  files_["/home/flight.yaml"] = "contract: f\ncolumns: [{name: id, type: lng}]\n";
  EXPECT_THAT(errors(sources), SizeIs(1));
}

TEST_F(PlanTest, AnErrorInOneStepDoesNotHideTheNextAndMakesNoFollowUps) {
  EXPECT_THAT(errors("pipeline: p\n"
                     "source: {files: data, contract: flight.yaml}\n"
                     "steps:\n"
                     "  - {name: a, select: [idd]}\n"
                     "  - {name: b, filter: \"x > 0\"}\n"
                     "  - {name: c, from: source, filter: \"y > 0\"}\n"
                     "sinks: {x: {from: a, iceberg: {table: ops.f, partition: [z]}}, y: {from: b, iceberg: ops.g}, "
                     "z: {from: c, iceberg: ops.h}}\n"),
              ElementsAre(HasSubstr("steps[0].select[0]: there is no column 'idd'"),
                          HasSubstr("steps[2].filter: there is no column 'y'")));
}

TEST_F(PlanTest, NamesMustBeThereAboveAndOnlyOnce) {
  EXPECT_THAT(errors("pipeline: p\n"
                     "source: {files: data, contract: flight.yaml}\n"
                     "steps:\n"
                     "  - {name: a, from: b, filter: \"true\"}\n"
                     "  - {name: b, from: sorce, filter: \"true\"}\n"
                     "  - {name: source, filter: \"true\"}\n"
                     "sinks:\n"
                     "  x: {iceberg: ops.f}\n"
                     "  y: {from: bb, iceberg: ops.f}\n"
                     "dead_letter: ops.f\n"),
              ElementsAre(HasSubstr("steps[0].from: there is no source or step 'b' above"),
                          HasSubstr("steps[1].from: there is no source or step 'sorce' above; did you mean 'source'?"),
                          HasSubstr("steps[2]: the name 'source' is used twice"),
                          HasSubstr("sinks.y.from: there is no source or step 'bb' above; did you mean 'b'?"),
                          HasSubstr("the table 'ops.f' is written by another sink"),
                          HasSubstr("dead_letter: the table 'ops.f' is written by another sink")));
}

TEST_F(PlanTest, OfSeveralSourcesOneMustBeNamed) {
  const std::string sources =
      "pipeline: p\n"
      "sources:\n"
      "  one: {files: data, contract: flight.yaml}\n"
      "  two: {files: data, contract: flight.yaml}\n";
  EXPECT_THAT(errors(sources + "sink: {iceberg: ops.f}\n"),
              ElementsAre(HasSubstr("sink: there are several sources: say with `from` which one to take")));
  EXPECT_THAT(errors(sources + "steps: [{name: s, filter: \"true\"}]\nsink: {iceberg: ops.f}\n"),
              ElementsAre(HasSubstr("steps[0]: there are several sources")));
  EXPECT_EQ(good_plan(sources + "sinks: {a: {from: two, iceberg: ops.f}, b: {from: one, iceberg: ops.g}}\n")
                .sinks[0]
                .input.from,
            "two");
}

TEST_F(PlanTest, WhatAFormatCannotCarryIsAnErrorOfTheContractsPlace) {
  files_["/home/flight.yaml"] = kContract + "  - {name: tags, type: list, element: string}\n";
  EXPECT_THAT(
      errors("pipeline: p\nsource: {files: data, format: csv, contract: flight.yaml}\nsink: {iceberg: a.b}\n"),
      ElementsAre(AllOf(StartsWith("pipeline.yaml:2:46: source.contract: "), HasSubstr("CSV has no list<string>"))));
  EXPECT_THAT(errors("pipeline: p\nsource: {files: {path: data, delimiter: ab}, format: csv, contract: flight.yaml}\n"
                     "sink: {iceberg: a.b}\n"),
              testing::Contains(HasSubstr("source.files.delimiter: must be one character")));
}

TEST_F(PlanTest, NamesOfFilesAndTablesMustNotBeEmpty) {
  EXPECT_THAT(errors("pipeline: p\nsource: {files: \"\", contract: \"\"}\nsink: {iceberg: \"\"}\ndead_letter: \"\"\n"),
              ElementsAre(HasSubstr("2:17: source.files: empty text"), HasSubstr("2:31: source.contract: empty text"),
                          HasSubstr("3:17: sink.iceberg: empty text"), HasSubstr("4:14: dead_letter: empty text")));
  variables_ = {{"C", ""}};
  EXPECT_THAT(errors("pipeline: p\nsource: {files: data, contract: \"${C}\"}\nsink: {iceberg: {table: \"${C}\"}}\n"),
              ElementsAre(HasSubstr("source.contract: empty text"), HasSubstr("sink.iceberg.table: empty text")));
}

TEST_F(PlanTest, WhatNothingTakesIsAnErrorBecauseItsEventsWouldBeLost) {
  EXPECT_THAT(errors("pipeline: p\n"
                     "sources:\n"
                     "  one: {files: data, contract: flight.yaml}\n"
                     "  two: {files: data, contract: flight.yaml}\n"
                     "steps:\n"
                     "  - {name: a, from: one, filter: \"true\"}\n"
                     "  - {name: b, filter: \"true\"}\n"
                     "sink: {from: a, iceberg: ops.f}\n"),
              ElementsAre(AllOf(StartsWith("pipeline.yaml:4:8: sources.two: "), HasSubstr("takes the source 'two'")),
                          AllOf(StartsWith("pipeline.yaml:7:5: steps[1]: "), HasSubstr("takes the step 'b'"))));
}

TEST_F(PlanTest, ASourceThatIsMissingIsSaidOnce) {
  EXPECT_THAT(errors("pipeline: p\nsteps: [{name: s, filter: \"true\"}]\nsink: {iceberg: ops.f}\n"),
              ElementsAre(HasSubstr("one of 'source' or 'sources' is needed")));
}

TEST_F(PlanTest, TheDefaultDeadLetterIsATableOfItsOwn) {
  const std::string sinks =
      "pipeline: p\nsource: {files: data, contract: flight.yaml}\n"
      "sinks: {x: {iceberg: a.t}, y: {iceberg: a.t_dead_letter}}\n";
  EXPECT_THAT(errors(sinks), ElementsAre(AllOf(StartsWith("pipeline.yaml:3:41: sinks.y.iceberg"),
                                               HasSubstr("is where rejected events go by default"))));
  EXPECT_EQ(good_plan(sinks + "dead_letter: a.bad\n").dead_letter.table.name, "bad");
}

TEST_F(PlanTest, KafkaSettingsAreCheckedWhereTheyStand) {
  const auto errors_of = [&](const std::string& settings) {
    return errors("pipeline: p\nsource:\n  contract: flight.yaml\n  kafka: {" + settings +
                  "}\nsink: {iceberg: ops.f}\n");
  };
  const std::string brokers = "brokers: \"b:1\", ";
  const std::string topics = brokers + "topics: t, ";
  EXPECT_THAT(errors_of(brokers + "topics: \"^(\""),
              ElementsAre(AllOf(StartsWith("pipeline.yaml:4:35: source.kafka.topics: '^('"), HasSubstr("expression"))));
  EXPECT_THAT(errors_of(brokers + "topics: a b"),
              ElementsAre(HasSubstr("source.kafka.topics: 'a b' is not a topic name")));
  EXPECT_THAT(errors_of(topics + "start: {timestamp: yesterday}"),
              ElementsAre(HasSubstr("4:57: source.kafka.start.timestamp: 'yesterday' is not a time")));
  EXPECT_THAT(errors_of(topics + "start: {offsets: {t/0: -1}}"),
              ElementsAre(AllOf(HasSubstr("source.kafka.start: "), HasSubstr("is negative"))));
  EXPECT_THAT(errors_of(topics + "security: {protocol: sasl_ssl}"),
              ElementsAre(AllOf(StartsWith("pipeline.yaml:4:"), HasSubstr("mechanism"))));
  EXPECT_THAT(errors_of(topics + "properties: {auto.offset.reset: latest}"),
              ElementsAre(HasSubstr("source.kafka.properties: 'auto.offset.reset' may not be set")));
  EXPECT_THAT(errors_of(brokers), ElementsAre(HasSubstr("the key 'topics' is missing")));
  EXPECT_THAT(errors_of(topics + "security: {protocol: sasl_ssl, mechanism: NONE}"),
              ElementsAre(HasSubstr("source.kafka.security.mechanism: ")));
  good_plan("pipeline: p\nsource: {contract: flight.yaml, kafka: {" + topics +
            "start: earliest}}\nsink: {iceberg: a.b}\n");
}

TEST_F(PlanTest, AnyOneCharacterThatCannotBePartOfAFieldParts) {
  for (const std::string delimiter : {"'\"'", "\"\\n\"", "\"\\r\"", "\"\\0\"", "ab"}) {
    EXPECT_THAT(errors("pipeline: p\nsource: {format: csv, contract: flight.yaml, files: {path: data, delimiter: " +
                       delimiter + "}}\nsink: {iceberg: a.b}\n"),
                testing::Contains(HasSubstr("source.files.delimiter: must be one character")));
  }
  good_plan(
      "pipeline: p\nsource: {format: csv, contract: flight.yaml, files: {path: data, delimiter: \"\\t\"}}\n"
      "sink: {iceberg: a.b}\n");
}

TEST_F(PlanTest, PropertiesThatATableWouldNotKeepToAreRefused) {
  const auto with = [](const std::string& properties) {
    return "pipeline: p\nsource: {files: data, contract: flight.yaml}\n"
           "sink:\n  iceberg:\n    table: a.b\n    properties:\n" +
           properties;
  };
  EXPECT_THAT(
      errors(with("      weir.pipeline.p: x\n      format-version: \"3\"\n      write.format.default: orc\n"
                  "      write.parquet.compression-codec: snappy\n")),
      ElementsAre(HasSubstr("7:24: sink.iceberg.properties[\"weir.pipeline.p\"]: Weir keeps what"),
                  HasSubstr("8:23: sink.iceberg.properties.format-version: Weir makes tables of format version"),
                  HasSubstr("9:29: sink.iceberg.properties[\"write.format.default\"]: Weir writes Parquet"),
                  HasSubstr("10:40: sink.iceberg.properties[\"write.parquet.compression-codec\"]: Weir comp")));
  good_plan(
      with("      write.format.default: parquet\n      write.parquet.compression-codec: zstd\n      owner: me\n"));
  EXPECT_THAT(errors(with("      write.parquet.encodings: newest\n")),
              ElementsAre(HasSubstr("encodings are 'compatible' or 'modern'")));
  good_plan(with("      write.parquet.encodings: modern\n"));
}

TEST_F(PlanTest, EncodingsOfTheFileGoBeforeTheTables) {
  const auto with = [](const std::string& parquet) {
    return "pipeline: p\nsource: {files: data, contract: flight.yaml}\nsink:\n  iceberg:\n    table: a.b\n" + parquet;
  };
  EXPECT_THAT(good_plan(with("")).sinks[0].write_properties, IsEmpty());
  EXPECT_EQ(good_plan(with("    parquet: {encodings: modern}\n")).sinks[0].write_properties,
            (iceberg::StringMap{{"write.parquet.encodings", "modern"}}));
  EXPECT_THAT(errors(with("    parquet: {encodings: newest}\n")), ElementsAre(HasSubstr("parquet.encodings")));
  EXPECT_THAT(errors(with("    parquet: {}\n")), ElementsAre(HasSubstr("encodings")));
}

TEST_F(PlanTest, ValuesComeFromTheEnvironmentAndAreNotShown) {
  variables_ = {{"TABLE", "ops.from_environment"}, {"EVERY", "a secret"}};
  EXPECT_EQ(good_plan("pipeline: p\nsource: {files: data, contract: flight.yaml}\nsink: {iceberg: \"${TABLE}\"}\n"
                      "commit: {every: \"${NONE:250ms}\"}\n")
                .commit.every.count(),
            250);
  const Texts wrong = errors(kPipeline + "commit: {every: \"${EVERY}\"}\n");
  ASSERT_THAT(wrong, SizeIs(1));
  EXPECT_THAT(wrong[0], Not(HasSubstr("a secret")));
  EXPECT_THAT(diagnostics_.render(), Not(HasSubstr("a secret")));
}

TEST_F(PlanTest, WarningsDoNotStandInTheWay) {
  files_["/home/flight.yaml"] = "contract: f\ncolumns:\n  - {name: id, type: long, required: true, not_null: true}\n";
  good_plan(kPipeline);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("the column is required")));
  EXPECT_TRUE(diagnostics_.ok());
}

TEST_F(PlanTest, AFileThatIsNoYamlIsReportedAlone) {
  EXPECT_THAT(errors("pipeline: [\n"), SizeIs(1));
  EXPECT_THAT(errors(""), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace weir::planner
