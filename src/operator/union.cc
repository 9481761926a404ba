#include <numeric>

#include "operator/stateful_operators.h"

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

}  // namespace

Result<std::unique_ptr<Operator>> make_union(const std::vector<SchemaPtr>& inputs) {
  if (inputs.size() < 2) return Error(ErrorKind::invalid_argument, "a union has at least two inputs");
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
