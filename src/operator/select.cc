#include "expression/expression.h"
#include "operator/failed_rows_internal.h"
#include "operator/operators.h"

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

}  // namespace

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
