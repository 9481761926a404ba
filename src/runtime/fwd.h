/// \file
/// Names of the runtime module for headers that need no more than the name.
#pragma once

namespace weir::runtime {
class LocalHost;
class OldIntents;
class PreparedStore;
class Task;
struct RunOptions;
struct RunStatus;
struct RunSummary;
}  // namespace weir::runtime
