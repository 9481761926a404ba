#include "base/suggest.h"
#include "contract/column_name.h"
#include "operator/event_column_internal.h"
#include "operator/step_errors_internal.h"

namespace weir::operators {

std::string refused_name(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    std::string why = contract::refused_column_name(field.name);
    if (why.empty() && field.type->kind() == TypeKind::structure) why = refused_name(field.type->fields());
    if (!why.empty()) return why;
  }
  return {};
}

void keep_engine(StepContext& context) {
  if (auto engine = expression::Engine::shared(); engine.ok()) context.kept.push_back(*std::move(engine));
}

std::optional<std::string> event_time_of(const std::optional<config::Located<std::string>>& named,
                                         const std::string& key, StepContext& context) {
  const Stream& input = context.inputs.front();
  const std::string path = config::path_key(context.path, key);
  if (!input.has_watermark) {
    context.errors.at_path(path,
                           "there is no watermark above, so nothing tells how far event time has come: put a step "
                           "`watermark: {time: COLUMN}` before this one");
    return std::nullopt;
  }
  if (!named && input.has_wrong_time) return std::nullopt;
  const std::string column = named ? named->value : input.event_time;
  if (column.empty()) {
    context.errors.at_path(path,
                           "the column that the watermark follows is not among the columns here: name one with "
                           "`time`");
    return std::nullopt;
  }
  const Result<int> found = time_column(*input.schema, column);
  if (found.ok()) return column;
  if (named)
    context.errors.at(named->location, found.error().message());
  else
    context.errors.at_path(path, found.error().message() + "; name another one with `time`");
  return std::nullopt;
}

bool check_columns(const std::vector<config::Located<std::string>>& columns, const Schema& schema,
                   config::FileErrors& errors) {
  bool are_there = true;
  for (const auto& column : columns) {
    const Result<int> found = column_index(schema, *column);
    if (found.ok()) continue;
    are_there = false;
    errors.at(column.location, found.error().message());
  }
  return are_there;
}

std::vector<std::string> texts_of(const std::vector<config::Located<std::string>>& located) {
  std::vector<std::string> texts;
  texts.reserve(located.size());
  for (const auto& one : located) texts.push_back(*one);
  return texts;
}

int64_t micros(config::Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace weir::operators
