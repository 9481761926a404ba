#include "base/fault.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

// Faults stay armed for the process, so each test uses names of its own.

TEST(Fault, PointsThatNobodyArmedDoNothing) {
  EXPECT_TRUE(fault_point("test.none").ok());
}

TEST(Fault, FailsAtTheNthPassageOnly) {
  ASSERT_TRUE(arm_faults("test.nth=error@2").ok());
  EXPECT_TRUE(fault_point("test.nth").ok());
  EXPECT_EQ(fault_point("test.nth").error().kind(), ErrorKind::unavailable);
  EXPECT_TRUE(fault_point("test.nth").ok());
}

TEST(Fault, FailsFromTheNthPassageOn) {
  ASSERT_TRUE(arm_faults("test.on=full@2+;test.delay=delay:1").ok());
  EXPECT_TRUE(fault_point("test.on").ok());
  EXPECT_EQ(fault_point("test.on").error().kind(), ErrorKind::resource_exhausted);
  EXPECT_EQ(fault_point("test.on").error().kind(), ErrorKind::resource_exhausted);
  EXPECT_TRUE(fault_point("test.delay").ok());
}

TEST(Fault, PassagesAreLogged) {
  ASSERT_TRUE(arm_faults("test.log=log@2+").ok());
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fault_point("test.log").ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "passed test.log\npassed test.log\n");
}

TEST(Fault, BadTextIsRefused) {
  for (const char* text : {"x", "=kill", "x=", "x=die", "x=kill@", "x=kill@y", "x=delay:", "x=delay:z", "x=kill@-1"})
    EXPECT_EQ(arm_faults(text).error().kind(), ErrorKind::invalid_argument) << text;
}

TEST(FaultDeathTest, KillEndsTheProcess) {
  EXPECT_EXIT(
      {
        (void)arm_faults("test.kill=kill");
        (void)fault_point("test.kill");
      },
      testing::KilledBySignal(SIGKILL), "");
}

}  // namespace
}  // namespace weir
