/// \file
/// Names of the config module for headers that need no more than the name.
#pragma once

namespace weir::config {
class Description;
class Diagnostics;
class Document;
class Node;
class Secret;
struct ByteSize;
struct Diagnostic;
struct Position;
struct References;
}  // namespace weir::config
