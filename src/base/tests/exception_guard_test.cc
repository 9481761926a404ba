#include "base/exception_guard.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace weir {
namespace {

template <typename Throw>
std::string error_of(Throw raise) {
  const Result<int> result = guard_exceptions("lib", [&]() -> Result<int> {
    raise();
    return 1;
  });
  return result.ok() ? "no error" : result.error().to_string();
}

TEST(ExceptionGuard, WhatALibraryThrowsIsAnError) {
  EXPECT_EQ(error_of([] {}), "no error");
  EXPECT_EQ(error_of([] { throw std::bad_alloc(); }), "resource_exhausted: lib: out of memory");
  EXPECT_EQ(error_of([] { throw std::runtime_error("no"); }), "internal: lib: no");
  EXPECT_EQ(error_of([] { throw 7; }), "internal: lib threw something that is not an exception");
  EXPECT_TRUE(error_of([] {
                throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
              }).starts_with("resource_exhausted: lib: "));
}

}  // namespace
}  // namespace weir
