#include "simulation/lead_view.h"

#include <algorithm>
#include <utility>

#include "simulation/pipeline.h"

namespace weir::simulation {

const lake::LeadRecord& LeadView::record() {
  const auto tables = catalog_.list();
  const lake::TableIdentifier name{.ns = "t", .name = kLeadTable};
  const bool is_there = tables.ok() && std::ranges::find(*tables, name) != tables->end();
  if (!is_there) {
    location_.clear();
    record_ = {};
    return record_;
  }
  const lake::LoadedTable lead = catalog_.whole(name);
  if (std::exchange(location_, lead.metadata_location) == lead.metadata_location) return record_;
  const auto property =
      lake::pipeline_property_from_text(lead.metadata->property(lake::pipeline_property_name(kPipeline)));
  const auto* record = std::get_if<lake::LeadRecord>(&*property);
  record_ = record == nullptr ? lake::LeadRecord() : *record;
  return record_;
}

std::optional<PartitionProgress> LeadView::progress_of(int partition) {
  const lake::LeadRecord& now = record();
  const auto source = now.progress.sources.find("in");
  if (source == now.progress.sources.end()) return std::nullopt;
  const auto at = source->second.partitions.find(partition_name(partition));
  return at == source->second.partitions.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace weir::simulation
