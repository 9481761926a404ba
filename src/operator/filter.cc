#include <utility>

#include "expression/expression.h"
#include "operator/failed_rows_internal.h"
#include "operator/operators.h"
#include "operator/step_errors_internal.h"
#include "operator/step_kinds.h"

namespace weir::operators {
namespace {

class Filter final : public Operator {
 public:
  Filter(std::string name, std::unique_ptr<expression::BooleanExpression> condition, SchemaPtr schema)
      : name_(std::move(name)), condition_(std::move(condition)), schema_(std::move(schema)) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_ASSIGN(expression::Selected selected, condition_->select(batch));
    WEIR_TRY(reject_failed_rows(name_, batch, selected.failures, out));
    const auto kept = static_cast<int64_t>(selected.rows.size());
    removed_ += batch.rows() - kept - static_cast<int64_t>(selected.failures.size());
    const bool is_whole = kept == batch.rows();  // nothing removed: hand the input on untouched
    WEIR_TRY(out.emit(is_whole ? batch : batch.with_selection(std::move(selected.rows))));
    return Step::done;
  }

  Counters take_counters() override {
    if (removed_ == 0) return {};
    return {{{.kind = CounterKind::filter_removed, .name = name_}, std::exchange(removed_, 0)}};
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::string name_;
  std::unique_ptr<expression::BooleanExpression> condition_;
  SchemaPtr schema_;
  int64_t removed_ = 0;
};

struct FilterStep {
  std::optional<config::Located<std::string>> filter;
};

void describe_keys(config::Description& d, FilterStep& s) {
  d.field("filter", s.filter)
      .not_empty()
      .doc("SQL condition; rows for which it is not true are left out. It is applied before anything else in the step.")
      .example("cancelled = false");
}

BoundStep bind_filter(const FilterStep& spec, StepContext& context) {
  const Stream& input = context.inputs.front();
  BoundStep bound{.outputs = {input}};
  if ((*spec.filter)->empty()) return bound;  // the file's reader has said so
  keep_engine(context);
  expression::TextPlace place;
  const auto made = make_filter(context.step, **spec.filter, input.schema, &place);
  if (!made.ok()) {
    context.errors.in_text(spec.filter->location, place.offset, made.error().message());
    return bound;
  }
  bound.make = [name = context.step, sql = **spec.filter, schema = input.schema] {
    return make_filter(name, sql, schema);
  };
  return bound;
}

}  // namespace

StepKind filter_step() {
  StepKind kind = step_kind("filter", &FilterStep::filter, &bind_filter);
  kind.goes_first = true;
  kind.takes_changes = true;
  return kind;
}

Result<std::unique_ptr<Operator>> make_filter(const std::string& name, const std::string& sql, const SchemaPtr& input,
                                              expression::TextPlace* place) {
  WEIR_ASSIGN(std::unique_ptr<expression::BooleanExpression> condition,
              expression::BooleanExpression::bind(sql, input, {.place = place}));
  return std::unique_ptr<Operator>(std::make_unique<Filter>(name, std::move(condition), input));
}

}  // namespace weir::operators
