#include "avro/container.h"
#include "avro/deflate_internal.h"
#include "base/hash.h"

namespace weir::avro {

ContainerWriter::ContainerWriter(std::string_view schema_json, Metadata metadata, Codec codec, uint64_t sync_seed)
    : codec_(codec) {
  Encoder header;
  header.fixed(std::string_view("Obj\x01", 4));
  header.begin_block(metadata.size() + 2);
  header.bytes("avro.schema");
  header.bytes(schema_json);
  header.bytes("avro.codec");
  header.bytes(codec == Codec::deflate ? "deflate" : "null");
  for (const auto& [key, value] : metadata) {
    header.bytes(key);
    header.bytes(value);
  }
  header.end_block();
  ByteWriter sync;
  sync.fixed(hash64(header.view(), sync_seed));
  sync.fixed(hash64(header.view(), ~sync_seed));
  sync_ = std::move(sync).release();
  header.fixed(sync_);
  out_ = std::move(header).release();
}

void ContainerWriter::flush() {
  if (count_ == 0) return;
  std::string deflated;
  std::string_view payload = block_.view();
  if (codec_ == Codec::deflate) {
    deflate_append(payload, deflated);
    payload = deflated;
  }
  Encoder frame;
  frame.integer(count_);
  frame.integer(static_cast<int64_t>(payload.size()));
  out_.append(frame.view());
  out_.append(payload);
  out_.append(sync_);
  block_ = Encoder();
  count_ = 0;
}

std::string ContainerWriter::finish() && {
  flush();
  return std::move(out_);
}

}  // namespace weir::avro
