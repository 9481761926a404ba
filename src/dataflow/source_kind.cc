#include "dataflow/source_kind.h"

namespace weir {

std::string names_that_fit(const codec::FormatKinds& kinds, bool codec::FormatKind::*fits) {
  std::string names;
  for (const codec::FormatKind& kind : kinds) {
    if (kind.*fits) names += (names.empty() ? "" : " or ") + kind.name;
  }
  return names;
}

void describe_formats(config::Description& place, FormatParts& parts, const FormatsFit& fit) {
  for (const codec::FormatKind& kind : place.context<codec::FormatKinds>()) {
    if (kind.*fit.fits) kind.describe(place, (parts[kind.name] = kind.make_spec()).get());
  }
}

codec::Format bind_format(const SourceContext& context, const FormatParts& parts, const std::string& path,
                          const FormatsFit& fit) {
  for (const codec::FormatKind& kind : context.formats) {
    const auto part = parts.find(kind.name);
    if (part == parts.end() || kind.name == context.format.name) continue;
    for (const std::string_view key : kind.given(part->second.get())) {
      context.errors.at_path(config::path_key(path, std::string(key)),
                             "'" + std::string(key) + "' is for `format: " + kind.name + "`");
    }
  }
  const codec::FormatKind& kind = context.format;
  if (!(kind.*fit.fits)) {
    context.errors.at_path(config::path_key(context.path, "format"), "'" + kind.name + "' is not for " +
                                                                         std::string(fit.place) + ", which are " +
                                                                         names_that_fit(context.formats, fit.fits));
  }
  const auto part = parts.find(kind.name);
  const std::shared_ptr<void> spec = part == parts.end() ? kind.make_spec() : part->second;
  return kind.bind(spec.get(), path, context.errors);
}

}  // namespace weir
