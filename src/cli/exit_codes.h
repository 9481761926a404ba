/// \file
/// Exit codes. Scripts depend on them: they never change meaning.
#pragma once

namespace weir::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage =
    2;  ///< wrong arguments or configuration; for `plan --detailed-exitcode`: there are changes
inline constexpr int kExitFenced = 12;  ///< a newer process of the same pipeline took over

}  // namespace weir::cli
