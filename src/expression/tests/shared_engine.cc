#include <cstdlib>

#include <gtest/gtest.h>

#include "expression/engine.h"

namespace weir::expression {
namespace {

/// Keeps the shared engine open between tests, as a pipeline does between its steps. All of them run far from UTC, in a
/// country with another calendar: DuckDB reads both when it is first opened.
class SharedEngine final : public testing::Environment {
 public:
  void SetUp() override {
    ::setenv("TZ", "America/New_York", 1);
    ::setenv("LC_ALL", "th_TH.UTF-8", 1);
    engine_ = Engine::shared().value();
  }
  void TearDown() override { engine_ = nullptr; }

 private:
  std::shared_ptr<Engine> engine_;
};

[[maybe_unused]] const auto* const kSharedEngine = testing::AddGlobalTestEnvironment(new SharedEngine);

}  // namespace
}  // namespace weir::expression
