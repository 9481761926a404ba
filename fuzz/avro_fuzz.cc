/// \file
/// Avro: a container file is opened and every value passed over; any other bytes are a schema in JSON. A schema that is
/// accepted survives being written and read again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "avro/container.h"
#include "avro/decoder.h"

namespace {

namespace avro = weir::avro;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "avro_fuzz: %s\n", what);
  std::abort();
}

void check_error(const weir::Error& error) {
  if (error.kind() == weir::ErrorKind::internal || error.message().empty()) fail("an error without a reason");
}

void check_schema(const avro::Schema& schema) {
  const std::string text = avro::to_json(schema);
  const auto again = avro::parse_schema(text);
  if (!again.ok()) fail("a schema that was written is not read");
  if (avro::to_json(**again) != text) fail("a schema changes when it is written and read");
}

void pass_over(avro::ContainerReader& reader) {
  avro::Block block;
  while (true) {
    const auto more = reader.next_block(block);
    if (!more.ok()) return check_error(more.error());
    if (!*more) return;
    avro::Decoder in(block.payload);
    for (int64_t i = 0; i < block.count && !in.failed(); ++i) in.skip(reader.schema());
    if (in.remaining() > block.payload.size()) fail("the decoder ran over the end");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("Obj")) {
    auto reader = avro::ContainerReader::open(bytes, {.block_bytes_max = 1 << 20, .total_bytes_max = 4 << 20});
    if (!reader.ok()) {
      check_error(reader.error());
      return 0;
    }
    check_schema(reader->schema());
    pass_over(*reader);
    return 0;
  }
  const auto schema = avro::parse_schema(bytes);
  if (schema.ok()) {
    check_schema(**schema);
  } else {
    check_error(schema.error());
  }
  return 0;
}
