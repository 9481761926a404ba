/// \file
/// What became of one attempt to store an epoch.
#pragma once

namespace weir {

/// There is no fourth case, and `unknown` is not a failure: the catalog may still apply it. Every caller branches on
/// all three.
enum class CommitOutcome { applied, refused, unknown };

}  // namespace weir
