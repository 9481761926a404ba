#include "expression/expression.h"
#include "operator/failed_rows_internal.h"
#include "operator/operators.h"
#include "operator/step_errors_internal.h"
#include "operator/step_kinds.h"

namespace weir::operators {
namespace {

class Select final : public Operator {
 public:
  Select(std::string name, std::unique_ptr<expression::Projection> projection)
      : name_(std::move(name)), projection_(std::move(projection)) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_ASSIGN(const expression::Projected projected, projection_->apply(batch));
    WEIR_TRY(reject_failed_rows(name_, batch, projected.failures, out));
    WEIR_TRY(out.emit(projected.batch));
    return Step::done;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return projection_->schema(); }

 private:
  std::string name_;
  std::unique_ptr<expression::Projection> projection_;
};

using Items = std::vector<config::Located<std::string>>;

struct SelectStep {
  std::optional<Items> select;
};

void describe_keys(config::Description& d, SelectStep& s) {
  d.field("select", s.select)
      .not_empty()
      .doc("Columns and SQL expressions (`expression as name`, `*`, `* exclude (a)`).")
      .example("[origin, dest, dep_delay / 60.0 as dep_delay_h]");
}

/// Says what is wrong with each item; with the list as a whole when each is right for itself.
void explain(const Items& items, const Error& error, expression::TextPlace place, StepContext& context) {
  const size_t errors = context.errors.count();
  for (const auto& item : items) {
    expression::TextPlace alone;
    const auto made = make_select(context.step, {*item}, context.inputs.front().schema, &alone);
    if (!made.ok()) context.errors.in_text(item.location, alone.offset, made.error().message());
  }
  if (context.errors.count() == errors)
    context.errors.in_text(items[place.item].location, place.offset, error.message());
}

/// Adds an error for each item that makes a column of a name that no table can have; false when there was one.
bool check_names(const Items& items, const Schema& output, StepContext& context) {
  const std::string why = refused_name(output.fields());
  if (why.empty()) return true;
  const size_t errors = context.errors.count();
  for (const auto& item : items) {
    const auto made = make_select(context.step, {*item}, context.inputs.front().schema);
    const std::string wrong = made.ok() ? refused_name((*made)->output_schema(kMainOutput)->fields()) : "";
    if (!wrong.empty()) context.errors.at(item.location, wrong);
  }
  if (context.errors.count() == errors) context.errors.at(items.front().location, why);
  return false;
}

BoundStep bind_select(const SelectStep& spec, StepContext& context) {
  BoundStep bound{.outputs = {context.inputs.front()}};
  Stream& output = bound.outputs.front();
  const SchemaPtr input = std::exchange(output.schema, nullptr);
  const Items& items = *spec.select;
  if (context.errors.any_below(config::path_key(context.path, "select"))) return bound;
  keep_engine(context);
  expression::TextPlace place;
  const auto made = make_select(context.step, texts_of(items), input, &place);
  if (!made.ok()) {
    explain(items, made.error(), place, context);
    return bound;
  }
  const SchemaPtr schema = (*made)->output_schema(kMainOutput);
  if (!check_names(items, *schema, context)) return bound;
  output.schema = schema;
  if (schema->find(output.event_time) < 0) output.event_time.clear();
  bound.make = [name = context.step, texts = texts_of(items), input] { return make_select(name, texts, input); };
  return bound;
}

}  // namespace

StepKind select_step() {
  StepKind kind = step_kind("select", &SelectStep::select, &bind_select);
  kind.takes_changes = true;
  return kind;
}

Result<std::unique_ptr<Operator>> make_select(const std::string& name, const std::vector<std::string>& items,
                                              const SchemaPtr& input, expression::TextPlace* place) {
  std::vector<expression::SelectItem> list;
  list.reserve(items.size());
  for (const std::string& item : items) list.push_back({.sql = item});
  WEIR_ASSIGN(std::unique_ptr<expression::Projection> projection,
              expression::Projection::bind(list, input, {.place = place}));
  return std::unique_ptr<Operator>(std::make_unique<Select>(name, std::move(projection)));
}

}  // namespace weir::operators
