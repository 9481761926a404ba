/// \file
/// What the splitter of files tells a reader: a file to read, or something to note in progress.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/result.h"
#include "connector/files/file_listing_internal.h"
#include "dataflow/source.h"
#include "event/progress.h"

namespace weir::connector {

/// A file that was read, and of which something new is known.
struct KnownFile {
  FinishedPartition entry;
};
/// A file that is gone, and whose name means nothing any more.
struct ForgottenFile {
  uint64_t name_hash = 0;
};
using FileNews = std::variant<ListedFile, KnownFile, ForgottenFile>;

/// `name`: of the file, where it is known.
AssignedSplit assigned_news(int reader, const std::string& name, const FileNews& news, PartitionProgress from = {});
/// Errors: internal, for anything that assigned_news() does not make.
Result<FileNews> news_of(const AssignedSplit& split);

}  // namespace weir::connector
