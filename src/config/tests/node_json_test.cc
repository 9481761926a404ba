#include "config/node_json.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

TEST(NodeJson, KeepsNumbersAndBooleansAndMakesTheRestText) {
  Diagnostics diagnostics;
  const auto document =
      parse("f.yaml", "[1, -1.50, .5, 0x1, +1, true, FALSE, yes, ~, \"1\", 2017-11-16, {\"a\\\"\": [], b: {}}]\n",
            diagnostics);
  ASSERT_TRUE(document) << diagnostics.render();
  EXPECT_EQ(node_to_json(document->root()),
            R"([1,-1.50,".5","0x1","+1",true,false,"yes",null,"1","2017-11-16",{"a\"":[],"b":{}}])");
}

}  // namespace
}  // namespace weir::config
