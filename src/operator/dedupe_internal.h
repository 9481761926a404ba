/// \file
/// The two ways to leave out rows that repeat a key. Internal.
#pragma once

#include <memory>

#include "operator/stateful_operators.h"
#include "state/key_layout.h"

namespace weir::operators {

/// DedupeSpec::keep is last. `time`: index of its column; `spec` has been checked.
std::unique_ptr<Operator> make_dedupe_last(const DedupeSpec& spec, state::KeyLayout keys, int time, SchemaPtr schema);

}  // namespace weir::operators
