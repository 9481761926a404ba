#include "avro/decoder.h"

namespace weir::avro {

size_t Decoder::block() {
  int64_t count = in_.zigzag();
  if (count < 0) {
    // A negative count is followed by the bytes of the block, for readers that skip; we only check that they are there.
    const int64_t size = in_.zigzag();
    if (size < 0 || static_cast<uint64_t>(size) > in_.remaining() || count == std::numeric_limits<int64_t>::min()) {
      in_.fail();
      return 0;
    }
    count = -count;
  }
  if (static_cast<uint64_t>(count) > in_.remaining()) {
    in_.fail();
    return 0;
  }
  return static_cast<size_t>(count);
}

void Decoder::skip(const Schema& schema) {
  switch (schema.kind) {
    case Kind::null: return;
    case Kind::boolean: boolean(); return;
    case Kind::int32: int32(); return;
    case Kind::enumeration:
    case Kind::int64: int64(); return;
    case Kind::float32: float32(); return;
    case Kind::float64: float64(); return;
    case Kind::bytes:
    case Kind::string: bytes(); return;
    case Kind::fixed: fixed(schema.size_bytes); return;
    case Kind::record:
      for (const RecordField& field : schema.fields) skip(*field.schema);
      return;
    case Kind::union_of: skip(*schema.children[branch(schema.children.size())]); return;
    case Kind::array:
    case Kind::map:
      for (size_t count = block(); count != 0; count = block()) {
        for (size_t i = 0; i < count && !failed(); ++i) {
          if (schema.kind == Kind::map) bytes();
          skip(schema.items());
        }
      }
      return;
  }
}

}  // namespace weir::avro
