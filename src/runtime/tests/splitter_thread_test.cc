#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "runtime/threads/splitter_thread_internal.h"

namespace weir::runtime {
namespace {

class NothingThere final : public SourceSplitter {
 public:
  Result<void> open(const SourceProgress*, const StopAsked&) override { return {}; }
  Result<Discovery> discover(bool) override { return Discovery{.is_last = true}; }
  void release(const SourceProgress&) override {}
};

TEST(SplitterThread, SaysThatItIsOpenBeforeATaskCanBeDoneWithItsSplits) {
  std::vector<std::string> order;
  {
    SplitterThread thread("in", std::make_unique<NothingThere>(), std::make_shared<const Progress>(),
                          {.stop_asked = [] { return false; },
                           .deal = [&](const Discovery&) { order.emplace_back("deal"); },
                           .report = [&](const SplitterReport&) { order.emplace_back("opened"); }},
                          system_threads(), system_clock_source());
    thread.start(system_threads(), [](const std::string&) {});
    thread.end();
  }
  EXPECT_THAT(order, testing::ElementsAre("opened", "deal"));
}

}  // namespace
}  // namespace weir::runtime
