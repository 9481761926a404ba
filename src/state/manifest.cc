#include "state/manifest.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "state/part_format_internal.h"

namespace weir::state {
namespace {

constexpr std::string_view kMagic = "WEIRCKPT";
constexpr uint32_t kVersion = 1;

Error broken_manifest(const std::string& what) {
  return Error(ErrorKind::corrupt, "the manifest of a state checkpoint is damaged: " + what);
}

bool read_step(ByteReader& in, StepDescription& step) {
  step.name = in.string();
  step.tasks = in.fixed<uint32_t>();
  const uint64_t tables = in.varint();
  if (in.failed() || step.tasks == 0 || tables > in.remaining()) return false;
  for (uint64_t i = 0; i < tables; ++i) {
    if (!read_table_description(in, step.tables.emplace_back())) return false;
  }
  return true;
}

bool read_part(ByteReader& in, const Manifest& manifest, PartReference& part) {
  part.name = in.string();
  part.size_bytes = in.fixed<uint64_t>();
  part.checksum = in.fixed<uint64_t>();
  part.step = in.fixed<uint32_t>();
  part.task = in.fixed<uint32_t>();
  part.groups.begin = in.fixed<uint32_t>();
  part.groups.end = in.fixed<uint32_t>();
  const auto has_lists = in.fixed<uint8_t>();
  part.has_lists = has_lists == 1;
  return !in.failed() && has_lists <= 1 && part.step < manifest.steps.size() &&
         part.task < manifest.steps[part.step].tasks && part.groups.begin <= part.groups.end &&
         part.groups.end <= manifest.group_count;
}

}  // namespace

std::string Manifest::to_bytes() const {
  ByteWriter out;
  out.raw(kMagic);
  out.fixed(kVersion);
  out.string(pipeline);
  out.string(commit_key);
  out.fixed(group_count);
  out.varint(steps.size());
  for (const StepDescription& step : steps) {
    out.string(step.name);
    out.fixed(step.tasks);
    out.varint(step.tables.size());
    for (const TableDescription& table : step.tables) write_table_description(table, out);
  }
  out.varint(parts.size());
  for (const PartReference& part : parts) {
    out.string(part.name);
    out.fixed(part.size_bytes);
    out.fixed(part.checksum);
    out.fixed(part.step);
    out.fixed(part.task);
    out.fixed(part.groups.begin);
    out.fixed(part.groups.end);
    out.fixed(static_cast<uint8_t>(part.has_lists ? 1 : 0));
  }
  out.fixed(hash64(out.view()));
  return std::move(out).release();
}

Result<Manifest> Manifest::from_bytes(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + 12 || !bytes.starts_with(kMagic))
    return broken_manifest("it does not begin as one");
  const std::string_view body = bytes.substr(0, bytes.size() - 8);
  if (ByteReader(bytes.substr(body.size())).fixed<uint64_t>() != hash64(body))
    return broken_manifest("its checksum differs");
  ByteReader in(body.substr(kMagic.size()));
  const auto version = in.fixed<uint32_t>();
  if (version > kVersion) {
    return Error(ErrorKind::unsupported, "the manifest of a state checkpoint has version " + std::to_string(version) +
                                             "; this program knows versions up to " + std::to_string(kVersion));
  }
  if (version == 0) return broken_manifest("version 0");
  Manifest manifest;
  manifest.pipeline = in.string();
  manifest.commit_key = in.string();
  manifest.group_count = in.fixed<uint32_t>();
  if (manifest.group_count == 0 || manifest.group_count > kKeyGroupCountMax)
    return broken_manifest("the count of key groups");
  const uint64_t steps = in.varint();
  if (steps > in.remaining()) return broken_manifest("more steps than bytes");
  for (uint64_t i = 0; i < steps; ++i) {
    if (!read_step(in, manifest.steps.emplace_back())) return broken_manifest("the description of a step");
  }
  const uint64_t parts = in.varint();
  if (parts > in.remaining()) return broken_manifest("more parts than bytes");
  for (uint64_t i = 0; i < parts; ++i) {
    if (!read_part(in, manifest, manifest.parts.emplace_back())) return broken_manifest("the description of a part");
  }
  if (in.failed() || in.remaining() != 0) return broken_manifest("bytes behind its end");
  return manifest;
}

}  // namespace weir::state
