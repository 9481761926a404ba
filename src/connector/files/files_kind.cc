#include "connector/files/files_kind.h"

#include <array>

#include "config/type_shape.h"
#include "connector/files/files_source.h"

namespace weir::connector {
namespace {

using config::Description;
using config::Duration;
using config::EnumName;

constexpr std::array kEncodings = {
    EnumName{"utf-8", static_cast<int64_t>(Encoding::utf8)},
    EnumName{"utf-16", static_cast<int64_t>(Encoding::utf16), "a byte order mark says in which order"},
    EnumName{"utf-16le", static_cast<int64_t>(Encoding::utf16le)},
    EnumName{"utf-16be", static_cast<int64_t>(Encoding::utf16be)},
    EnumName{"latin-1", static_cast<int64_t>(Encoding::latin1), "ISO 8859-1"},
    EnumName{"windows-1252", static_cast<int64_t>(Encoding::windows_1252)}};

enum class FilesMode { whole, append };

constexpr std::array kModes = {
    EnumName{"whole", static_cast<int64_t>(FilesMode::whole), "each is read once, when it is complete"},
    EnumName{"append", static_cast<int64_t>(FilesMode::append),
             "logs: lines are read as they come, through rotations"}};

constexpr std::array kOnBadFile = {
    EnumName{"dead_letter", static_cast<int64_t>(OnBadFile::dead_letter),
             "one row of class bad_file says so, and the file is read when its content changes"},
    EnumName{"halt", static_cast<int64_t>(OnBadFile::halt), "the run ends"}};

constexpr FormatsFit kFormats{.fits = &codec::FormatKind::fits_files, .place = "files"};

constexpr int64_t kOneDayMs = 86'400'000;

std::span<const EnumName> enum_names(FilesMode) {
  return kModes;
}

}  // namespace

std::span<const EnumName> enum_names(Encoding) {
  return kEncodings;
}
std::span<const EnumName> enum_names(OnBadFile) {
  return kOnBadFile;
}

namespace {

struct FilesKeys {
  config::Located<std::string> path;
  bool watch = true;
  config::Duration scan_every{1000};
  config::Duration settle{2000};
  FormatParts formats;
  Encoding encoding = Encoding::utf8;
  FilesMode mode = FilesMode::whole;
  OnBadFile on_bad_file = OnBadFile::dead_letter;
  config::Duration forget_after{0};  ///< 0: never
};

void describe(Description& d, FilesKeys& s) {
  d.structure("files_source", "Reads the files of a folder, plain, gzip or zstd.");
  d.shorthand("path");
  d.field("path", s.path)
      .required()
      .not_empty()
      .doc("A file, a folder, or a glob with * ? [...] and **.")
      .example("data/*.ndjson.gz");
  d.field("watch", s.watch).doc("Whether to go on looking for new files (`weir run --once` never does).");
  d.field("scan_every", s.scan_every)
      .min(Duration(50))
      .max(Duration(3'600'000))
      .doc("How often to look for new files.");
  d.field("settle", s.settle)
      .max(Duration(3'600'000))
      .doc(
          "How long a file must not have changed before it is read. `weir run --once` waits for up to 3 seconds, and "
          "leaves a file that takes longer to the next run.");
  describe_formats(d, s.formats, kFormats);
  d.field("encoding", s.encoding).doc("How the files' text is encoded.");
  d.field("mode", s.mode).doc("How files come to be.");
  d.field("on_bad_file", s.on_bad_file)
      .doc("What becomes of a file that is damaged, or not what its format says. Nothing of it lands.");
  d.field("forget_after", s.forget_after)
      .max(Duration(int64_t{36'500} * kOneDayMs))
      .doc(
          "How long the pipeline remembers a file that is gone, in days; one that comes back later is read again. 0: "
          "for ever.");
}

/// Adds what is wrong with keys that are right for themselves.
void check(const FilesKeys& keys, const std::string& path, const SourceContext& context) {
  config::FileErrors& errors = context.errors;
  const auto wrong = [&](const char* key, std::string why) {
    errors.at_path(config::path_key(path, key), std::move(why));
  };
  errors.refuse_url(*keys.path, config::path_key(path, "path"));
  const size_t open = keys.path->find('{');
  if (open != std::string::npos && keys.path->find(',', open) < keys.path->find('}', open))
    wrong("path", "'{a,b}' is not part of a glob here; use * ? [...] and **, or a source for each");
  const bool may_grow = context.format.fits_growing_files && keys.encoding == Encoding::utf8;
  if (keys.mode == FilesMode::append && !may_grow) {
    wrong("mode", "`append` is for lines of " +
                      names_that_fit(context.formats, &codec::FormatKind::fits_growing_files) + " in UTF-8");
  }
}

FilesSpec settings(const FilesKeys& keys, const std::string& path, const codec::Format& format,
                   const SourceContext& context) {
  FilesSpec files;
  files.source = context.name;
  files.path = path;
  files.make_framer = format.make_framer;
  files.encoding = keys.encoding;
  files.watch = keys.watch;
  files.scan_every_ms = keys.scan_every.count();
  files.settle_ms = keys.settle.count();
  files.record_bytes_max = context.event_bytes_max;
  files.append = keys.mode == FilesMode::append;
  files.on_bad_file = keys.on_bad_file;
  files.forget_after_days = static_cast<int>((keys.forget_after.count() + kOneDayMs - 1) / kOneDayMs);
  return files;
}

BoundSource bind_files(const FilesKeys& keys, const SourceContext& context) {
  const size_t errors = context.errors.count();
  const std::string place = config::path_key(context.path, "files");
  check(keys, place, context);
  const std::string path = keys.path->empty() ? std::string() : context.absolute(*keys.path);
  BoundSource bound;
  bound.format = bind_format(context, keys.formats, place, kFormats);
  bound.files = {.pattern = path};
  if (context.errors.count() != errors) return bound;
  bound.summary = [path, watch = keys.watch](bool once) {
    const bool watches = watch && !once;
    return (watches ? "watching " : "reading ") + path + (watches ? " for new files" : "");
  };
  bound.nothing_there = "no file was found at " + path;
  bound.make = [spec = settings(keys, path, bound.format, context)](
                   const SourceEnvironment& environment) -> Result<std::unique_ptr<SourceFactory>> {
    FilesSpec files = spec;
    files.watch = files.watch && !environment.once;
    files.count_lines = environment.wants_lines;
    files.check = environment.check;
    files.leave = environment.leave;
    files.log = [log = environment.log, name = files.source](bool is_warning, std::string_view line) {
      if (log) log(is_warning, "source '" + name + "': " + std::string(line));
    };
    return make_files_source(std::move(files), environment.files, environment.clock);
  };
  return bound;
}

}  // namespace

SourceKind files_kind() {
  return source_kind("files", "Files in a folder.", &bind_files);
}

}  // namespace weir::connector
