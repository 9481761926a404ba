#include "dataflow/step_kind.h"

#include <algorithm>

#include "base/check.h"

namespace weir {

void StepKinds::add(StepKind kind) {
  const bool is_known =
      std::any_of(kinds_.begin(), kinds_.end(), [&](const auto& known) { return known.key == kind.key; });
  WEIR_CHECK_MSG(!is_known, kind.key);
  kinds_.push_back(std::move(kind));
}

}  // namespace weir
