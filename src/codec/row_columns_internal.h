/// \file
/// The columns that a decoder fills: builders, the plan for them, the columns that come from metadata, and the loop
/// over the events.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "codec/column_node_internal.h"
#include "codec/row_failure_internal.h"

namespace weir::codec {

class RowColumns {
 public:
  /// Errors: invalid_argument, unsupported.
  static Result<std::unique_ptr<RowColumns>> make(const DecoderSpec& spec);

  /// A structure node over the columns that come from the event itself, and over the paths to them. Metadata columns
  /// have no node.
  const ColumnNode& root() const { return root_; }
  const SchemaPtr& schema() const { return schema_; }

  /// Cuts off the pieces of the row that is being read.
  void cut_row();

  /// Decodes all events: `read(bytes, failure)` appends one value to every column of root() or fails; the pieces of
  /// failed rows are cut off.
  template <typename Read>
  Result<Decoded> decode(std::shared_ptr<const RawBatch> raw, size_t event_bytes_max, Read read) {
    WEIR_TRY(begin(*raw));
    for (size_t i = 0; i < raw->size(); ++i) {
      if (!check_event(*raw, i, event_bytes_max) || !read(raw->bytes(i), failure_)) {
        reject(i);
      } else {
        accepted_.push_back(static_cast<uint32_t>(i));
      }
    }
    return finish(std::move(raw));
  }

 private:
  struct MetadataColumn {
    size_t column;
    ColumnOrigin origin;
    std::string header;  ///< its name, for ColumnOrigin::header
  };

  Result<void> add_column(size_t i, const TextFormat& format);
  Result<void> begin(const RawBatch& raw);
  bool check_event(const RawBatch& raw, size_t i, size_t event_bytes_max);
  bool check_metadata(const RawBatch& raw, size_t i);
  bool check_metadata(const RawBatch& raw, size_t i, const MetadataColumn& metadata);
  void reject(size_t i);
  void fill(const MetadataColumn& metadata, const RawBatch& raw);
  Result<Decoded> finish(std::shared_ptr<const RawBatch> raw);

  SchemaPtr schema_;
  std::vector<std::unique_ptr<ColumnBuilder>> builders_;
  ColumnNode root_;
  std::vector<ColumnBuilder*> value_builders_;  ///< of the columns that are read from the event itself
  std::vector<MetadataColumn> metadata_;
  size_t default_bytes_max_ = 0;  ///< of one default value
  std::vector<uint32_t> accepted_;
  std::vector<Reject> rejects_;
  RowFailure failure_;
};

}  // namespace weir::codec
