/// \file
/// Outlets: how rows are dealt to the channels of other tasks.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "columnar/schema.h"
#include "dataflow/outlet.h"

namespace weir::runtime {

/// With `key` (columns of `schema`) each row goes to the channel of the task that owns its key group, all rows to one
/// task where there are no columns; without a key there is one channel, and all rows go there. Errors: those of
/// state::KeyLayout::bind().
Result<std::unique_ptr<Outlet>> make_outlet(const std::optional<std::vector<int>>& key, const SchemaPtr& schema,
                                            std::vector<std::shared_ptr<Channel>> channels);

}  // namespace weir::runtime
