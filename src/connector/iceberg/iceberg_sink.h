/// \file
/// The Iceberg sink: the one place that joins dataflow to lake. Tables of a pipeline, its dead letter among them, are
/// committed together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "dataflow/sink.h"
#include "iceberg/schema/schema_evolution.h"
#include "lake/catalog/catalog.h"
#include "storage/object_store.h"

namespace weir::connector {

/// One table that a pipeline writes.
struct IcebergTarget {
  std::string sink;                  ///< name of the sink in the pipeline file
  lake::TableDefinition definition;  ///< what the table must look like; it is made so when it is missing
  bool is_dead_letter = false;
  bool is_lead = false;                    ///< its commit decides; with none, the first one's does
  iceberg::StringMap write_properties;     ///< go before the table's own when its files are written
  iceberg::EvolutionRules evolution = {};  ///< how a table that is there may change to take the rows
};

struct IcebergSinkOptions {
  std::string pipeline;  ///< stable id: progress and fence are keyed by it
  std::vector<IcebergTarget> targets;
  std::string store_folder;  ///< URI of the pipeline's store, for progress that is too large for a table property
  int64_t target_file_bytes = int64_t{256} * 1024 * 1024;
  int64_t keep_snapshots = 0;  ///< newest snapshots of each table that stay in its history; 0: all
  int64_t writer_memory_bytes = int64_t{256} * 1024 * 1024;  ///< of all writers of one task together
  /// Takes what open() does to tables and what it leaves, a line each; may be empty.
  std::function<void(bool is_warning, std::string_view line)> say = {};
};

/// The committer of one pipeline. All references outlive it.
std::unique_ptr<SinkCommitter> make_iceberg_committer(IcebergSinkOptions options, lake::Catalog& catalog,
                                                      ObjectStore& store, const Clock& clock, RandomSource& random);

/// A writer of one task, from what the committer says of its sink, in this process or another. Batches have the columns
/// `input`, which are matched with the table's by name. `store` outlives it. Errors: corrupt; invalid_argument when the
/// columns do not fit; unsupported when the table cannot be written.
Result<std::unique_ptr<SinkWriter>> make_iceberg_writer(const WriterStart& start, const Schema& input,
                                                        ObjectStore& store);

/// Checks that batches with columns `input` can be written to a table with columns `table`: each required column is
/// there, each column has a place and its type. Errors: invalid_argument, naming all differences.
Result<void> check_columns_fit(const Schema& input, const Schema& table);

}  // namespace weir::connector
