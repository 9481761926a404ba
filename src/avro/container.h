/// \file
/// Avro object container files (Avro 1.11 specification, "Object Container Files"), whole in memory.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "avro/encoder.h"
#include "avro/schema.h"
#include "base/result.h"

namespace weir::avro {

/// Codecs that are written. Both are read, and no other.
enum class Codec : uint8_t { null, deflate };

/// What a reader accepts from bytes it does not trust.
struct ContainerLimits {
  size_t block_bytes_max = size_t{256} << 20;  ///< one block, decompressed
  size_t total_bytes_max = size_t{1} << 30;    ///< all blocks, decompressed
  size_t ratio_max = 200;                      ///< decompressed to compressed, for blocks beyond ratio_free_bytes
  size_t ratio_free_bytes = size_t{4} << 20;
};

/// One block: `count` values of the container's schema, back to back.
struct Block {
  int64_t count = 0;
  std::string_view payload;
};

/// Reads a container from bytes that outlive it. One thread.
class ContainerReader {
 public:
  /// Reads the header. Errors: corrupt; unsupported for another codec or schema feature; limit_exceeded.
  static Result<ContainerReader> open(std::string_view bytes, const ContainerLimits& limits = {});

  const Schema& schema() const { return *schema_; }
  const SchemaPtr& schema_ptr() const { return schema_; }
  /// The header's value for `key`, or null. "avro.schema" and "avro.codec" are there as well.
  const std::string* metadata(std::string_view key) const;
  const std::map<std::string, std::string, std::less<>>& metadata() const { return metadata_; }

  /// Reads the next block; false at the end of the bytes. The payload is valid until the next call. A block has never
  /// more values than bytes. Errors: corrupt (sizes, sync marker, compressed data); limit_exceeded.
  Result<bool> next_block(Block& block);

 private:
  ContainerReader() = default;
  std::map<std::string, std::string, std::less<>> metadata_;
  SchemaPtr schema_;
  Codec codec_ = Codec::null;
  ContainerLimits limits_;
  std::string_view sync_;
  std::string_view rest_;
  std::string inflated_;
  size_t inflated_total_ = 0;
};

/// Makes a container in memory. One thread.
class ContainerWriter {
 public:
  using Metadata = std::span<const std::pair<std::string_view, std::string_view>>;

  /// `schema_json` goes into the header as it is. The sync marker is drawn from the header's content and `sync_seed`,
  /// so that equal calls make equal bytes.
  ContainerWriter(std::string_view schema_json, Metadata metadata, Codec codec, uint64_t sync_seed = 0);

  /// Encode one value here, then call end_value().
  Encoder& encoder() { return block_; }
  void end_value() {
    ++count_;
    if (block_.size_bytes() >= kBlockBytes) flush();
  }
  /// Bytes held, about.
  int64_t memory_bytes() const { return static_cast<int64_t>(out_.capacity() + block_.size_bytes()); }
  /// Hands out the finished file. The writer must not be used afterwards.
  std::string finish() &&;

 private:
  static constexpr size_t kBlockBytes = 256 << 10;
  void flush();

  std::string out_;
  std::string sync_;
  Codec codec_;
  Encoder block_;
  int64_t count_ = 0;
};

}  // namespace weir::avro
