#include "base/check.h"
#include "columnar/widen.h"
#include "connector/iceberg/iceberg_sink.h"
#include "connector/iceberg/writer_context_internal.h"
#include "lake/table_writer.h"

namespace weir::connector {
namespace {

/// Puts the columns of batches in the table's order; optional columns that the input lacks are null.
class ColumnPlacement {
 public:
  ColumnPlacement(const Schema& input, SchemaPtr table) : table_(std::move(table)) {
    for (size_t i = 0; i < table_->size(); ++i) {
      places_.push_back(input.find(table_->field(i).name));
      is_same_ = is_same_ && places_.back() == static_cast<int>(i) && *input.field(i).type == *table_->field(i).type;
    }
    is_same_ = is_same_ && input.size() == table_->size();
  }

  Batch place(const Batch& batch) const {
    if (is_same_) return batch.with_columns(table_, batch.columns());
    std::vector<ColumnPtr> columns;
    for (size_t i = 0; i < places_.size(); ++i) {
      const TypePtr& type = table_->field(i).type;
      columns.push_back(places_[i] >= 0 ? widen(batch.columns()[static_cast<size_t>(places_[i])], type)
                                        : null_column(type, batch.physical_rows()));
    }
    return batch.with_columns(table_, std::move(columns));
  }

 private:
  SchemaPtr table_;
  std::vector<int> places_;
  bool is_same_ = true;
};

class IcebergWriter final : public SinkWriter {
 public:
  IcebergWriter(SchemaPtr table, const Schema& input, std::unique_ptr<lake::TableWriter> writer)
      : placement_(input, std::move(table)), writer_(std::move(writer)) {}

  Result<void> write(const Batch& batch) override {
    WEIR_CHECK(!batch.has_changes());  // the planner gives an append sink none
    return writer_->write(placement_.place(batch));
  }
  Result<Pending<std::string>> prepare() override {
    WEIR_ASSIGN(std::string part, writer_->close_files());
    return Pending<std::string>(std::move(part));
  }
  int64_t memory_bytes() const override { return writer_->memory_bytes(); }

 private:
  ColumnPlacement placement_;
  std::unique_ptr<lake::TableWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<SinkWriter>> make_iceberg_writer(const WriterStart& start, const Schema& input,
                                                        ObjectStore& store) {
  WEIR_ASSIGN(WriterContext context, WriterContext::from_bytes(start.context));
  const SchemaPtr& table = context.table.current_schema().schema;
  WEIR_TRY(check_columns_fit(input, *table));
  WEIR_ASSIGN(std::unique_ptr<lake::TableWriter> writer,
              lake::TableWriter::make(store, context.table,
                                      {.file_prefix = context.file_prefix + "-" + std::to_string(start.share.index),
                                       .target_file_bytes = context.target_file_bytes,
                                       .memory_bytes_max = context.memory_bytes_max,
                                       .properties = std::move(context.properties),
                                       .parquet = {}}));
  return std::unique_ptr<SinkWriter>(std::make_unique<IcebergWriter>(table, input, std::move(writer)));
}

}  // namespace weir::connector
