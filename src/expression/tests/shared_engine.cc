#include <gtest/gtest.h>

#include "expression/engine.h"

namespace weir::expression {
namespace {

/// Keeps the shared engine open between tests, as a pipeline does between its steps.
class SharedEngine final : public testing::Environment {
 public:
  void SetUp() override { engine_ = Engine::shared().value(); }
  void TearDown() override { engine_ = nullptr; }

 private:
  std::shared_ptr<Engine> engine_;
};

[[maybe_unused]] const auto* const kSharedEngine = testing::AddGlobalTestEnvironment(new SharedEngine);

}  // namespace
}  // namespace weir::expression
