/// \file
/// Kinds of steps: what the pipeline file may ask for, as data. The validator, the JSON Schema and the reference page
/// come from a kind's description; bind() turns what stands in the file into something that makes operators.
///
/// A new kind is one file and one line where the program registers all of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/file_errors.h"
#include "config/type_shape.h"
#include "dataflow/operator.h"

namespace weir {

/// What flows out of a source or step, as far as a step behind it must know.
struct Stream {
  SchemaPtr schema = nullptr;    ///< null: unknown, because of an error that has been reported
  std::string event_time = {};   ///< the column that tells when events happened; empty when none is known to
  bool has_watermark = false;    ///< something above says how far event time has come
  bool has_wrong_time = false;   ///< which column tells the time is unknown, because of an error that has been reported
  bool is_behind_state = false;  ///< rows may have been dealt to other tasks than read them
  bool has_changes = false;      ///< rows may be changes: other ops than insert
  std::vector<std::string> sources = {};  ///< where the rows come from
};

/// A step that has been held against what it takes.
struct BoundStep {
  /// By OutputIndex. Where something is wrong, the schema is null unless it does not depend on that.
  std::vector<Stream> outputs;
  /// Columns of the input whose values decide which task a row goes to: rows that are equal in them go to one, all rows
  /// where there are none. Nothing: rows stay with their task.
  std::optional<std::vector<int>> key = {};
  /// Makes the operator of one task; empty when something is wrong.
  std::function<Result<std::unique_ptr<Operator>>()> make = {};
};

/// What a kind binds with.
struct StepContext {
  const std::string& step;         ///< its name
  const std::string& path;         ///< of the step in the file
  std::span<const Stream> inputs;  ///< at least one; all schemas are known
  config::FileErrors& errors;
  /// What is dear to open and is to stay open until the whole file is bound.
  std::vector<std::shared_ptr<void>>& kept;
};

/// One kind. A step in the file is of a kind when it has its key; a kind may have more keys, which say more about it.
struct StepKind {
  std::string key;
  /// Outputs beside the main one, by the name that `from: STEP.NAME` uses; OutputIndex 1, 2, ...
  std::vector<std::string> outputs = {};
  /// May stand in a step of another kind, and is done before it.
  bool goes_first = false;
  /// Its operator does right by rows that are changes; one that does not is never given any.
  bool takes_changes = false;

  std::function<std::shared_ptr<void>()> make_spec;
  /// Whether a step that was read is of this kind.
  std::function<bool(const void* spec)> is_given;
  /// Adds its keys to the description of a step.
  std::function<void(config::Description& step, void* spec)> describe;
  /// Adds what is wrong to context.errors, all of it.
  std::function<BoundStep(const void* spec, StepContext& context)> bind;
};

/// A kind whose keys are members of Spec, that of `key` being `main`; `describe_keys(Description&, Spec&)` stands
/// beside it.
template <typename Spec, typename Main>
StepKind step_kind(const std::string& key, std::optional<Main> Spec::*main,
                   BoundStep (*bind)(const Spec& spec, StepContext& context)) {
  return {.key = key,
          .make_spec = [] { return std::make_shared<Spec>(); },
          .is_given = [main](const void* spec) { return (static_cast<const Spec*>(spec)->*main).has_value(); },
          .describe = [](config::Description& step, void* spec) { describe_keys(step, *static_cast<Spec*>(spec)); },
          .bind = [bind](const void* spec,
                         StepContext& context) { return bind(*static_cast<const Spec*>(spec), context); }};
}

/// All kinds of steps, in the order in which they were registered: that of the reference page.
class StepKinds {
 public:
  /// Each key once.
  void add(StepKind kind);
  /// What a step with several `from` is, before anything else; it has no key.
  void set_union(StepKind kind) { union_ = std::move(kind); }

  const std::vector<StepKind>& all() const { return kinds_; }
  const StepKind& union_kind() const { return union_; }

 private:
  std::vector<StepKind> kinds_;
  StepKind union_;
};

}  // namespace weir
