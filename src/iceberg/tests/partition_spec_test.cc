#include "iceberg/partition/partition_spec.h"

#include <gtest/gtest.h>

namespace weir::iceberg {
namespace {

Schema sample_schema() {
  return Schema(assign_ids(std::vector<Field>{
      {.name = "id", .type = Type::primitive(TypeKind::int64)},
      {.name = "ts", .type = Type::primitive(TypeKind::timestamptz)},
      {.name = "geo", .type = Type::structure({{.name = "country", .type = Type::primitive(TypeKind::string)}})},
      {.name = "tags", .type = Type::list({.name = "element", .type = Type::primitive(TypeKind::string)})},
  }));
}

PartitionSpec one_field(int32_t source, const char* transform, std::string name, int32_t id = 1000) {
  return {.spec_id = 3, .fields = {{source, id, std::move(name), *Transform::parse(transform)}}};
}

TEST(PartitionSpec, HasTheDefaultNamesOfIcebergsLibraries) {
  const std::pair<const char*, const char*> cases[] = {
      {"identity", "ts"},    {"bucket[4]", "ts_bucket"}, {"truncate[4]", "ts_trunc"}, {"year", "ts_year"},
      {"month", "ts_month"}, {"day", "ts_day"},          {"hour", "ts_hour"},         {"void", "ts_null"}};
  for (const auto& [transform, name] : cases)
    EXPECT_EQ(default_partition_name("ts", *Transform::parse(transform)), name);
}

TEST(PartitionSpec, KeepsItsJson) {
  const std::string json =
      R"({"spec-id":3,"fields":[{"source-id":2,"field-id":1000,"name":"ts_day","transform":"day"},{"source-id":1,"field-id":1007,"name":"x","transform":"future[3]"}]})";
  const Result<PartitionSpec> spec = partition_spec_from_json(json);
  ASSERT_TRUE(spec.ok()) << spec.error().to_string();
  EXPECT_EQ(partition_spec_to_json(*spec), json);
  EXPECT_EQ(partition_fields_to_json(*spec), json.substr(json.find('['), json.size() - json.find('[') - 1));
}

TEST(PartitionSpec, GivesFieldsOfVersion1TheirIds) {
  const Result<PartitionSpec> spec = partition_spec_from_json(
      R"([{"source-id":2,"name":"a","transform":"day"},{"source-id":1,"name":"b","transform":"identity"}])");
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec->spec_id, 0);
  EXPECT_EQ(spec->fields[0].field_id, 1000);
  EXPECT_EQ(spec->fields[1].field_id, 1001);
}

TEST(PartitionSpec, RefusesJsonThatIsNone) {
  for (const char* json : {"7", "{}", R"({"spec-id":0})", R"({"spec-id":0,"fields":{}})",
                           R"([{"source-id":1,"name":"a"}])", R"([{"source-id":"1","name":"a","transform":"day"}])",
                           R"([{"source-id":1,"name":"a","transform":"bucket[0]"}])"}) {
    EXPECT_EQ(partition_spec_from_json(json).error().kind(), ErrorKind::corrupt) << json;
  }
  EXPECT_EQ(partition_spec_from_json(R"([{"source-ids":[1,2],"name":"a","transform":"bucket[4]"}])").error().kind(),
            ErrorKind::unsupported);
}

TEST(PartitionSpec, ResolvesSourcesInsideStructsButNotInLists) {
  const Schema schema = sample_schema();
  const Result<std::vector<Field>> fields = partition_fields(one_field(5, "truncate[2]", "country_trunc"), schema);
  ASSERT_TRUE(fields.ok()) << fields.error().to_string();
  EXPECT_EQ((*fields)[0].type->kind(), TypeKind::string);
  EXPECT_EQ(partition_fields(one_field(6, "identity", "tag"), schema).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(partition_fields(one_field(99, "identity", "tag"), schema).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(partition_fields(one_field(3, "identity", "geo"), schema).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(partition_fields(one_field(1, "day", "id_day"), schema).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(partition_fields(one_field(1, "future", "id_future"), schema).error().kind(), ErrorKind::unsupported);
}

TEST(PartitionSpec, RefusesNamesAndIdsThatCollide) {
  const Schema schema = sample_schema();
  EXPECT_TRUE(check_partition_spec(one_field(1, "identity", "id"), schema).ok());
  EXPECT_TRUE(check_partition_spec(one_field(2, "day", "ts_day"), schema).ok());
  EXPECT_FALSE(check_partition_spec(one_field(2, "day", "ts"), schema).ok()) << "hides the column";
  EXPECT_FALSE(check_partition_spec(one_field(2, "day", "id"), schema).ok());
  EXPECT_FALSE(check_partition_spec(one_field(2, "day", ""), schema).ok());
  EXPECT_FALSE(check_partition_spec(one_field(2, "day", "ts_day", 999), schema).ok());
  PartitionSpec twice = one_field(2, "day", "x");
  twice.fields.push_back({1, 1001, "x", *Transform::parse("identity")});
  EXPECT_FALSE(check_partition_spec(twice, schema).ok());
  twice.fields[1] = {1, 1000, "y", *Transform::parse("identity")};
  EXPECT_FALSE(check_partition_spec(twice, schema).ok());
}

TEST(PartitionSpec, MakesPaths) {
  PartitionSpec spec = one_field(2, "day", "ts_day");
  spec.fields.push_back({5, 1001, "country/x", *Transform::parse("identity")});
  EXPECT_EQ(partition_path(spec, sample_schema(), {Value(int32_t{17486}), Value::bytes("a b")}),
            "ts_day=2017-11-16/country%2Fx=a+b");
  EXPECT_EQ(partition_path(spec, sample_schema(), {Value(), Value()}), "ts_day=null/country%2Fx=null");
  EXPECT_EQ(partition_path({}, sample_schema(), {}), "");
}

// Readers do not depend on paths; file systems take names of 255 bytes and paths of 4,096.
TEST(PartitionSpec, CutsWhatIsTooLongForAFileSystemAndTellsItApart) {
  const auto path_of = [](const std::string& country) {
    return partition_path(one_field(5, "identity", "country"), sample_schema(), {Value::bytes(country)});
  };
  EXPECT_EQ(path_of(std::string(192, 'x')), "country=" + std::string(192, 'x'));
  const std::string ascii = path_of(std::string(300, 'x'));
  EXPECT_EQ(ascii.substr(0, 184), "country=" + std::string(175, 'x') + "-");
  EXPECT_EQ(ascii.size(), 200U);
  EXPECT_NE(ascii, path_of(std::string(301, 'x')));
  std::string city;
  for (int i = 0; i < 28; ++i) city += "京";
  for (int before = 0; before < 9; ++before) {
    const std::string path = path_of(std::string(static_cast<size_t>(before), 'x') + city);
    EXPECT_LE(path.size(), 200U);
    const std::string kept = path.substr(8 + static_cast<size_t>(before), path.rfind('-') - 8 - before);
    EXPECT_EQ(kept.size() % 9, 0U) << "whole characters: " << kept;
    EXPECT_GE(kept.size(), 153U);
  }
}

TEST(PartitionSpec, PathsOfManyFieldsAreBounded) {
  PartitionSpec spec;
  for (int i = 0; i < 50; ++i)
    spec.fields.push_back({5, 1000 + i, "f" + std::to_string(i), *Transform::parse("identity")});
  std::vector<Value> values(50, Value::bytes(std::string(150, 'x')));
  const std::string path = partition_path(spec, sample_schema(), values);
  EXPECT_LE(path.size(), 1'522U);
  values.back() = Value::bytes("other");
  EXPECT_NE(path, partition_path(spec, sample_schema(), values));
}

}  // namespace
}  // namespace weir::iceberg
