#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "connector/files/file_reader_internal.h"
#include "connector/files/splitter_internal.h"

namespace weir::connector {
namespace {

/// A scan takes no more than a tenth of a core, however many files there are.
constexpr int64_t kPausePerScan = 10;

}  // namespace

std::string file_detail(const ListedFile& file) {
  ByteWriter out;
  out.string(file.path);
  out.zigzag(file.facts.size_bytes);
  out.zigzag(file.facts.modified_us);
  return std::move(out).release();
}

Result<ListedFile> file_from_detail(const AssignedSplit& split) {
  ByteReader in(split.detail);
  ListedFile file{.path = std::string(in.string()), .name = split.name, .facts = {}};
  file.facts.size_bytes = in.zigzag();
  file.facts.modified_us = in.zigzag();
  if (in.failed() || in.remaining() != 0) return Error(ErrorKind::internal, "a split of files is damaged");
  return file;
}

Result<void> FilesSplitter::open(const SourceProgress* from, const StopAsked&) {
  if (from != nullptr) decided_ = *from;
  return {};
}

Result<Discovery> FilesSplitter::discover(bool) {
  const int64_t began_us = clock_.monotonic_us();
  WEIR_ASSIGN(std::vector<ListedFile> listed, listing_.list(files_));
  Discovery found{.splits = {}, .is_last = !spec_.watch};
  for (ListedFile& file : listed) WEIR_TRY(consider(std::move(file), found.splits));
  WEIR_TRY(require_half_read());
  const int64_t took_us = clock_.monotonic_us() - began_us;
  if (spec_.watch) found.next_us = began_us + std::max(spec_.scan_every_ms * 1000, took_us * kPausePerScan);
  return found;
}

/// Deals a file that no reader has, or leaves it for a later scan.
Result<void> FilesSplitter::consider(ListedFile file, std::vector<AssignedSplit>& splits) {
  if (dealt_.contains(file.name)) return {};  // its reader sees to it
  if (is_finished(file.name)) {
    FileStat& known = known_[file.name];
    if (known != file.facts) WEIR_TRY(require_same(file));
    known = file.facts;
    return {};
  }
  const auto started = decided_.partitions.find(file.name);
  const bool is_started = started != decided_.partitions.end();
  // An empty file says nothing, and somebody may be about to write it.
  if (!is_started && (file.facts.size_bytes == 0 || !settling_.is_settled(file))) return {};
  splits.push_back({.reader = static_cast<int>(hash64(file.name) % static_cast<uint64_t>(readers_)),
                    .name = file.name,
                    .from = is_started ? started->second : PartitionProgress(),
                    .detail = file_detail(file)});
  dealt_.emplace(file.name, file.facts);
  return {};
}

/// A file that was read, in this process or before, must still be what it was.
Result<void> FilesSplitter::require_same(const ListedFile& file) {
  WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files_.open(file.path));
  WEIR_ASSIGN(const std::string identity, file_identity(*input, file));
  if (decided_.find_finished(file.name)->identity_hash == identity_hash(identity)) return {};
  return Error(ErrorKind::position_lost,
               "'" + file.path +
                   "' was read to its end and has changed since; its new content would be lost. "
                   "Give the new content a new name, and put the old file back or remove it; to read all of it "
                   "again: `weir progress forget PIPELINE.yaml "
                   "--partition " +
                   file.name + " --reason TEXT`");
}

/// Files that progress says are half read must be there when they are dealt.
Result<void> FilesSplitter::require_half_read() const {
  for (const auto& [name, partition] : decided_.partitions) {
    if (dealt_.contains(name)) continue;
    return Error(ErrorKind::position_lost,
                 "'" + listing_.root() + "/" + name + "' was read up to record " + std::to_string(partition.next) +
                     " and is gone: its records from there on cannot be read. Put it back; to continue without them: "
                     "`weir progress forget PIPELINE.yaml --partition " +
                     name + " --reason TEXT`");
  }
  return {};
}

void FilesSplitter::release(const SourceProgress& durable) {
  decided_ = durable;
  std::erase_if(dealt_, [&](const auto& file) { return is_finished(file.first); });
}

}  // namespace weir::connector
