#include "base/suggest.h"
#include "planner/streams_internal.h"

namespace weir::planner {

void Streams::add(const std::string& name, const std::string& path, std::vector<Stream> outputs,
                  const std::vector<std::string>& names) {
  if (outputs_.contains(name)) return errors_.at_path(path, "the name '" + name + "' is used twice");
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string key = i == 0 ? name : name + "." + names[i - 1];
    outputs_[key] = {.of = name, .index = static_cast<OutputIndex>(i), .stream = std::move(outputs[i])};
  }
}

FoundStream Streams::find(const config::Located<std::string>* from, const std::string& path) {
  const std::string& name = from != nullptr ? **from : above_;
  if (outputs_.contains(name)) return take(name);
  has_unknown_input_ = true;
  if (from == nullptr) {
    if (!outputs_.empty()) errors_.at_path(path, "there are several sources: say with `from` which one to take");
    return {};  // no source at all: that has been said
  }
  if (name.empty()) return {};  // the file's reader has said so
  refuse(*from);
  std::vector<std::string> names;
  for (const auto& [known, output] : outputs_) names.push_back(known);
  const std::string nearest = nearest_name(name, names);
  return nearest.empty() ? FoundStream() : take(nearest);
}

FoundStream Streams::take(const std::string& name) {
  const Output& output = outputs_.at(name);
  if (output.index == kMainOutput) used_.insert(output.of);
  return {.input = {.from = output.of, .output = output.index, .schema = output.stream.schema},
          .stream = output.stream};
}

void Streams::refuse(const config::Located<std::string>& from) {
  const std::string step = from->substr(0, from->find('.'));
  const bool is_output = step != *from && outputs_.contains(step);
  std::vector<std::string> names;
  for (const auto& [name, output] : outputs_) {
    if (!is_output || (output.of == step && output.index != kMainOutput)) names.push_back(name);
  }
  if (!is_output) {
    return errors_.at(from.location, "there is no source or step '" + *from + "' above" + did_you_mean(*from, names));
  }
  std::string others;
  for (const std::string& name : names) others += (others.empty() ? "; it has '" : " and '") + name + "'";
  errors_.at(from.location, "'" + step + "' has no output '" + from->substr(step.size() + 1) + "'" +
                                (others.empty() ? "; it has none beside its rows" : others));
}

}  // namespace weir::planner
