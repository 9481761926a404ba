/// \file
/// The committer's thread: what may block in storage and in the catalog, one piece of work after the other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/exception_guard.h"
#include "base/result.h"
#include "runtime/threads/inbox.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// Destruction waits for the work under way.
class CommitterThread {
 public:
  using Work = std::function<Result<void>()>;
  static constexpr char kName[] = "committer";

  /// `failed` is called with the error of a piece of work and `exited` as the thread's last word, both on the thread.
  CommitterThread(Threads& threads, const Clock& clock, std::function<void(Error)> failed, std::function<void()> exited)
      : failed_(std::move(failed)), inbox_(threads, clock) {
    thread_ = threads.start(kName, [this, exited = std::move(exited)] {
      run();
      exited();
    });
  }
  ~CommitterThread() { end(); }

  void post(Work work) { inbox_.post(std::move(work)); }
  /// Nothing follows.
  void end() { inbox_.post(std::nullopt); }

 private:
  void run() {
    while (true) {
      const std::optional<std::optional<Work>> next = inbox_.take(kNoTime);
      if (!next) continue;
      if (!*next) return;
      const Result<void> done = guard_exceptions("a commit", **next);
      if (!done.ok()) failed_(done.error());
    }
  }

  const std::function<void(Error)> failed_;
  Inbox<std::optional<Work>> inbox_;
  std::unique_ptr<StartedThread> thread_;  ///< last: it ends before what it works on goes
};

}  // namespace weir::runtime
