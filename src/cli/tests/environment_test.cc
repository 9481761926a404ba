#include "cli/environment.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

TEST(Environment, ErrorsAreShownWithoutTheSecretsOfTheConfiguration) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "weir_environment_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "c.yaml") << "contract: c\ncolumns: [{name: id, type: long}]\n";
  std::ofstream(folder / "key.pem") << "-----BEGIN KEY-----\nabc\n";
  std::ofstream(folder / "p.yaml")
      << "pipeline: p\n"
         "source:\n"
         "  contract: c.yaml\n"
         "  kafka: {brokers: \"b:1\", topics: [t], security: {protocol: sasl_ssl, mechanism: PLAIN, username: "
         "somebody, "
         "password: \"${WEIR_TEST_PASSWORD}\", certificate: cert.pem, key: \"${file:key.pem}\"}}\n"
         "sink: {iceberg: ops.t}\n";
  ::setenv("WEIR_TEST_PASSWORD", "open sesame", 1);
  Environment environment;
  ASSERT_TRUE(environment.load_plan((folder / "p.yaml").string()).has_value());
  testing::internal::CaptureStderr();
  EXPECT_EQ(fail(environment, Error(ErrorKind::io, "somebody sent 'open sesame', '-----BEGIN KEY-----\nabc'")),
            kExitFailed);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: somebody sent '***', '***' (io)\n");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weir::cli
