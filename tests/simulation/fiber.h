/// \file
/// A stack of its own for sequential code that hands over by itself: the threads of a world in one thread of the
/// operating system.
#pragma once

#include <array>
#include <cstddef>
#include <functional>

namespace weir::simulation {

/// Handing over costs a few instructions, where a thread of the operating system costs two calls of the kernel.
class Fiber {
 public:
  /// The code that runs already, on the stack that it has.
  Fiber() = default;
  /// `body` begins when somebody hands over to it. Its last act must be to hand over for good.
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Goes on in `to`; returns when somebody hands over to this one again. Called by the one that runs.
  void hand_over(Fiber& to);

 private:
  [[noreturn]] static void begin();

  std::function<void()> body_;
  std::byte* stack_ = nullptr;                 ///< lowest address; nothing: it is not ours
  void* top_ = nullptr;                        ///< while it stands
  std::array<std::byte, 16> exceptions_ = {};  ///< that it is handling, as the C++ runtime keeps them for a thread
};

}  // namespace weir::simulation
