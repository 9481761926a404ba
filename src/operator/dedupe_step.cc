#include <string>
#include <vector>

#include "operator/event_column_internal.h"
#include "operator/stateful_operators.h"
#include "operator/step_errors_internal.h"
#include "operator/step_kinds.h"

namespace weir::operators {

std::span<const config::EnumName> enum_names(Keep) {
  static constexpr config::EnumName kNames[] = {{"first", static_cast<int64_t>(Keep::first)},
                                                {"last", static_cast<int64_t>(Keep::last)}};
  return kNames;
}

namespace {

using config::Duration;
using config::Located;

struct DedupeOptions {
  std::vector<Located<std::string>> key;
  Duration ttl{0};
  std::optional<Located<std::string>> time;
  Duration lateness{0};
  Keep keep = Keep::first;
};

struct DedupeStep {
  std::optional<DedupeOptions> dedupe;
};

void describe(config::Description& d, DedupeOptions& s) {
  d.structure("dedupe", "Hands on one row of each key and leaves out those that repeat it. Needs a watermark.");
  d.field("key", s.key)
      .required()
      .not_empty()
      .list_or_one()
      .doc("Columns whose values identify a row: rows with the same ones are duplicates.")
      .example("[order_id]");
  d.field("ttl", s.ttl)
      .required()
      .min(Duration(1))
      .max(kSpanMax)
      .doc(
          "How long a key is known after its first row, in event time: what comes later is a first row again. "
          "With `keep: last`, the interval that yields one row of each key.")
      .example("24h");
  d.field("time", s.time).not_empty().doc("Column of the event time; by default the one that the watermark follows.");
  d.field("lateness", s.lateness)
      .max(kSpanMax)
      .doc("How far behind the watermark a row is still judged. What is further behind leaves by the output `late`.");
  d.field("keep", s.keep)
      .doc(
          "`first`: the first row of a key, at once. `last`: the row with the newest time of each key and interval of "
          "`ttl` (intervals begin at multiples of it since 1970, as windows do), once event time has passed the "
          "interval and the lateness; of equal times the row that stands last in the log.");
}

void describe_keys(config::Description& d, DedupeStep& s) {
  d.field("dedupe", s.dedupe).doc("Leaves out rows whose key was there before. Outputs: the rows, and `late`.");
}

BoundStep bind_dedupe(const DedupeStep& step, StepContext& context) {
  const DedupeOptions& options = *step.dedupe;
  const Stream& input = context.inputs.front();
  Stream output = input;
  output.is_behind_state = true;
  BoundStep bound{.outputs = {output, output}};
  if (context.errors.any_below(config::path_key(context.path, "dedupe"))) return bound;
  const bool has_key = check_columns(options.key, *input.schema, context.errors);
  const std::optional<std::string> time = event_time_of(options.time, "dedupe", context);
  if (!has_key || !time) return bound;
  const DedupeSpec spec{.name = context.step,
                        .key = texts_of(options.key),
                        .time = *time,
                        .ttl_us = micros(options.ttl),
                        .lateness_us = micros(options.lateness),
                        .keep = options.keep};
  const auto made = make_dedupe(spec, input.schema);
  if (!made.ok()) {
    context.errors.at(options.key.front().location, made.error().message());
    return bound;
  }
  bound.key.emplace();
  for (const std::string& column : spec.key) bound.key->push_back(input.schema->find(column));
  bound.make = [spec, schema = input.schema] { return make_dedupe(spec, schema); };
  return bound;
}

}  // namespace

StepKind dedupe_step() {
  StepKind kind = step_kind("dedupe", &DedupeStep::dedupe, &bind_dedupe);
  kind.outputs = {"late"};
  return kind;
}

}  // namespace weir::operators
