#include <algorithm>

#include "operator/stateful_operators.h"
#include "operator/step_kinds.h"

namespace weir::operators {
namespace {

class Union final : public Operator {
 public:
  Union(SchemaPtr schema, std::vector<std::vector<int>> orders)
      : schema_(std::move(schema)), orders_(std::move(orders)) {}

  Result<Step> process(InputIndex input, const Batch& batch, Collector& out) override {
    const std::vector<int>& order = orders_[static_cast<size_t>(input)];
    std::vector<ColumnPtr> columns;
    columns.reserve(order.size());
    for (const int column : order) columns.push_back(batch.columns()[static_cast<size_t>(column)]);
    WEIR_TRY(out.emit(batch.with_columns(schema_, std::move(columns))));
    return Step::done;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  SchemaPtr schema_;
  std::vector<std::vector<int>> orders_;  ///< by input: which of its columns stands where
};

/// Adds those that are not there yet.
void add_names(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

/// Event time goes on as far as all inputs say; a column tells it when it does so in each of them.
Stream merged(std::span<const Stream> inputs) {
  Stream output = inputs.front();
  for (const Stream& input : inputs.subspan(1)) {
    if (input.event_time != output.event_time) output.event_time.clear();
    output.has_watermark = output.has_watermark && input.has_watermark;
    output.has_wrong_time = output.has_wrong_time || input.has_wrong_time;
    output.is_behind_state = output.is_behind_state || input.is_behind_state;
    add_names(output.sources, input.sources);
  }
  output.schema = nullptr;
  return output;
}

BoundStep bind_union(StepContext& context) {
  BoundStep bound{.outputs = {merged(context.inputs)}};
  std::vector<SchemaPtr> schemas;
  for (const Stream& input : context.inputs) schemas.push_back(input.schema);
  const auto made = make_union(schemas);
  if (!made.ok()) {
    context.errors.at_path(config::path_key(context.path, "from"), made.error().message());
    return bound;
  }
  bound.outputs.front().schema = (*made)->output_schema(kMainOutput);
  bound.make = [schemas] { return make_union(schemas); };
  return bound;
}

}  // namespace

StepKind union_step() {
  return {.key = "union",
          .takes_changes = true,
          .make_spec = [] { return nullptr; },
          .is_given = [](const void*) { return true; },
          .describe = [](config::Description&, void*) {},
          .bind = [](const void*, StepContext& context) { return bind_union(context); }};
}

Result<std::unique_ptr<Operator>> make_union(const std::vector<SchemaPtr>& inputs) {
  if (inputs.size() < 2) return Error(ErrorKind::invalid_argument, "a union needs at least two inputs");
  std::vector<Field> fields = inputs[0]->fields();
  std::vector<std::vector<int>> orders;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::string which = "input " + std::to_string(i + 1);
    std::vector<int>& order = orders.emplace_back();
    for (Field& field : fields) {
      const int at = inputs[i]->find(field.name);
      if (at < 0) return Error(ErrorKind::invalid_argument, which + " has no column '" + field.name + "'");
      const Field& other = inputs[i]->field(static_cast<size_t>(at));
      if (!(*other.type == *field.type)) {
        return Error(ErrorKind::invalid_argument, which + ": column '" + field.name + "' is " +
                                                      other.type->to_string() + ", in the first it is " +
                                                      field.type->to_string());
      }
      field.required = field.required && other.required;
      order.push_back(at);
    }
    for (const Field& field : inputs[i]->fields()) {
      if (inputs[0]->find(field.name) < 0) {
        return Error(ErrorKind::invalid_argument, which + " has a column '" + field.name + "' that the first has not");
      }
    }
  }
  auto schema = std::make_shared<const Schema>(std::move(fields));
  return std::unique_ptr<Operator>(std::make_unique<Union>(std::move(schema), std::move(orders)));
}

}  // namespace weir::operators
