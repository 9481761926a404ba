#include <algorithm>
#include <utility>

#include "connector/files/file_identity_internal.h"
#include "connector/files/splitter_internal.h"

namespace weir::connector {
namespace {

/// A scan takes no more than a tenth of a core, however many files there are.
constexpr int64_t kPausePerScan = 10;
constexpr int64_t kLookForGoneEveryUs = 3'600'000'000;
constexpr int64_t kDayMs = 86'400'000;

using State = FinishedPartition::State;

}  // namespace

Result<void> FilesSplitter::open(const SourceProgress* from, const StopAsked&) {
  if (from != nullptr) decided_ = *from;
  return {};
}

Result<Discovery> FilesSplitter::discover(bool) {
  const int64_t began_us = clock_.monotonic_us();
  Scan scan;
  WEIR_ASSIGN(scan.listed, listing_.list(files_));
  leave_out_second_names(scan.listed);
  for (ListedFile& file : scan.listed) {
    Result<void> considered = consider(file, scan);
    if (!considered.ok() && considered.error().kind() != ErrorKind::not_found) return std::move(considered).error();
  }
  WEIR_TRY(require_half_read());
  if (spec_.forget_after_days > 0) look_for_gone(scan);
  Discovery found{.splits = std::move(scan.splits), .is_last = !spec_.watch};
  const int64_t took_us = clock_.monotonic_us() - began_us;
  if (spec_.watch)
    found.next_us = began_us + std::max(spec_.scan_every_ms * 1000, took_us * kPausePerScan);
  else if (!scan.unsettled.empty())
    wait_or_leave(scan, found);
  return found;
}

/// One pass looks again while its patience lasts, and then says which files it leaves.
void FilesSplitter::wait_or_leave(const Scan& scan, Discovery& found) {
  const int64_t now_us = clock_.monotonic_us();
  if (once_until_us_ == 0) once_until_us_ = now_us + kOncePatienceMs * 1000;
  const int64_t look_us = now_us + scan.wait_ms * 1000;
  if (look_us <= once_until_us_) {
    found.is_last = false;
    found.next_us = look_us;
    return;
  }
  for (const std::string& path : scan.unsettled) {
    if (spec_.leave) spec_.leave(path);
  }
}

/// Whether a file has not changed for so long that nobody is writing it.
bool FilesSplitter::has_settled(const ListedFile& file, Scan& scan) {
  const int64_t wait_ms = settling_.wait_ms(file);
  if (wait_ms == 0) return true;
  scan.unsettled.push_back(file.path);
  scan.wait_ms = std::min(scan.wait_ms, wait_ms);
  return false;
}

bool FilesSplitter::is_known(std::string_view name) const {
  return dealt_.contains(name) || decided_.partitions.contains(name) || decided_.find_finished(name) != nullptr;
}

/// One file under several names (links) is read under one: a name that is known, else the first.
void FilesSplitter::leave_out_second_names(std::vector<ListedFile>& listed) {
  std::vector<const ListedFile*> by_inode;
  for (const ListedFile& file : listed) {
    if (file.facts.inode != 0) by_inode.push_back(&file);
  }
  const auto inode_of = [](const ListedFile* file) { return std::pair(file->facts.device, file->facts.inode); };
  std::stable_sort(by_inode.begin(), by_inode.end(),
                   [&](const ListedFile* a, const ListedFile* b) { return inode_of(a) < inode_of(b); });
  std::set<std::string> left_out;
  for (auto begin = by_inode.begin(); begin != by_inode.end();) {
    const auto end =
        std::find_if(begin, by_inode.end(), [&](const ListedFile* file) { return inode_of(file) != inode_of(*begin); });
    const auto known = std::find_if(begin, end, [&](const ListedFile* file) { return is_known(file->name); });
    const ListedFile* chosen = known == end ? *begin : *known;
    for (; begin != end; ++begin) {
      if (*begin == chosen) continue;
      left_out.insert((*begin)->name);
      if (second_names_.insert((*begin)->name).second)
        say("'" + (*begin)->path + "' is the same file as '" + chosen->name + "' (a link): it is read once");
    }
  }
  if (!left_out.empty()) std::erase_if(listed, [&](const ListedFile& file) { return left_out.contains(file.name); });
}

/// Deals a file that no reader has, or leaves it for a later scan.
Result<void> FilesSplitter::consider(ListedFile& file, Scan& scan) {
  if (dealt_.contains(file.name)) return {};  // its reader sees to it
  if (const FinishedPartition* entry = decided_.find_finished(file.name)) {
    WEIR_ASSIGN(const bool is_read, is_still_read(file, *entry, scan));
    if (is_read) return {};
  }
  const auto started = decided_.partitions.find(file.name);
  const bool is_started = started != decided_.partitions.end();
  // An empty file says nothing, and somebody may be about to write it.
  if (!is_started && (file.facts.size_bytes == 0 || (!spec_.append && !has_settled(file, scan)))) return {};
  if (!is_started) {
    WEIR_ASSIGN(const bool is_read, spec_.append ? is_rotated_copy(file, scan) : was_renamed(file, scan));
    if (is_read) return {};
  }
  scan.splits.push_back(assigned_news(reader_of(name_hash(file.name)), file.name, file,
                                      is_started ? started->second : PartitionProgress()));
  const FinishedPartition* before = decided_.find_finished(file.name);
  dealt_.emplace(file.name, before == nullptr ? FinishedPartition() : *before);
  return {};
}

/// A file that was read, in this process or before, must still be what it was; one that could not be read may have
/// become another.
Result<bool> FilesSplitter::is_still_read(const ListedFile& file, const FinishedPartition& entry, Scan& scan) {
  const uint64_t facts = facts_hash(file.facts);
  if (entry.facts_hash == facts && entry.gone_day == 0) return true;
  if (const auto at = looked_at_.find(file.name); at != looked_at_.end() && at->second == file.facts) return true;
  // Somebody may be copying the same content over it: what it becomes is judged once it is there.
  if (entry.facts_hash != facts && !has_settled(file, scan)) return true;
  bool is_same = entry.facts_hash == facts;
  FinishedPartition now = entry;
  if (!is_same && entry.state == State::of_version_1) {
    WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files_.open(file.path));
    WEIR_ASSIGN(const std::string identity, identity_of_version_1(*input, file));
    is_same = identity_hash(identity) == entry.content.low;
    if (is_same) {
      WEIR_ASSIGN(now.content, content_of(*input));
    }
    now.state = State::read;
  } else if (!is_same) {
    WEIR_ASSIGN(const Hash128 content, content_of_file(file));
    is_same = content == entry.content;
    if (!is_same && entry.state == State::bad) return false;
  }
  if (!is_same) {
    return Error(ErrorKind::position_lost,
                 "'" + file.path +
                     "' was read to its end and has changed since; its new content would be lost. "
                     "Give the new content a new name, and put the old file back or remove it; to read all of it "
                     "again: `weir progress forget PIPELINE.yaml "
                     "--partition " +
                     file.name + " --reason TEXT`");
  }
  now.facts_hash = facts;
  now.gone_day = 0;
  note(file.name, KnownFile{now}, scan);
  looked_at_[file.name] = file.facts;
  return true;
}

