/// \file
/// Names of the base module for headers that need no more than the name.
#pragma once

namespace weir {
class Clock;
class Error;
class FileEnv;
class RandomSource;
template <typename T>
class Result;
}  // namespace weir
