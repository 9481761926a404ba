#include <algorithm>
#include <array>
#include <utility>

#include "base/hash.h"
#include "connector/files/decompressor.h"
#include "connector/files/growing_file_internal.h"
#include "connector/files/rotation_internal.h"
#include "connector/files/splitter_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kFilesOfANameMax = 64;
constexpr size_t kFirstBytes = 64;  // of a file, where compression shows

constexpr std::array<std::string_view, 7> kPacked = {".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip", ".Z"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// ".1", "-20261130", ".2026-11-30T10:00Z", "_3", ".old".
bool is_rotation_mark(std::string_view text) {
  if (text.size() < 2 || std::string_view(".-_").find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  if (text == "old" || text == "bak") return true;
  const bool is_number_or_date = std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || std::string_view(".-_:TZ").find(c) != std::string_view::npos;
  });
  return is_number_or_date && std::any_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::string rotated_from(std::string_view name, const std::function<bool(const std::string&)>& is_log) {
  std::string_view plain = name;
  for (const std::string_view end : kPacked) {
    if (plain.ends_with(end)) plain.remove_suffix(end.size());
  }
  const bool is_packed = plain.size() != name.size();
  if (is_packed && is_log(std::string(plain))) return std::string(plain);
  const size_t folder = plain.find_last_of('/') + 1;  // npos + 1 is 0
  for (size_t size = plain.size(); size-- > folder + 1;) {
    if (is_rotation_mark(plain.substr(size)) && is_log(std::string(plain.substr(0, size))))
      return std::string(plain.substr(0, size));
  }
  return {};
}

FinishedPartition rotated_entry(const ReadOfLog& whole) {
  const std::string text = "rotated:" + whole.identity + ":" + std::to_string(whole.bytes);
  return {.name_hash = name_hash(text), .content = {.low = hash64(text), .high = 0}, .facts_hash = 1};
}

void RotationLog::note(const std::string& name, ReadOfLog read, bool is_new) {
  const std::scoped_lock lock(mutex_);
  std::vector<ReadOfLog>& files = read_[name];
  if (!files.empty() && !is_new)
    files.back() = std::move(read);
  else
    files.push_back(std::move(read));
  if (files.size() > kFilesOfANameMax) files.erase(files.begin());
}

std::map<std::string, std::vector<ReadOfLog>> RotationLog::all() const {
  const std::scoped_lock lock(mutex_);
  return read_;
}

/// A file that was read under another name, which stands for another file by now: its first reader finishes it.
Result<bool> FilesSplitter::is_rotated_copy(const ListedFile& file, Scan& scan) {
  if (const auto at = copies_.find(file.name); at != copies_.end() && at->second == file.facts) return true;
  const auto is_log = [&](const std::string& name) { return scan.is_there(name_hash(name)) || is_known(name); };
  const std::string log = rotated_from(file.name, is_log);
  if (!log.empty()) {
    if (second_names_.insert(file.name).second)
      say("'" + file.path + "' is taken for a rotated copy of '" + log + "', and is not read by itself");
    return true;
  }
  WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files_.open(file.path));
  std::string head(kFirstBytes, '\0');
  WEIR_ASSIGN(const size_t head_size, input->read_at(0, head.size(), head.data()));
  head.resize(head_size);
  if (compression_of(file.path, head) != Compression::none) {
    if (second_names_.insert(file.name).second)
      say("'" + file.path +
          "' is packed, so nobody writes to it: it is taken for a rotated copy, and is not read by itself");
    return true;
  }
  WEIR_ASSIGN(const Likeness likeness, likeness_of(*input, file, scan));
  if (likeness == Likeness::copy) copies_[file.name] = file.facts;
  return likeness != Likeness::other;
}

/// What `file` is, by its content, to all that was read under other names.
Result<FilesSplitter::Likeness> FilesSplitter::likeness_of(ReadableFile& input, const ListedFile& file, Scan& scan) {
  WEIR_ASSIGN(const std::string whole, growing_identity(input, file.path, file.facts.size_bytes));
  const ReadOfLog all{.bytes = file.facts.size_bytes, .identity = whole};
  if (decided_.finished.find(rotated_entry(all).name_hash) != nullptr) return Likeness::copy;
  std::map<std::string, std::vector<ReadOfLog>> logs = rotations_.all();
  for (const auto& [name, progress] : decided_.partitions) {
    if (!progress.identity.empty() && logs[name].empty())
      logs[name].push_back({.bytes = progress.next_byte, .identity = progress.identity});
  }
  for (const auto& log : logs) {
    const std::string& name = log.first;
    const std::vector<ReadOfLog>& reads = log.second;
    if (name == file.name) continue;
    const bool is_one_before = std::any_of(reads.begin(), reads.end(), [&](const ReadOfLog& read) {
      return &read != &reads.back() && read.bytes == all.bytes && read.identity == all.identity;
    });
    if (is_one_before) return Likeness::copy;
    if (reads.empty() || reads.back().bytes > all.bytes) continue;
    WEIR_ASSIGN(const std::string identity, growing_identity(input, file.path, reads.back().bytes));
    if (identity != reads.back().identity) continue;
    // It begins with all that was read of the log. So it is the log's, when the log is another file now, and to be read
    // to its end under that name. Else it is a copy that is about to be cut off, or another log that begins alike: that
    // shows soon.
    WEIR_ASSIGN(const bool is_live, is_still_there(name, reads.back()));
    WEIR_ASSIGN(const bool is_prefix, is_still_there(name, all));
    if (!is_live || (is_prefix && !has_settled(file, scan))) return Likeness::undecided;
  }
  return Likeness::other;
}

/// Whether the file under a log's name begins with what was read.
Result<bool> FilesSplitter::is_still_there(const std::string& name, const ReadOfLog& read) {
  const std::string path = listing_.root() + "/" + name;
  const Result<std::unique_ptr<ReadableFile>> input = files_.open(path);
  if (!input.ok()) {
    if (input.error().kind() == ErrorKind::not_found) return false;  // it is being rotated
    return input.error();
  }
  WEIR_ASSIGN(const std::string identity, growing_identity(**input, path, read.bytes));
  return identity == read.identity;
}

}  // namespace weir::connector
