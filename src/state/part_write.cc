#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "state/part.h"
#include "state/part_format_internal.h"

namespace weir::state {
namespace {

constexpr size_t kSectionBytesAim = 1U << 20;

class PartsWriter {
 public:
  PartsWriter(const std::string& step, TaskPlace place, std::vector<TableDescription> tables, PartSink& sink,
              uint64_t aim)
      : sink_(sink), aim_(aim) {
    header_ = {.step = step,
               .task = place.task,
               .tasks = place.tasks,
               .group_count = place.group_count,
               .tables = std::move(tables)};
  }

  Result<void> write(uint32_t index, FrozenTable& table) {
    for (uint32_t group = table.groups().begin; group < table.groups().end; ++group) {
      WEIR_TRY(table.visit(group, [&](const EntryView& entry) -> Result<void> {
        append_entry(header_.tables[index], entry, body_);
        ++entries_;
        return body_.size() >= kSectionBytesAim ? end_section(index, group) : Result<void>();
      }));
      WEIR_TRY(end_section(index, group));
      table.release(group);
    }
    return {};
  }

  Result<void> write(uint32_t index, const FrozenList& list) {
    for (const auto& [name, value] : list.items) {
      append_entry(header_.tables[index], {.key = name, .payload = value}, body_);
      ++entries_;
      if (body_.size() >= kSectionBytesAim) WEIR_TRY(end_section(index, kNoKeyGroup));
    }
    return end_section(index, kNoKeyGroup);
  }

  Result<void> finish() {
    if (!is_open_ && is_any_written_) return {};
    if (!is_open_) WEIR_TRY(begin_part());
    ByteWriter out;
    write_part_header(header_, out);
    const uint64_t checksum = hash64(out.view());
    const auto header_bytes = static_cast<uint32_t>(out.size());
    out.fixed(header_bytes);
    out.fixed(checksum);
    out.raw(kPartMagic);
    WEIR_TRY(sink_.append(out.view()));
    WEIR_TRY(sink_.end(header_, size_ + out.size(), checksum));
    header_.sections.clear();
    is_open_ = false;
    is_any_written_ = true;
    return {};
  }

 private:
  Result<void> begin_part() {
    WEIR_TRY(sink_.begin());
    WEIR_TRY(sink_.append(kPartMagic));
    size_ = kPartMagic.size();
    is_open_ = true;
    return {};
  }

  Result<void> end_section(uint32_t table, uint32_t group) {
    if (entries_ == 0) return {};
    if (!is_open_) WEIR_TRY(begin_part());
    WEIR_TRY(sink_.append(body_));
    header_.sections.push_back({.table = table,
                                .group = group,
                                .offset = size_,
                                .bytes = body_.size(),
                                .entries = std::exchange(entries_, 0),
                                .checksum = hash64(body_)});
    size_ += body_.size();
    body_.clear();
    return size_ >= aim_ ? finish() : Result<void>();
  }

  PartSink& sink_;
  uint64_t aim_;
  PartHeader header_;  ///< of the part being written
  bool is_open_ = false;
  bool is_any_written_ = false;
  uint64_t size_ = 0;
  std::string body_;  ///< of the section being filled
  uint64_t entries_ = 0;
};

}  // namespace

Result<void> write_parts(const std::string& step, TaskPlace place, FrozenTables tables, PartSink& sink,
                         uint64_t part_bytes_aim) {
  std::vector<TableDescription> descriptions;
  for (const auto& table : tables) {
    descriptions.push_back(std::holds_alternative<FrozenTable>(table)
                               ? TableDescription::of(std::get<FrozenTable>(table).spec())
                               : TableDescription::of(std::get<FrozenList>(table).spec));
  }
  PartsWriter writer(step, place, std::move(descriptions), sink, part_bytes_aim);
  for (uint32_t i = 0; i < tables.size(); ++i) {
    WEIR_TRY(std::visit([&](auto& table) { return writer.write(i, table); }, tables[i]));
  }
  return writer.finish();
}

}  // namespace weir::state
