/// \file
/// Which Weir this is.
#pragma once

namespace weir::cli {

extern const char* const kVersion;  ///< "0.1.0"
/// The commit that the sources were at when this was built: 12 hex digits, or "unknown" outside of a git checkout.
extern const char* const kRevision;

}  // namespace weir::cli
