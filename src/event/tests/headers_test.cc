#include "event/headers.h"

#include <gtest/gtest.h>

#include "event/raw_batch.h"

namespace weir {
namespace {

TEST(Headers, AreTakenAsTheyWereAppended) {
  std::string encoded;
  append_header({.name = "trace", .value = "abc"}, encoded);
  append_header({.name = "", .value = ""}, encoded);
  append_header({.name = "empty", .value = std::nullopt}, encoded);
  std::string_view rest = encoded;
  Header header;
  ASSERT_TRUE(take_header(rest, header));
  EXPECT_EQ(header.name, "trace");
  EXPECT_EQ(header.value, "abc");
  ASSERT_TRUE(take_header(rest, header));
  EXPECT_EQ(header.value, "");
  ASSERT_TRUE(take_header(rest, header));
  EXPECT_EQ(header.name, "empty");
  EXPECT_EQ(header.value, std::nullopt);
  EXPECT_FALSE(take_header(rest, header));
}

TEST(Headers, ABatchKeepsThoseOfEachEvent) {
  std::string encoded;
  append_header({.name = "a", .value = "1"}, encoded);
  RawBatchBuilder builder;
  builder.add("x", {.offset = 0});
  builder.add("y", {.offset = 1, .line = 7, .headers = encoded});
  builder.add("z", {.offset = 2});
  const auto batch = builder.finish();
  EXPECT_EQ(batch->headers(0), "");
  EXPECT_EQ(batch->headers(1), encoded);
  EXPECT_EQ(batch->headers(2), "");
  EXPECT_EQ(batch->line(0), 0);
  EXPECT_EQ(batch->line(1), 7);
  EXPECT_EQ(batch->line(2), 0);
  EXPECT_EQ(builder.finish()->size(), 0U);
}

}  // namespace
}  // namespace weir
