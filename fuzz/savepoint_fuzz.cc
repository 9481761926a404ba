/// \file
/// Any bytes as the file that says what a savepoint is. What is read is written the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "runtime/store/savepoint.h"

namespace {

using namespace weir;
using namespace weir::runtime;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "savepoint_fuzz: %s\n", what);
  std::abort();
}

void read(std::string_view bytes) {
  const auto savepoint = Savepoint::from_bytes(bytes);
  if (!savepoint.ok()) {
    if (savepoint.error().kind() == ErrorKind::internal || savepoint.error().message().empty())
      fail("an error without a reason");
    return;
  }
  const auto again = Savepoint::from_bytes(savepoint->to_bytes());
  if (!again.ok() || !(*again == *savepoint)) fail("a savepoint changes when it is written and read");
}

}  // namespace

// First byte 0: the rest as it is; else the rest without its checksum, which would stop nearly all inputs.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    read(bytes);
    return 0;
  }
  ByteWriter out;
  out.raw(bytes);
  out.fixed(hash64(bytes));
  read(out.view());
  return 0;
}
