#include "base/bytes.h"
#include "connector/files/file_split_internal.h"

namespace weir::connector {
namespace {

enum class Kind : uint8_t { listed, known, forgotten };

struct Writer {
  ByteWriter& out;

  void operator()(const ListedFile& file) const {
    out.fixed(Kind::listed);
    out.string(file.path);
    out.fixed(file.facts.size_bytes);
    out.fixed(file.facts.modified_us);
    out.fixed(file.facts.device);
    out.fixed(file.facts.inode);
  }
  void operator()(const KnownFile& known) const {
    out.fixed(Kind::known);
    out.fixed(known.entry.name_hash);
    out.fixed(known.entry.content.low);
    out.fixed(known.entry.content.high);
    out.fixed(known.entry.facts_hash);
    out.fixed(known.entry.gone_day);
    out.fixed(known.entry.state);
  }
  void operator()(const ForgottenFile& forgotten) const {
    out.fixed(Kind::forgotten);
    out.fixed(forgotten.name_hash);
  }
};

FileNews read(const std::string& name, ByteReader& in) {
  switch (in.fixed<Kind>()) {
    case Kind::listed: {
      ListedFile file{.path = std::string(in.string()), .name = name, .facts = {}};
      file.facts.size_bytes = in.fixed<int64_t>();
      file.facts.modified_us = in.fixed<int64_t>();
      file.facts.device = in.fixed<uint64_t>();
      file.facts.inode = in.fixed<uint64_t>();
      return file;
    }
    case Kind::known: {
      KnownFile known;
      known.entry.name_hash = in.fixed<uint64_t>();
      known.entry.content.low = in.fixed<uint64_t>();
      known.entry.content.high = in.fixed<uint64_t>();
      known.entry.facts_hash = in.fixed<uint64_t>();
      known.entry.gone_day = in.fixed<uint16_t>();
      known.entry.state = in.fixed<FinishedPartition::State>();
      return known;
    }
    case Kind::forgotten: return ForgottenFile{.name_hash = in.fixed<uint64_t>()};
  }
  in.fail();
  return {};
}

}  // namespace

AssignedSplit assigned_news(int reader, const std::string& name, const FileNews& news, PartitionProgress from) {
  ByteWriter out;
  std::visit(Writer{out}, news);
  return {.reader = reader, .name = name, .from = std::move(from), .detail = std::move(out).release()};
}

Result<FileNews> news_of(const AssignedSplit& split) {
  ByteReader in(split.detail);
  FileNews news = read(split.name, in);
  if (in.failed() || in.remaining() != 0) return Error(ErrorKind::internal, "a split of files is damaged");
  return news;
}

}  // namespace weir::connector
