/// \file
/// The processor time of threads, from the operating system.
#pragma once

#include "dataflow/cpu_clock.h"

namespace weir::runtime {

/// Lives for the whole process.
const CpuClock& thread_cpu_clock();

}  // namespace weir::runtime
