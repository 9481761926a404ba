/// \file
/// The splitter of one source on a thread of its own: an actor that may block in calls to the source's system.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "dataflow/source.h"
#include "runtime/back_off.h"
#include "runtime/threads/inbox.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// What a splitter tells the coordinator.
struct SplitterReport {
  enum class Kind { opened, retrying, failed };
  std::string source;
  Kind kind = Kind::opened;
  std::optional<Error> error = {};  ///< retrying, failed
  int64_t wait_ms = 0;              ///< retrying
};

/// Opens the splitter, deals what it finds and looks again when that is due. A source that does not answer is waited
/// for, however long that takes; one that refuses us is asked three times.
class SplitterThread {
 public:
  struct Ends {
    StopAsked stop_asked;                        ///< ends the wait for a source
    std::function<void(Discovery)> deal;         ///< on the splitter's thread
    std::function<void(SplitterReport)> report;  ///< on the splitter's thread
  };

  /// `progress`: what is decided when the run begins. `clock` outlives it.
  SplitterThread(std::string source, std::unique_ptr<SourceSplitter> splitter, std::shared_ptr<const Progress> progress,
                 Ends ends, Threads& threads, const Clock& clock);
  ~SplitterThread() { end(); }

  /// `exited` is called with name() as the thread's last word.
  void start(Threads& threads, std::function<void(const std::string&)> exited);
  /// Lets the thread end after what it has under way.
  void end() { inbox_.post({.is_end = true}); }
  /// Splits may have changed.
  void look() { inbox_.post({.is_look = true}); }
  void release(std::shared_ptr<const Progress> durable) { inbox_.post({.durable = std::move(durable)}); }

  const std::string& name() const { return name_; }
  const std::string& source() const { return source_; }

 private:
  struct Message {
    bool is_end = false;
    bool is_look = false;
    std::shared_ptr<const Progress> durable = {};
  };

  void run();
  Result<void> open();
  Result<void> discover();
  Result<void> back_off(Error error);
  bool wait_until(int64_t until_us);
  const SourceProgress* of_source(const Progress& progress) const;

  const std::string source_;
  const std::string name_;
  const std::unique_ptr<SourceSplitter> splitter_;
  std::shared_ptr<const Progress> progress_;
  const Ends ends_;
  const Clock& clock_;
  Inbox<Message> inbox_;
  // The thread's own:
  bool is_opened_ = false;
  bool is_told_ = false;  ///< that it has opened
  int64_t next_us_ = 0;   ///< when to look again
  BackOff back_off_;
  int refusals_ = 0;         ///< in a row
  bool has_failed_ = false;  ///< for good
  bool is_in_doubt_ = false;
  std::unique_ptr<StartedThread> thread_;  ///< last: it ends before what it works on goes
};

}  // namespace weir::runtime
