#include "state/checkpoint_store.h"

#include <algorithm>
#include <cstdio>

#include "base/hash.h"

namespace weir::state {
namespace {

constexpr int64_t kObjectBytesMax = int64_t{1} << 40;

/// Streams parts into objects.
class ObjectParts final : public PartSink {
 public:
  ObjectParts(ObjectStore& store, std::string root, std::string prefix, uint32_t step_index, uint32_t task)
      : store_(store), root_(std::move(root)), prefix_(std::move(prefix)), step_index_(step_index), task_(task) {}

  Result<void> begin() override {
    char counter[24];
    std::snprintf(counter, sizeof counter, "%u-%u-%06zu", step_index_, task_, parts_.size());
    name_ = prefix_ + counter + ".part";
    WEIR_ASSIGN(object_, store_.create(root_ + "/" + name_));
    return {};
  }
  Result<void> append(std::string_view bytes) override { return object_->append(bytes); }
  Result<void> end(const PartHeader& header, uint64_t size_bytes, uint64_t checksum) override {
    WEIR_TRY(object_->finish());
    object_.reset();
    KeyGroupRange groups{0, 0};
    bool has_lists = false;
    for (const Section& section : header.sections) {
      if (section.group == kNoKeyGroup) {
        has_lists = true;
        continue;
      }
      if (groups.size() == 0) groups = {section.group, section.group + 1};
      groups = {std::min(groups.begin, section.group), std::max(groups.end, section.group + 1)};
    }
    parts_.push_back({.name = name_,
                      .size_bytes = size_bytes,
                      .checksum = checksum,
                      .step = step_index_,
                      .task = task_,
                      .groups = groups,
                      .has_lists = has_lists});
    return {};
  }

  std::vector<PartReference> release() && { return std::move(parts_); }

 private:
  ObjectStore& store_;
  std::string root_;
  std::string prefix_;
  uint32_t step_index_;
  uint32_t task_;
  std::string name_;
  std::unique_ptr<ObjectWriter> object_;
  std::vector<PartReference> parts_;
};

std::string prefix_of(const CheckpointName& name) {
  return "state/" + name.commit_key + "/" + name.writer + "-";
}

Error corrupt(const std::string& uri, const std::string& what) {
  return Error(ErrorKind::corrupt, "'" + uri + "' " + what);
}

/// Reads an object that a record names: what is missing or has another size is not the one that was written.
Result<std::string> get_named(ObjectStore& store, const std::string& uri, uint64_t size_bytes) {
  if (size_bytes > static_cast<uint64_t>(kObjectBytesMax)) return corrupt(uri, "is named with an impossible size");
  Result<std::string> bytes = store.get(uri, static_cast<int64_t>(size_bytes));
  if (!bytes.ok() && bytes.error().kind() == ErrorKind::not_found)
    return Error(ErrorKind::not_found, "'" + uri + "' is missing");
  if (!bytes.ok() && bytes.error().kind() == ErrorKind::limit_exceeded)
    return corrupt(uri, "is damaged: it has more than the " + std::to_string(size_bytes) + " bytes that were written");
  if (bytes.ok() && bytes->size() != size_bytes) {
    return corrupt(uri, "is damaged: it has " + std::to_string(bytes->size()) + " of the " +
                            std::to_string(size_bytes) + " bytes that were written");
  }
  return bytes;
}

/// The checksum of a part is of its header alone: this looks at the rest.
Result<void> check_sections(std::string_view part) {
  WEIR_ASSIGN(const PartHeader header, read_part_header(part));
  for (const Section& section : header.sections)
    WEIR_TRY(visit_entries(part, header, section, [](const EntryView&) { return Result<void>(); }));
  return {};
}

}  // namespace

Result<std::vector<PartReference>> CheckpointStore::put_parts(const CheckpointName& name, const std::string& step,
                                                              uint32_t step_index, TaskPlace place,
                                                              FrozenTables tables) const {
  ObjectParts parts(store_, root_, prefix_of(name), step_index, place.task);
  WEIR_TRY(write_parts(step, place, std::move(tables), parts));
  return std::move(parts).release();
}

Result<CheckpointReference> CheckpointStore::put_manifest(const CheckpointName& name, const Manifest& manifest) const {
  const std::string bytes = manifest.to_bytes();
  CheckpointReference reference{
      .manifest = prefix_of(name) + "manifest", .size_bytes = bytes.size(), .checksum = hash64(bytes)};
  WEIR_TRY(store_.put(uri(reference.manifest), bytes));
  return reference;
}

Result<CheckpointReference> CheckpointStore::copy(const CheckpointStore& from, Manifest manifest,
                                                  const CheckpointName& name) const {
  for (size_t i = 0; i < manifest.parts.size(); ++i) {
    PartReference& part = manifest.parts[i];
    WEIR_ASSIGN(const std::string bytes, from.load_part(part));
    Result<void> is_whole = check_sections(bytes);
    if (!is_whole.ok()) return std::move(is_whole).error().with_context("'" + from.uri(part.name) + "'");
    part.name = prefix_of(name) + std::to_string(i) + ".part";
    WEIR_TRY(store_.put(uri(part.name), bytes));
  }
  return put_manifest(name, manifest);
}

Result<Manifest> CheckpointStore::load(const CheckpointReference& reference) const {
  const std::string name = uri(reference.manifest);
  WEIR_ASSIGN(const std::string bytes, get_named(store_, name, reference.size_bytes));
  if (hash64(bytes) != reference.checksum) return corrupt(name, "is damaged: its checksum differs");
  Result<Manifest> manifest = Manifest::from_bytes(bytes);
  if (!manifest.ok()) return std::move(manifest).error().with_context("'" + name + "'");
  return manifest;
}

Result<std::string> CheckpointStore::load_part(const PartReference& part) const {
  const std::string name = uri(part.name);
  WEIR_ASSIGN(std::string bytes, get_named(store_, name, part.size_bytes));
  const Result<uint64_t> checksum = part_checksum(bytes);
  if (!checksum.ok()) return Error(checksum.error()).with_context("'" + name + "'");
  if (*checksum != part.checksum) return corrupt(name, "is damaged: its checksum differs");
  return bytes;
}

}  // namespace weir::state
