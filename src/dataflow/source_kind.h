/// \file
/// Kinds of sources: as kinds of steps (step_kind.h), for where events come from.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "codec/format_kind.h"
#include "config/file_errors.h"
#include "config/type_shape.h"
#include "dataflow/source.h"

namespace weir {

/// What the kinds of formats read of the keys of one source: by the kind's name.
using FormatParts = std::map<std::string, std::shared_ptr<void>>;

/// Which formats a source can read, for messages.
struct FormatsFit {
  bool codec::FormatKind::*fits;  ///< codec::FormatKind::fits_files, say
  std::string_view place;         ///< "files"
};

/// For people: "json or csv".
std::string names_that_fit(const codec::FormatKinds& kinds, bool codec::FormatKind::*fits);

/// Lets the kinds that fit describe their keys, among those of what a source reads from. The description's context has
/// the codec::FormatKinds.
void describe_formats(config::Description& place, FormatParts& parts, const FormatsFit& fit);

/// What a kind binds with.
struct SourceContext {
  const std::string& name;      ///< of the source
  const std::string& pipeline;  ///< its name
  const std::string& path;      ///< of the source in the file; the kind's own keys are below path.KEY
  /// Makes a path absolute that starts where the pipeline file stands.
  const std::function<std::string(const std::string& path)>& absolute;
  const codec::FormatKinds& formats;  ///< all that there are
  const codec::FormatKind& format;    ///< of its events
  size_t event_bytes_max = 0;
  int tasks = 1;
  config::FileErrors& errors;
};

/// The format of the source's events. `parts`: as describe_formats() filled them; `path`: of what the source reads
/// from. Adds to context.errors what is wrong with its keys, keys of other formats, and a format that does not fit.
codec::Format bind_format(const SourceContext& context, const FormatParts& parts, const std::string& path,
                          const FormatsFit& fit);

/// What a running pipeline gives its sources. The references outlive them.
struct SourceEnvironment {
  FileEnv& files;
  const Clock& clock;
  std::function<void(bool is_warning, std::string_view line)> log;  ///< lines for people; any thread; may be empty
  bool once = false;                                                ///< read what is there now and stop at its end
  bool wants_lines = false;                                         ///< some column takes the number of an event's line
  /// Whether a decoder can begin with these events, the first of a file; may be empty. Any thread. Errors: corrupt.
  std::function<Result<void>(const RawBatch& first)> check = {};
  /// Told the path of each file that is left to a later run, since it may still be written; any thread; may be empty.
  std::function<void(const std::string& path)> leave = {};
};

/// The files that a source reads, for who wants to look at one of them.
struct SourceFiles {
  std::string pattern;  ///< absolute: a file, a folder or a glob
};

/// A source that has been checked as far as that goes without its system.
struct BoundSource {
  codec::Format format = {};              ///< of its events; empty where nothing is known of it
  std::optional<SourceFiles> files = {};  ///< nothing: it reads no files
  int64_t fetch_bytes = 0;                ///< what the readers of all tasks hold of what they fetched ahead
  /// For people: "reading topic clicks at broker:9092".
  std::function<std::string(bool once)> summary = {};
  /// For people: why there was no event at all.
  std::string nothing_there = {};
  /// Empty when something is wrong. Errors: invalid_argument.
  std::function<Result<std::unique_ptr<SourceFactory>>(const SourceEnvironment& environment)> make = {};
};

/// One kind. A source in the file has the key of exactly one.
struct SourceKind {
  std::string key;
  std::function<std::shared_ptr<void>()> make_spec;
  std::function<bool(const void* spec)> is_given;
  /// Adds its key to the description of a source.
  std::function<void(config::Description& source, void* spec)> describe;
  /// Adds what is wrong to context.errors, all of it.
  std::function<BoundSource(const void* spec, const SourceContext& context)> bind;
};

/// A kind whose key is described as a Spec.
template <typename Spec>
SourceKind source_kind(const std::string& key, const std::string& doc,
                       BoundSource (*bind)(const Spec& spec, const SourceContext& context)) {
  using Part = std::optional<Spec>;
  return {.key = key,

          .make_spec = [] { return std::make_shared<Part>(); },
          .is_given = [](const void* spec) { return static_cast<const Part*>(spec)->has_value(); },
          .describe = [key, doc](config::Description& source,
                                 void* spec) { source.field(key, *static_cast<Part*>(spec)).doc(doc); },
          .bind = [bind](const void* spec,
                         const SourceContext& context) { return bind(**static_cast<const Part*>(spec), context); }};
}

}  // namespace weir
