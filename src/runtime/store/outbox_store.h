/// \file
/// Where rows for followers lie from their barrier on until the followers hold them. docs/formats/outbox.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataflow/follower.h"
#include "dataflow/sink.h"
#include "event/outbox.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::runtime {

/// A piece is cut off behind the batch that brings it to this size.
inline constexpr size_t kOutboxPieceBytes = size_t{4} << 20;

/// Reads and removes pieces. One thread at a time.
class OutboxStore {
 public:
  /// Both outlive it.
  OutboxStore(ObjectStore& store, ObjectRemover& remover) : store_(&store), remover_(&remover) {}

  /// The bytes of a piece. Errors: not_found; corrupt when they are not what the record says.
  Result<std::string> get(const StoredObject& piece) const;
  /// Removes one that nobody waits for.
  Result<void> forget(const StoredObject& piece) const { return remover_->remove(piece.uri); }

 private:
  ObjectStore* store_;
  ObjectRemover* remover_;
};

/// The writer of a follower's sink in one task: encodes rows and stores the pieces under `prefix` and a number. `store`
/// outlives it; `prefix` is a URI that no other writer has, of any process.
Result<std::unique_ptr<SinkWriter>> make_outbox_writer(ObjectStore& store, std::string prefix,
                                                       std::unique_ptr<FollowerEncoder> encoder);

/// The pieces that prepare() of such a writer named. Errors: internal.
Result<std::vector<StoredObject>> outbox_pieces(std::string_view prepared);

}  // namespace weir::runtime
