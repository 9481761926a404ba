/// \file
/// Exit codes. Scripts depend on them: they never change meaning.
#pragma once

namespace weir::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
/// Wrong arguments or configuration; for `plan --detailed-exitcode`: there are changes.
inline constexpr int kExitUsage = 2;
/// A newer process of the same pipeline took over.
inline constexpr int kExitFenced = 12;
/// Ctrl-C ended the command before it was done, as shells number it (128 + SIGINT).
inline constexpr int kExitInterrupted = 130;

}  // namespace weir::cli
