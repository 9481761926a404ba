/// \file
/// What permissions forbid can be tested by root too.
#pragma once

#include <unistd.h>

#include "base/check.h"

namespace weir {

/// While it lives, a process that root runs is user "nobody" to the file system; one of another user stays itself. For
/// the whole process: one thread.
class AsNobody {
 public:
  AsNobody() : is_root_(::geteuid() == 0) { WEIR_CHECK(!is_root_ || ::seteuid(kNobody) == 0); }
  ~AsNobody() { WEIR_CHECK(!is_root_ || ::seteuid(0) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  bool is_root_;
};

}  // namespace weir
