/// \file
/// Partition tuples as manifests store them.
#pragma once

#include <vector>

#include "avro/decoder.h"
#include "base/result.h"
#include "columnar/type.h"
#include "iceberg/manifest/record_plan_internal.h"
#include "iceberg/value/value.h"

namespace weir::iceberg {

/// Reads partition tuples that were written with one schema, into the order and the types that the reader wants.
class PartitionTupleReader {
 public:
  /// `record` is the writer's schema of the tuple and outlives the reader; `wanted` may be null, for tuples as they
  /// were written.
  static Result<PartitionTupleReader> make(const avro::Schema& record, const std::vector<Field>* wanted);

  /// Reads one tuple. A value that does not fit fails `in`.
  void read(avro::Decoder& in, std::vector<Value>& tuple) const;

 private:
  struct Step {
    FieldPlan plan;
    TypePtr type;      ///< of the value in the tuple; null when the field is passed over
    size_t place = 0;  ///< in the tuple
  };
  std::vector<Step> steps_;
  size_t size_ = 0;
};

}  // namespace weir::iceberg
