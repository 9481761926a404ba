#include "simulation/fiber.h"

#include <cstdint>
#include <cstring>
#include <exception>
#include <vector>

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

// Saves what a function must keep for its caller, by the System V ABI of x86-64, and takes the other stack's.
asm(R"(
.text
.p2align 4
.type weir_simulation_switch, @function
weir_simulation_switch:
  endbr64
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size weir_simulation_switch, .-weir_simulation_switch
)");
extern "C" void weir_simulation_switch(void** from, void* to);

namespace weir::simulation {
namespace {

constexpr size_t kStackBytes = size_t{1} << 20;  // only what is touched takes memory
constexpr size_t kSavedRegisters = 6;

/// Whose body begins.
Fiber* beginning = nullptr;

/// Stacks that nobody uses now: what they have touched is not asked for again.
std::vector<std::byte*>& idle_stacks() {
  static std::vector<std::byte*> stacks;
  return stacks;
}

std::byte* take_stack() {
  if (!idle_stacks().empty()) {
    std::byte* const stack = idle_stacks().back();
    idle_stacks().pop_back();
    return stack;
  }
  void* const made = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  WEIR_CHECK(made != MAP_FAILED);
  WEIR_CHECK(mprotect(made, static_cast<size_t>(getpagesize()), PROT_NONE) == 0);  // it ends where it overflows
  return static_cast<std::byte*>(made);
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
  auto* at = reinterpret_cast<uintptr_t*>(stack_ + kStackBytes);
  *--at = 0;  // where begin() would return to: nowhere
  *--at = reinterpret_cast<uintptr_t>(&Fiber::begin);
  for (size_t i = 0; i < kSavedRegisters; ++i) *--at = 0;
  top_ = at;
}

Fiber::~Fiber() {
  if (stack_ != nullptr) idle_stacks().push_back(stack_);
}

void Fiber::hand_over(Fiber& to) {
  auto* const exceptions = reinterpret_cast<std::byte*>(abi::__cxa_get_globals());
  std::memcpy(exceptions_.data(), exceptions, exceptions_.size());
  std::memcpy(exceptions, to.exceptions_.data(), to.exceptions_.size());
  beginning = &to;
  weir_simulation_switch(&top_, to.top_);
}

void Fiber::begin() {
  beginning->body_();
  WEIR_CHECK_MSG(false, "a fiber did not hand over at its end");
  std::terminate();
}

}  // namespace weir::simulation
