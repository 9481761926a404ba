/// \file
/// What sources and steps yield, by the names that `from` uses, while a file is bound in flow order. Internal.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/file_errors.h"
#include "dataflow/step_kind.h"
#include "planner/plan.h"

namespace weir::planner {

/// A name as `from` gives it, bound.
struct FoundStream {
  PlannedInput input;
  Stream stream;  ///< its schema is null when that is unknown
};

class Streams {
 public:
  explicit Streams(config::FileErrors& errors) : errors_(errors) {}

  /// Adds what a source or step yields: its rows, and other outputs by name (`names`, from OutputIndex 1 on). `path`:
  /// of it in the file.
  void add(const std::string& name, const std::string& path, std::vector<Stream> outputs,
           const std::vector<std::string>& names = {});

  /// What `from` names; `above`, at `path`, when it names nothing. What is not there is an error, said once, and the
  /// nearest name is taken: most likely it is meant.
  FoundStream find(const config::Located<std::string>* from, const std::string& path);

  /// Names the source or step that goes before what is bound now; empty when it is not plain which.
  void set_above(std::string name) { above_ = std::move(name); }

  /// Whether somebody takes the rows of `name`, as far as is known.
  bool is_used(const std::string& name) const { return used_.contains(name); }
  /// Somebody takes what is not there.
  bool has_unknown_input() const { return has_unknown_input_; }

 private:
  struct Output {
    std::string of;
    OutputIndex index;
    Stream stream;
  };
  FoundStream take(const std::string& name);
  void refuse(const config::Located<std::string>& from);

  config::FileErrors& errors_;
  std::map<std::string, Output> outputs_;  ///< by NAME, or NAME.OUTPUT
  std::string above_;
  std::set<std::string> used_;
  bool has_unknown_input_ = false;
};

}  // namespace weir::planner
