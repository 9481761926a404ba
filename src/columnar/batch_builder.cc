#include "columnar/batch_builder.h"

namespace weir {

BatchBuilder::BatchBuilder(SchemaPtr schema) : schema_(std::move(schema)) {
  for (const Field& field : schema_->fields()) builders_.push_back(make_column_builder(field.type));
}

void BatchBuilder::append(const Batch& batch, std::span<const int32_t> rows) {
  for (size_t c = 0; c < builders_.size(); ++c) {
    builders_[c]->append_rows(batch.column(c), rows);
  }
  rows_ += static_cast<int64_t>(rows.size());
  if (batch.physical_rows() > 0)
    memory_bytes_ +=
        static_cast<int64_t>(batch.memory_bytes() * rows.size() / static_cast<size_t>(batch.physical_rows()));
}

Batch BatchBuilder::finish() {
  std::vector<ColumnPtr> columns;
  for (const auto& builder : builders_) columns.push_back(builder->finish());
  const int64_t rows = std::exchange(rows_, 0);
  memory_bytes_ = 0;
  return Batch(schema_, std::move(columns), rows, nullptr);
}

}  // namespace weir
