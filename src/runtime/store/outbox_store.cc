#include "runtime/store/outbox_store.h"

#include <utility>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"

namespace weir::runtime {
namespace {

class OutboxWriter final : public SinkWriter {
 public:
  OutboxWriter(ObjectStore& store, std::string prefix, std::unique_ptr<FollowerEncoder> encoder)
      : store_(store), prefix_(std::move(prefix)), encoder_(std::move(encoder)) {}

  Result<void> write(const Batch& batch) override {
    WEIR_TRY(encoder_->encode(batch, bytes_));
    return bytes_.size() < kOutboxPieceBytes ? Result<void>() : store_piece();
  }

  Result<Pending<std::string>> prepare() override {
    if (!bytes_.empty()) WEIR_TRY(store_piece());
    ByteWriter out;
    for (const StoredObject& piece : std::exchange(pieces_, {})) {
      out.string(piece.uri);
      out.fixed(piece.size_bytes);
      out.fixed(piece.hash);
    }
    return Pending<std::string>(std::move(out).release());
  }

  int64_t memory_bytes() const override { return static_cast<int64_t>(bytes_.capacity()); }

 private:
  Result<void> store_piece() {
    StoredObject piece{.uri = prefix_ + "-" + std::to_string(++count_),
                       .size_bytes = static_cast<int64_t>(bytes_.size()),
                       .hash = hash64(bytes_)};
    WEIR_TRY(fault_point("outbox.before_store"));
    WEIR_TRY(store_.put(piece.uri, bytes_));
    pieces_.push_back(std::move(piece));
    bytes_.clear();
    return {};
  }

  ObjectStore& store_;
  const std::string prefix_;
  const std::unique_ptr<FollowerEncoder> encoder_;
  std::string bytes_;
  std::vector<StoredObject> pieces_;
  int64_t count_ = 0;
};

}  // namespace

Result<std::string> OutboxStore::get(const StoredObject& piece) const {
  WEIR_ASSIGN(std::string bytes, store_->get(piece.uri, piece.size_bytes));
  if (static_cast<int64_t>(bytes.size()) != piece.size_bytes || hash64(bytes) != piece.hash)
    return Error(ErrorKind::corrupt, "'" + piece.uri + "' does not hold the rows that were put there");
  return bytes;
}

Result<std::unique_ptr<SinkWriter>> make_outbox_writer(ObjectStore& store, std::string prefix,
                                                       std::unique_ptr<FollowerEncoder> encoder) {
  return std::unique_ptr<SinkWriter>(std::make_unique<OutboxWriter>(store, std::move(prefix), std::move(encoder)));
}

Result<std::vector<StoredObject>> outbox_pieces(std::string_view prepared) {
  std::vector<StoredObject> pieces;
  ByteReader in(prepared);
  while (in.remaining() > 0) {
    StoredObject piece;
    piece.uri = in.string();
    piece.size_bytes = in.fixed<int64_t>();
    piece.hash = in.fixed<uint64_t>();
    if (in.failed()) return Error(ErrorKind::internal, "a writer named no pieces");
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace weir::runtime
