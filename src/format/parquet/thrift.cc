#include "format/parquet/thrift.h"

#include <limits>

namespace weir::parquet {
namespace {

constexpr size_t kDepthMax = 32;
constexpr size_t kShortListMax = 14;
constexpr int kShortDeltaMax = 15;

}  // namespace

void ThriftWriter::header(int16_t id, ThriftType type) {
  const int delta = id - last_id_;
  if (delta > 0 && delta <= kShortDeltaMax) {
    out_.fixed(static_cast<uint8_t>(delta << 4 | static_cast<int>(type)));
  } else {
    out_.fixed(static_cast<uint8_t>(type));
    out_.zigzag(id);
  }
  last_id_ = id;
}

void ThriftWriter::list(int16_t id, ThriftType element, size_t size) {
  header(id, ThriftType::list);
  if (size <= kShortListMax) {
    out_.fixed(static_cast<uint8_t>(size << 4 | static_cast<size_t>(element)));
  } else {
    out_.fixed(static_cast<uint8_t>(0xf0 | static_cast<int>(element)));
    out_.varint(size);
  }
}

void ThriftReader::begin() {
  if (outer_ids_.size() >= kDepthMax) return in_.fail();
  outer_ids_.push_back(last_id_);
  last_id_ = 0;
}

int16_t ThriftReader::next_field() {
  const auto head = in_.fixed<uint8_t>();
  type_ = static_cast<ThriftType>(head & 0x0f);
  if (in_.failed() || type_ == ThriftType::stop || outer_ids_.empty()) {
    if (!outer_ids_.empty()) {
      last_id_ = outer_ids_.back();
      outer_ids_.pop_back();
    }
    return 0;
  }
  const int delta = head >> 4;
  const int64_t id = delta != 0 ? last_id_ + delta : in_.zigzag();
  if (id <= 0 || id > std::numeric_limits<int16_t>::max()) in_.fail();
  if (in_.failed()) {
    outer_ids_.pop_back();
    return 0;
  }
  last_id_ = static_cast<int16_t>(id);
  return last_id_;
}

bool ThriftReader::expect(ThriftType type) {
  if (type_ != type) in_.fail();
  return type_ == type;
}

int32_t ThriftReader::narrow(int64_t value) {
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    in_.fail();
    return 0;
  }
  return static_cast<int32_t>(value);
}

bool ThriftReader::boolean() {
  if (type_ != ThriftType::boolean_true && type_ != ThriftType::boolean_false) in_.fail();
  return type_ == ThriftType::boolean_true;
}

int32_t ThriftReader::int32() {
  return expect(ThriftType::int32) ? narrow(in_.zigzag()) : 0;
}

int64_t ThriftReader::int64() {
  return expect(ThriftType::int64) ? in_.zigzag() : 0;
}

std::string_view ThriftReader::binary() {
  return expect(ThriftType::binary) ? in_.string() : std::string_view();
}

size_t ThriftReader::list(ThriftType element) {
  if (!expect(ThriftType::list)) return 0;
  const auto head = in_.fixed<uint8_t>();
  const uint64_t size = head >> 4 == 15 ? in_.varint() : head >> 4;
  const auto found = static_cast<ThriftType>(head & 0x0f);
  const bool booleans = element == ThriftType::boolean_true && found == ThriftType::boolean_false;
  if ((found != element && !booleans && size != 0) || size > in_.remaining()) {
    in_.fail();
    return 0;
  }
  return static_cast<size_t>(size);
}

void ThriftReader::skip(ThriftType type, int depth) {
  if (depth > static_cast<int>(kDepthMax)) return in_.fail();
  switch (type) {
    case ThriftType::boolean_true:
    case ThriftType::boolean_false: return;
    case ThriftType::int8: in_.take(1); return;
    case ThriftType::int16:
    case ThriftType::int32:
    case ThriftType::int64: in_.varint(); return;
    case ThriftType::float64: in_.take(8); return;
    case ThriftType::uuid: in_.take(16); return;
    case ThriftType::binary: in_.string(); return;
    case ThriftType::list:
    case ThriftType::set: {
      const auto head = in_.fixed<uint8_t>();
      const uint64_t size = head >> 4 == 15 ? in_.varint() : head >> 4;
      const auto element = static_cast<ThriftType>(head & 0x0f);
      if (size > in_.remaining()) return in_.fail();
      const bool is_boolean = element == ThriftType::boolean_true || element == ThriftType::boolean_false;
      for (uint64_t i = 0; i < size && !in_.failed(); ++i) {
        if (is_boolean)
          in_.take(1);
        else
          skip(element, depth + 1);
      }
      return;
    }
    case ThriftType::structure: {
      begin();
      while (next_field() != 0) skip(type_, depth + 1);
      return;
    }
    default: return in_.fail();  // Parquet's metadata has no maps
  }
}

}  // namespace weir::parquet
