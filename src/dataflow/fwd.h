/// \file
/// Names of the dataflow module for headers that need no more than the name.
#pragma once

namespace weir {
class Collector;
class CpuClock;
class Graph;
class Operator;
class SinkCommitter;
class SinkWriter;
class SourceFactory;
class SourceReader;
class SourceSplitter;
struct EpochResult;
struct Rejects;
}  // namespace weir
