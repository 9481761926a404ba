#include <algorithm>

#include "avro/container.h"
#include "avro/decoder.h"
#include "avro/deflate_internal.h"
#include "avro/recent.h"

namespace weir::avro {
namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr int32_t kSyncBytes = 16;
constexpr size_t kMetadataKeysMax = 10'000;

Error corrupt_container(std::string what) {
  return Error(ErrorKind::corrupt, "Avro container: " + std::move(what));
}

Result<std::map<std::string, std::string, std::less<>>> read_metadata(Decoder& in) {
  std::map<std::string, std::string, std::less<>> metadata;
  for (size_t count = in.block(); count != 0; count = in.block()) {
    if (metadata.size() + count > kMetadataKeysMax)
      return Error(ErrorKind::limit_exceeded, "Avro container: too many header keys");
    for (size_t i = 0; i < count && !in.failed(); ++i) {
      std::string key(in.bytes());
      metadata[std::move(key)] = std::string(in.bytes());
    }
  }
  if (in.failed()) return corrupt_container("the header is cut off or damaged");
  return metadata;
}

Result<SchemaPtr> known_schema(const std::string& json) {
  static Recent<SchemaPtr> schemas;
  return schemas.get(json, [&] { return parse_schema(json); });
}

}  // namespace

Result<ContainerReader> ContainerReader::open(std::string_view bytes, const ContainerLimits& limits) {
  if (!bytes.starts_with(kMagic)) return corrupt_container("the file does not begin with 'Obj\\x01'");
  Decoder in(bytes.substr(kMagic.size()));
  ContainerReader reader;
  reader.limits_ = limits;
  WEIR_ASSIGN(reader.metadata_, read_metadata(in));
  reader.sync_ = in.fixed(kSyncBytes);
  if (in.failed()) return corrupt_container("the header is cut off");
  reader.rest_ = bytes.substr(bytes.size() - in.remaining());
  const std::string* schema = reader.metadata("avro.schema");
  if (schema == nullptr) return corrupt_container("the header has no 'avro.schema'");
  WEIR_ASSIGN(reader.schema_, known_schema(*schema));
  const std::string* codec = reader.metadata("avro.codec");
  if (codec != nullptr && *codec == "deflate") {
    reader.codec_ = Codec::deflate;
  } else if (codec != nullptr && *codec != "null") {
    return Error(ErrorKind::unsupported,
                 "Avro container: codec '" + codec->substr(0, 32) + "' is not supported, only null and deflate are");
  }
  return reader;
}

const std::string* ContainerReader::metadata(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

Result<bool> ContainerReader::next_block(Block& block) {
  if (rest_.empty()) return false;
  Decoder in(rest_);
  block.count = in.int64();
  const int64_t size = in.int64();
  if (in.failed() || block.count < 0 || size < 0) return corrupt_container("a block has a damaged count or size");
  if (static_cast<uint64_t>(size) + kSyncBytes > in.remaining()) return corrupt_container("a block is cut off");
  block.payload = rest_.substr(rest_.size() - in.remaining(), static_cast<size_t>(size));
  rest_.remove_prefix(rest_.size() - in.remaining() + block.payload.size());
  if (!rest_.starts_with(sync_)) return corrupt_container("a block does not end with the sync marker");
  rest_.remove_prefix(kSyncBytes);
  if (codec_ == Codec::deflate) {
    const size_t by_ratio = std::max(limits_.ratio_free_bytes, block.payload.size() * limits_.ratio_max);
    const size_t size_max = std::min({limits_.block_bytes_max, by_ratio, limits_.total_bytes_max - inflated_total_});
    WEIR_TRY(inflate_into(block.payload, size_max, inflated_));
    block.payload = inflated_;
    inflated_total_ += inflated_.size();
  }
  if (static_cast<uint64_t>(block.count) > block.payload.size())
    return corrupt_container("a block claims more values than it has bytes");
  return true;
}

}  // namespace weir::avro
