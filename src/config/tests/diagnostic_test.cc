#include "config/diagnostic.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

const Location kPlace{.file = "p.yaml", .at = {.line = 1, .column = 1}, .path = {}};

TEST(Diagnostics, AMistakeInAFileIsTheFilesFault) {
  Diagnostics diagnostics;
  diagnostics.error(kPlace, "unknown key");
  diagnostics.error(kPlace, Error(ErrorKind::not_found, "there is no such file"));
  EXPECT_FALSE(diagnostics.ok());
  EXPECT_TRUE(diagnostics.blames_the_file());
}

TEST(Diagnostics, ADiskOrASystemThatFailsIsNot) {
  for (const ErrorKind kind : {ErrorKind::io, ErrorKind::resource_exhausted, ErrorKind::unavailable}) {
    Diagnostics diagnostics;
    diagnostics.error(kPlace, Error(kind, "it failed"));
    EXPECT_FALSE(diagnostics.ok());
    EXPECT_FALSE(diagnostics.blames_the_file());
  }
}

}  // namespace
}  // namespace weir::config
