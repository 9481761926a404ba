/// \file
/// Any bytes as a part and as a manifest of a state checkpoint. What is read is bounded by its bytes; a manifest that
/// is read is written the same; the entries of a good part go into a table and come out again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "state/manifest.h"
#include "state/part.h"

namespace {

using namespace weir;
using namespace weir::state;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "state_fuzz: %s\n", what);
  std::abort();
}

void check_error(const Error& error) {
  if (error.kind() == ErrorKind::internal || error.message().empty()) fail("an error without a reason");
}

void read_part(std::string_view part) {
  const auto header = read_part_header(part);
  if (!header.ok()) return check_error(header.error());
  for (const Section& section : header->sections) {
    uint64_t seen = 0;
    const auto visited = visit_entries(part, *header, section, [&](const EntryView& entry) -> Result<void> {
      if (entry.key.size() + entry.value.size() + entry.payload.size() > part.size()) fail("an entry of more bytes");
      ++seen;
      return {};
    });
    if (!visited.ok()) {
      check_error(visited.error());
    } else if (seen != section.entries) {
      fail("a section of another count");
    }
  }
}

void read_manifest(std::string_view bytes) {
  const auto manifest = Manifest::from_bytes(bytes);
  if (!manifest.ok()) return check_error(manifest.error());
  const auto again = Manifest::from_bytes(manifest->to_bytes());
  if (!again.ok() || !(*again == *manifest)) fail("a manifest changes when it is written and read");
}

/// The checksums would stop nearly all inputs: they are put right, so that what lies behind them is tried.
std::string with_part_checksums(std::string_view header, std::string_view body) {
  ByteWriter out;
  out.raw("WEIRSTAT");
  out.raw(body);
  out.raw(header);
  out.fixed(static_cast<uint32_t>(header.size()));
  out.fixed(hash64(header));
  out.raw("WEIRSTAT");
  return std::move(out).release();
}

}  // namespace

// First byte 0: the rest as it is; 1: the rest as a manifest without its checksum; else the header of a part, which has
// as many bytes as the first byte says, then its body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    read_part(bytes);
    read_manifest(bytes);
  } else if (data[0] == 1) {
    ByteWriter out;
    out.raw(bytes);
    out.fixed(hash64(bytes));
    read_manifest(out.view());
  } else {
    const size_t header = std::min<size_t>(bytes.size(), data[0]);
    read_part(with_part_checksums(bytes.substr(0, header), bytes.substr(header)));
  }
  return 0;
}
