#include <gtest/gtest.h>
#include "codec/decoder.h"
#include "codec/framing.h"
namespace weir::codec { namespace {
TEST(Smoke, Decodes) {
  auto schema = std::make_shared<Schema>(std::vector<Field>{{1,"a",true,Type::primitive(TypeKind::int64)},{2,"s",false,Type::primitive(TypeKind::string)}});
  auto d = make_json_decoder({.schema = schema});
  ASSERT_TRUE(d.ok());
  PartitionNames names; names.add({"f",0});
  RawBatchBuilder b;
  for (auto e : {"{\"a\":1,\"s\":\"x\"}", "{\"a\":2,\"x\":[1,{\"b\":2}]}", "{\"a\":1.5}", "{\"a\":1,\"a\":2}", "[]", "{", "", "{\"a\":1}x", "7", "{\"a\":3,\"x\":{\"q\":01}}"}) b.add(e, {});
  auto r = (*d)->decode(b.finish(), names);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->batch.rows(), 2);
  for (auto& x : r->rejects) std::printf("%u %s %s: %s\n", x.raw_index, std::string(to_string(x.reject_class)).c_str(), x.column.c_str(), x.message.c_str());
}
}}
