#include "lake/pending_rows.h"

#include "columnar/batch_builder.h"

namespace weir::lake {
namespace {

/// What a column takes beside its values: the handle, and the owners of its buffers.
constexpr int64_t kColumnBytes = 512;

}  // namespace

uint32_t PendingBatches::add(const Batch& dense) {
  Held held{.batch = Batch(schema_, dense.columns(), dense.rows(), nullptr), .bytes = 0, .rows_left = dense.rows()};
  held.bytes = static_cast<int64_t>(dense.memory_bytes() + dense.columns().size() * kColumnBytes);
  memory_bytes_ += held.bytes;
  ++batches_left_;
  held_.push_back(std::move(held));
  return static_cast<uint32_t>(held_.size() - 1);
}

Batch PendingBatches::take(const std::vector<PendingRun>& runs) {
  Batch taken;
  if (runs.size() == 1 && static_cast<int64_t>(runs[0].rows.size()) == held_[runs[0].batch].batch.rows()) {
    taken = held_[runs[0].batch].batch;
  } else {
    BatchBuilder builder(schema_);
    for (const PendingRun& run : runs) builder.append(held_[run.batch].batch, run.rows);
    taken = builder.finish();
  }
  for (const PendingRun& run : runs) {
    Held& held = held_[run.batch];
    held.rows_left -= static_cast<int64_t>(run.rows.size());
    if (held.rows_left > 0) continue;
    memory_bytes_ -= held.bytes;
    held = {};
    --batches_left_;
  }
  if (batches_left_ == 0) held_.clear();
  return taken;
}

}  // namespace weir::lake
