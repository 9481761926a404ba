#include <algorithm>

#include "planner/step_binder_internal.h"

namespace weir::planner {
namespace {

/// "'a', 'b' or 'c'".
std::string any_of_kinds(const StepKinds& kinds) {
  std::string text;
  for (size_t i = 0; i < kinds.all().size(); ++i) {
    if (i > 0) text += i + 1 == kinds.all().size() ? " or " : ", ";
    text += "'" + kinds.all()[i].key + "'";
  }
  return text;
}

}  // namespace

PlannedStep StepBinder::bind(const StepSpec& spec, const std::string& path) {
  inputs_.clear();
  incoming_.clear();
  const size_t count = std::max<size_t>(1, spec.from.size());
  for (size_t i = 0; i < count; ++i) {
    FoundStream found = streams_.find(spec.from.empty() ? nullptr : &spec.from[i], path);
    inputs_.push_back(std::move(found.input));
    incoming_.push_back(std::move(found.stream));
  }
  std::vector<const StepKind*> kinds = kinds_of(spec, path);
  if (count > 1) kinds.insert(kinds.begin(), &kinds_.union_kind());
  PlannedStep step{.name = *spec.name, .operators = {}};
  for (size_t i = 0; i < kinds.size(); ++i) {
    const bool is_last = i + 1 == kinds.size();
    add(step, is_last ? step.name : step.name + "." + kinds[i]->key, *kinds[i], spec, path);
  }
  streams_.add(step.name, path, incoming_, kinds.empty() ? std::vector<std::string>() : kinds.back()->outputs);
  return step;
}

/// The kinds that the step is of, in the order in which they are done.
std::vector<const StepKind*> StepBinder::kinds_of(const StepSpec& spec, const std::string& path) const {
  std::vector<const StepKind*> found;
  for (const StepKind& kind : kinds_.all()) {
    if (kind.is_given(spec.parts.at(kind.key).get())) found.push_back(&kind);
  }
  std::stable_partition(found.begin(), found.end(), [](const StepKind* kind) { return kind->goes_first; });
  const auto others = std::find_if(found.begin(), found.end(), [](const StepKind* kind) { return !kind->goes_first; });
  if (others != found.end())
    found.erase(others + 1, found.end());  // the file's reader has said that they exclude each other
  const bool is_nothing = found.empty() && spec.from.size() < 2;
  if (is_nothing && !errors_.any_below(path)) errors_.at_path(path, "one of " + any_of_kinds(kinds_) + " is needed");
  return found;
}

/// Adds an operator to `step`; what it yields is what the next one takes.
void StepBinder::add(PlannedStep& step, const std::string& name, const StepKind& kind, const StepSpec& spec,
                     const std::string& path) {
  const bool is_known = std::all_of(incoming_.begin(), incoming_.end(), [](const Stream& one) { return one.schema; });
  BoundStep bound{.outputs = std::vector<Stream>(1 + kind.outputs.size())};
  const bool has_changes =
      std::any_of(incoming_.begin(), incoming_.end(), [](const Stream& one) { return one.has_changes; });
  if (is_known && has_changes && !kind.takes_changes) {
    errors_.at_path(
        path,
        "its rows are changes (updates and removals) of a database, and '" + kind.key +
            "' takes rows that stay as they are: do it before they become changes, or on the table that follows them");
  } else if (is_known) {
    const auto part = spec.parts.find(kind.key);
    StepContext context{.step = step.name, .path = path, .inputs = incoming_, .errors = errors_, .kept = kept_};
    bound = kind.bind(part == spec.parts.end() ? nullptr : part->second.get(), context);
  }
  std::vector<Stream> outputs = bound.outputs;
  step.operators.push_back({.name = name, .inputs = std::exchange(inputs_, {}), .bound = std::move(bound)});
  inputs_.push_back({.from = name, .output = kMainOutput, .schema = outputs.front().schema});
  incoming_ = std::move(outputs);
}

}  // namespace weir::planner
