/// \file
/// What several kinds of steps look for when they are bound. Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "columnar/schema.h"
#include "config/type_shape.h"
#include "dataflow/step_kind.h"
#include "expression/engine.h"

namespace weir::operators {

/// The first refusal among the names of fields and of what is inside of them, as no table can have them; empty when
/// there is none.
std::string refused_name(const std::vector<Field>& fields);

/// Opens the engine that expressions use and keeps it open until the whole file is bound: opening is dear.
void keep_engine(StepContext& context);

/// The column of the event time: `named`, else that of the watermark above. Adds an error and gives nothing when there
/// is no watermark, or no such column (nothing alone after an error above); `key`: of the kind, where errors without a
/// place of their own go.
std::optional<std::string> event_time_of(const std::optional<config::Located<std::string>>& named,
                                         const std::string& key, StepContext& context);

/// Adds an error for each of `columns` that `schema` lacks; false when there was one.
bool check_columns(const std::vector<config::Located<std::string>>& columns, const Schema& schema,
                   config::FileErrors& errors);

/// The texts alone.
std::vector<std::string> texts_of(const std::vector<config::Located<std::string>>& located);

int64_t micros(config::Duration duration);

/// The longest span of event time that a step may name: what lies between two times of a table.
inline constexpr config::Duration kSpanMax{int64_t{366} * 1'000 * 86'400'000};

}  // namespace weir::operators
