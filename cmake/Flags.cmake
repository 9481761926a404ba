# weir_flags: what every file of ours is compiled with. Hardening stays on in release builds: asserts that hold in tests hold in production.
add_library(weir_flags INTERFACE)
target_compile_options(weir_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2
  -Wno-maybe-uninitialized -Wno-restrict  # g++ 12 reports both wrongly for std::variant, std::optional and std::string
  -Wno-missing-field-initializers)        # designated initialisers name what they set; the rest has its default
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # fuzzers only: g++ decides what is a warning
  target_compile_options(weir_flags INTERFACE -Wno-unknown-warning-option)
elseif(WEIR_WERROR)
  target_compile_options(weir_flags INTERFACE -Werror)
endif()
if(CMAKE_UNITY_BUILD)  # there every source but the first counts as a header
  target_compile_options(weir_flags INTERFACE -Wno-subobject-linkage)
endif()
add_compile_options(-march=x86-64-v2 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-omit-frame-pointer)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)

set(WEIR_SANITIZER "" CACHE STRING "address (with undefined) | thread | empty")
if(WEIR_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(WEIR_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
if(WEIR_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
