#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/bytes.h"
#include "connector/files/file_identity_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kHeadBytes = 4096;
constexpr size_t kHashChunkBytes = size_t{1} << 20;
constexpr size_t kHexDigits = 32;  // of a hash of 128 bits; version 1 has 16

std::string hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::string hex(const Hash128& hash) {
  return hex(hash.high) + hex(hash.low);
}

/// Of the first `bytes` bytes, or of fewer when the file ends before.
Result<Hash128> hash_of_first(ReadableFile& input, int64_t bytes) {
  ContentHash hash;
  std::string chunk(kHashChunkBytes, '\0');
  for (int64_t at = 0; at < bytes;) {
    const size_t wanted = static_cast<size_t>(std::min<int64_t>(bytes - at, kHashChunkBytes));
    WEIR_ASSIGN(const size_t size, input.read_at(at, wanted, chunk.data()));
    if (size == 0) break;
    hash.update({chunk.data(), size});
    at += static_cast<int64_t>(size);
  }
  return hash.digest();
}

}  // namespace

uint64_t facts_hash(const FileStat& facts) {
  ByteWriter out;
  out.fixed(facts.size_bytes);
  out.fixed(facts.modified_us);
  out.fixed(facts.inode);
  return std::max<uint64_t>(1, hash64(out.view()));
}

Result<Hash128> content_of(ReadableFile& input) {
  return hash_of_first(input, INT64_MAX);
}

std::string ReadSoFar::to_text() const {
  return std::to_string(size) + ":" + std::to_string(bytes) + ":" + hex(hash);
}

Result<std::string> identity_of_version_1(ReadableFile& input, const ListedFile& file) {
  std::string head(kHeadBytes, '\0');
  WEIR_ASSIGN(const size_t size, input.read_at(0, head.size(), head.data()));
  head.resize(size);
  return std::to_string(file.facts.size_bytes) + ":" + std::to_string(file.facts.modified_us) + ":" + hex(hash64(head));
}

Result<bool> is_same_file(ReadableFile& input, const ListedFile& file, const std::string& identity) {
  const size_t last = identity.rfind(':');
  if (last == std::string::npos || identity.size() - last - 1 != kHexDigits) {
    WEIR_ASSIGN(const std::string now, identity_of_version_1(input, file));
    return now == identity;
  }
  const size_t middle = identity.find(':');
  int64_t bytes = 0;
  std::from_chars(identity.data() + middle + 1, identity.data() + last, bytes);
  ReadSoFar now{.size = file.facts.size_bytes, .bytes = bytes, .hash = {}};
  WEIR_ASSIGN(now.hash, hash_of_first(input, bytes));
  return now.to_text() == identity;
}

}  // namespace weir::connector
