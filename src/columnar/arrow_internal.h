/// \file
/// The one bridge to Arrow: our columns as Arrow arrays, without a copy. Internal: only modules that own Arrow include
/// it.
#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "columnar/batch.h"

namespace weir {

/// The Arrow type of a Weir type; nested fields carry their ids as metadata "PARQUET:field_id".
std::shared_ptr<arrow::DataType> to_arrow(const Type& type);
std::shared_ptr<arrow::Field> to_arrow(const Field& field);
std::shared_ptr<arrow::Schema> to_arrow(const Schema& schema);

/// Shares the column's buffers.
std::shared_ptr<arrow::Array> to_arrow(const ColumnPtr& column);

/// The dense columns of `batch` as a record batch with the fields of its schema. Every row is selected (call compact()
/// first).
std::shared_ptr<arrow::RecordBatch> to_arrow(const Batch& batch);

}  // namespace weir
