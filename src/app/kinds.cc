#include "app/kinds.h"

#include "app/intakes_internal.h"
#include "app/sinks_internal.h"
#include "codec/format_kind.h"
#include "connector/files/files_kind.h"
#include "connector/kafka/kafka_kind.h"
#include "lake/catalog/sqlite_kind.h"
#include "operator/step_kinds.h"

namespace weir::app {

planner::Kinds all_kinds() {
  planner::Kinds kinds;
  kinds.sources = {connector::kafka_kind(), connector::files_kind()};
  kinds.formats = {codec::json_kind(), codec::json_documents_kind(), codec::csv_kind()};
  kinds.steps.add(operators::filter_step());
  kinds.steps.add(operators::select_step());
  kinds.steps.add(operators::watermark_step());
  kinds.steps.add(operators::dedupe_step());
  kinds.steps.add(operators::window_step());
  kinds.steps.set_union(operators::union_step());
  kinds.sinks = {iceberg_kind()};
  kinds.catalogs = {lake::sqlite_kind()};
  kinds.intakes = make_intakes();
  kinds.make_sinks = make_sinks;
  return kinds;
}

}  // namespace weir::app