/// A rename: a file that was read is not there any more, and this one has its size, time, inode and content.
Result<bool> FilesSplitter::was_renamed(const ListedFile& file, Scan& scan) {
  if (file.facts.inode == 0 || decided_.finished.empty()) return false;
  if (!scan.gone) {
    scan.gone.emplace();
    decided_.finished.for_each([&](const FinishedPartition& entry) {
      if (entry.state == State::read && !scan.is_there(entry.name_hash)) scan.gone->emplace(entry.facts_hash, entry);
    });
  }
  const auto [begin, end] = scan.gone->equal_range(facts_hash(file.facts));
  if (begin == end) return false;
  WEIR_ASSIGN(const Hash128 content, content_of_file(file));
  const auto same = std::find_if(begin, end, [&](const auto& gone) { return gone.second.content == content; });
  if (same == end) return false;
  FinishedPartition entry = same->second;
  entry.name_hash = name_hash(file.name);
  entry.gone_day = 0;
  note(file.name, KnownFile{entry}, scan);
  dealt_.emplace(file.name, FinishedPartition());
  say("'" + file.path + "' was read under another name: it is not read again");
  return true;
}

/// Notes which files are gone, and forgets those that are for long.
void FilesSplitter::look_for_gone(Scan& scan) {
  if (clock_.monotonic_us() < next_gone_us_) return;
  next_gone_us_ = clock_.monotonic_us() + kLookForGoneEveryUs;
  const auto today = static_cast<uint16_t>(clock_.wall_ms() / kDayMs);
  decided_.finished.for_each([&](const FinishedPartition& entry) {
    if (scan.is_there(entry.name_hash)) return;
    if (entry.gone_day == 0) {
      FinishedPartition gone = entry;
      gone.gone_day = today;
      note("", KnownFile{gone}, scan);
    } else if (today - entry.gone_day >= spec_.forget_after_days) {
      note("", ForgottenFile{entry.name_hash}, scan);
    }
  });
}

Result<Hash128> FilesSplitter::content_of_file(const ListedFile& file) {
  WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files_.open(file.path));
  return content_of(*input);
}

/// Only readers have a part in progress: one of them notes it.
void FilesSplitter::note(const std::string& name, const FileNews& news, Scan& scan) const {
  scan.splits.push_back(assigned_news(0, name, news));
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
  std::erase_if(dealt_, [&](const auto& file) {
    const FinishedPartition* entry = decided_.find_finished(file.first);
    return entry != nullptr && *entry != file.second && !decided_.partitions.contains(file.first);
  });
}

void FilesSplitter::say(const std::string& line) const {
  if (spec_.log) spec_.log(true, line);
}

}  // namespace weir::connector
