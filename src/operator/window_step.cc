#include "expression/expression.h"
#include "operator/event_column_internal.h"
#include "operator/stateful_operators.h"
#include "operator/step_errors_internal.h"
#include "operator/step_kinds.h"

namespace weir::operators {
namespace {

using config::Duration;
using config::Located;

struct WindowOptions {
  std::optional<Located<std::string>> time;
  Duration tumble{0};
  Duration lateness{0};
};

struct WindowStep {
  std::optional<WindowOptions> window;
  std::vector<Located<std::string>> by;
  config::NamedList<Located<std::string>> aggregate;
};

void describe(config::Description& d, WindowOptions& s) {
  d.structure("window", "Windows of equal length, one after another. Needs a watermark.");
  d.field("time", s.time).not_empty().doc("Column of the event time; by default the one that the watermark follows.");
  d.field("tumble", s.tumble)
      .required()
      .min(Duration(1))
      .max(kSpanMax)
      .doc("Length of a window; windows begin at multiples of it since 1970-01-01T00:00Z.")
      .example("5m");
  d.field("lateness", s.lateness)
      .max(kSpanMax)
      .doc(
          "How long a window is kept open after the watermark has passed its end. Rows that come later than that leave "
          "by the output `late`.");
}

void describe_keys(config::Description& d, WindowStep& s) {
  d.field("window", s.window)
      .doc(
          "One row for each window and group, once it is over: the columns of `by`, window_start, window_end, and "
          "those "
          "of `aggregate`. Outputs: these rows, and `late`.");
  d.field("by", s.by).list_or_one().doc("Columns that rows of one group have in common.").example("[origin]");
  d.field("aggregate", s.aggregate)
      .not_empty()
      .doc("Columns by name: count, sum, avg, min or max of an SQL expression, with `filter (where ...)` if need be.")
      .example("{flights: count(*), late: count(*) filter (where dep_delay > 15)}");
  d.goes_with("by", "window");
  d.goes_with("aggregate", "window");
}

/// Adds errors for aggregates that are wrong, each alone, and for columns of names that no table can have.
void explain(const WindowSpec& spec, const WindowStep& step, const Error& error, StepContext& context) {
  const size_t errors = context.errors.count();
  for (size_t i = 0; i < spec.aggregates.size(); ++i) {
    WindowSpec alone = spec;
    alone.aggregates = {spec.aggregates[i]};
    expression::TextPlace place;
    const auto made = make_window(alone, context.inputs.front().schema, &place);
    if (!made.ok()) context.errors.in_text(step.aggregate[i].second.location, place.offset, made.error().message());
  }
  if (context.errors.count() == errors)
    context.errors.at_path(config::path_key(context.path, "window"), error.message());
}

/// What the file says, or nothing after an error.
std::optional<WindowSpec> window_spec(const WindowStep& step, StepContext& context) {
  const size_t errors = context.errors.count();
  if (step.aggregate.empty() && !context.errors.any_below(config::path_key(context.path, "aggregate")))
    context.errors.at_path(context.path,
                           "a window needs the key 'aggregate' (columns by name, such as {rows: count(*)})");
  check_columns(step.by, *context.inputs.front().schema, context.errors);
  const std::optional<std::string> time = event_time_of(step.window->time, "window", context);
  WindowSpec spec{.name = context.step,
                  .time = time.value_or(""),
                  .size_us = micros(step.window->tumble),
                  .lateness_us = micros(step.window->lateness),
                  .by = texts_of(step.by)};
  for (const auto& [name, text] : step.aggregate) {
    const std::string why = refused_name({{.name = name, .type = Type::primitive(TypeKind::int64)}});
    if (!why.empty()) context.errors.at(text.location, why);
    spec.aggregates.push_back({.name = name, .text = *text});
  }
  for (const char* key : {"window", "by", "aggregate"}) {
    if (context.errors.any_below(config::path_key(context.path, key))) return std::nullopt;
  }
  return time && context.errors.count() == errors ? std::optional(std::move(spec)) : std::nullopt;
}

BoundStep bind_window(const WindowStep& step, StepContext& context) {
  const Stream& input = context.inputs.front();
  Stream output = input;
  output.schema = nullptr;
  output.event_time = "window_start";
  output.has_watermark = true;
  output.is_behind_state = true;
  Stream late = input;
  late.is_behind_state = true;
  BoundStep bound{.outputs = {output, late}};
  keep_engine(context);
  const std::optional<WindowSpec> spec = window_spec(step, context);
  if (!spec) return bound;
  expression::TextPlace place;
  const auto made = make_window(*spec, input.schema, &place);
  if (!made.ok()) {
    explain(*spec, step, made.error(), context);
    return bound;
  }
  bound.outputs[kMainOutput].schema = (*made)->output_schema(kMainOutput);
  bound.key.emplace();
  for (const std::string& column : spec->by) bound.key->push_back(input.schema->find(column));
  bound.make = [spec = *spec, schema = input.schema] { return make_window(spec, schema); };
  return bound;
}

}  // namespace

StepKind window_step() {
  StepKind kind = step_kind("window", &WindowStep::window, &bind_window);
  kind.outputs = {"late"};
  return kind;
}

}  // namespace weir::operators
