/// \file
/// A database beside the tables, as a follower of the pipeline keeps it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataflow/follower.h"
#include "simulation/faults.h"

namespace weir::simulation {

/// What it holds. A transaction is one call here.
struct FollowedStore {
  int64_t fence_epoch = 0;         ///< of the process that has it
  std::optional<int64_t> applied;  ///< number of the last epoch
  std::vector<int64_t> ids;        ///< rows, in the order in which they came
};

std::unique_ptr<FollowerEncoder> make_id_encoder();

/// The database as one process sees it, through its faults. `decided`: how many epochs the lead has decided; what is
/// applied before it is decided is told to `wrong`. All references outlive it.
std::unique_ptr<Follower> make_store_follower(FollowedStore& store, Process& process,
                                              const std::function<int64_t()>& decided, std::vector<std::string>& wrong);

}  // namespace weir::simulation
